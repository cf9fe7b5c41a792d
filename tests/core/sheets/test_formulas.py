"""No cell of an export is a formula, and every text comes back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.sheets.formulas import RISKY, escape, is_risky, neutralise, restore

# Texts of the kind that matters here come up by chance too seldom.
TEXTS = st.text() | st.from_regex(f"\\A'{{0,3}}[{RISKY}].{{0,3}}")


@given(TEXTS)
def test_what_is_neutralised_is_no_formula_and_comes_back(text: str) -> None:
    assert not is_risky(neutralise(text))
    assert restore(neutralise(text)) == text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_starts_a_formula(start: str) -> None:
    assert neutralise(f"{start}1") == f"'{start}1"


@given(TEXTS)
def test_what_is_escaped_comes_back(text: str) -> None:
    assert restore(escape(text)) == text


@given(st.text(st.characters(exclude_characters=f"'{RISKY}"), min_size=1), st.text())
def test_other_texts_stay(first: str, more: str) -> None:
    assert neutralise(first + more) == escape(first + more) == restore(first + more) == first + more


@pytest.mark.parametrize(
    ("text", "neutralised"),
    [
        ("+91 98480 22338", "'+91 98480 22338"),
        ('=HYPERLINK("http://x.example")', '\'=HYPERLINK("http://x.example")'),
        ("\t=1+1", "'\t=1+1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("'=1+1", "''=1+1"),
        ("''", "''"),
        ("O’Brien", "O’Brien"),
        ("'Aarav'", "'Aarav'"),
        ("", ""),
    ],
)
def test_examples(text: str, neutralised: str) -> None:
    assert neutralise(text) == neutralised
