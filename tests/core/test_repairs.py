"""Texts that a program has written for a web page, or read in a wrong encoding."""

# ruff: noqa: RUF001  characters that look like others are what is tested

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.repairs import repaired


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
    assert repaired(text) == seen


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Dâ€™Souza", "D’Souza"),
        ("JosÃ© â€“ MÃ¼ller", "José – Müller"),
        ("à¤®à¥€à¤°à¤¾ à¤¶à¤°à¥\x8dà¤®à¤¾", "मीरा शर्मा"),
        ("+91Â\u00a070130Â\u00a010001", "+91\u00a070130\u00a010001"),
        ("ðŸ™‚", "🙂"),
        # Letters that are what they seem
        ("José", "José"),
        ("São João", "São João"),
        ("Âge", "Âge"),
        ("à la carte", "à la carte"),
        ("मीरा", "मीरा"),
        ("Ã€ मीरा", "Ã€ मीरा"),
    ],
)
def test_a_wrong_encoding(text: str, seen: str) -> None:
    assert repaired(text) == seen


@given(st.text(st.characters(exclude_characters="&")).filter(lambda text: repaired(text) == text))
def test_a_text_in_a_wrong_encoding_is_the_text_again(text: str) -> None:
    wrong = "".join(
        bytes([byte]).decode("cp1252") if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(byte)
        for byte in text.encode()
    )
    assert repaired(wrong) == text


@given(st.text(st.characters(exclude_characters="&")).filter(lambda text: repaired(text) == text))
def test_what_was_escaped_is_the_text_again(text: str) -> None:
    assert repaired(html.escape(text)) == repaired(html.escape(html.escape(text))) == text
