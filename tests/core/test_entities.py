"""Texts that a program has written for a web page."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.entities import unescaped


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("D&#39;Souza", "D'Souza"),
        ("D&#x27;Souza &amp; sons", "D'Souza & sons"),
        ("O&amp;#39;Brien", "O'Brien"),
        ("TOFA&nbsp;Tellapur", "TOFA\u00a0Tellapur"),
        ("&lt;b&gt;", "<b>"),
        # What isn't HTML's
        ("AT&T; R&D", "AT&T; R&D"),
        ("Lake&Park", "Lake&Park"),
        ("&copy 2026; &x", "&copy 2026; &x"),
        ("a & b;", "a & b;"),
        ("&#0;", "\ufffd"),
        ("&#9999999;&#39;", "\ufffd'"),
        ("", ""),
    ],
)
def test_entities(text: str, seen: str) -> None:
    assert unescaped(text) == seen


@given(st.text(st.characters(exclude_characters="&")))
def test_what_was_escaped_is_the_text_again(text: str) -> None:
    assert unescaped(html.escape(text)) == unescaped(html.escape(html.escape(text))) == text
