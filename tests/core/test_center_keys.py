"""What counts in a center's name: the letters and digits that people read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.center_keys import center_key
from backend.core.centers import Directory

# Each kind of difference that nobody means, in one way of writing `TOFA Tellapur` each.
SAME = {
    "case": "tofa TELLAPUR",
    "spaces": "  TOFA \t Tellapur\n",
    "no-break space": "TOFA\u00a0Tellapur",
    "narrow no-break space": "TOFA\u202fTellapur",
    "ideographic space": "TOFA\u3000Tellapur",
    "invisible letter as a space": "TOFA \u3164Tellapur",
    "braille blank": "TOFA\u2800Tellapur",
    "zero-width space": "\u200bTOFA Tella\u200bpur",
    "zero-width joiners": "TOFA Tel\u200cla\u200dpur",
    "word joiner": "TOFA\u2060 Tellapur",
    "byte order mark": "\ufeffTOFA Tellapur",
    "soft hyphen": "TOFA Tella\u00adpur",
    "direction marks": "\u200eTOFA Tellapur\u200f",
    "direction embedding": "\u202aTOFA Tellapur\u202c",
    "direction isolate": "\u2068TOFA Tellapur\u2069",
    "combining grapheme joiner": "TOFA Tel\u034flapur",
    "variation selector": "TOFA\ufe0f Tellapur\ufe0e",
    "tag characters": "TOFA Tellapur\U000e0020",
    "control characters": "TOFA\x00 Tella\x7fpur\x08",
    "full-width letters": "".join(chr(0xFEE0 + ord(one)) for one in "TOFA") + " Tellapur",
    "bold letters": "\N{MATHEMATICAL BOLD CAPITAL T}OFA Tellapur",
    "accents": "TÓFA Téllàpür",
    "accents of their own": "TOFA Te\u0301llapur",
    "hyphen": "TOFA-Tellapur",
    "dash": "TOFA – Tellapur",
    "no-break hyphen": "TOFA\u2011Tellapur",
    "minus": "TOFA \u2212 Tellapur",
    "underscore": "tofa_tellapur",
    "full stop": "TOFA Tellapur.",
    "several at the end": "TOFA Tellapur ;…!",
    "apostrophe of a spreadsheet": "'TOFA Tellapur",
    "quotes": "“TOFA Tellapur”",
    "bullet": "• TOFA Tellapur",
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_what_does_not_count(text: str) -> None:
    assert center_key(text) == "tofa tellapur"
    assert Directory([(1, "TOFA Tellapur")]).find(text) == 1
    # Also where the center's own name has it.
    assert Directory([(1, text)]).find("TOFA Tellapur") == 1
    assert Directory([(2, "TOFA")], [(1, text)]).find("TOFA Tellapur") == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("TOFA Tellapur", "TOFATellapur"),
        ("TOFA 1", "TOFA 11"),
        ("TOFA +", "TOFA"),
        ("TOFA, Tellapur", "TOFA Tellapur"),
        ("कम", "कमी"),  # a vowel sign is a letter
        ("क्ष", "कष"),
        ("గచ్చి", "గచి"),
        ("が", "か"),
        ("Åre 5", "Åre 6"),
    ],
)
def test_what_counts(first: str, second: str) -> None:
    assert center_key(first) != center_key(second)


def test_apostrophes_are_one() -> None:
    assert {center_key(f"O{one}Brien") for one in "'\u2018\u2019\u02bc\u0060"} == {"o'brien"}


@pytest.mark.parametrize("text", ["", " ", "\u200b", "-", "\u00a0\ufeff", "\0", "_"])
def test_nobody_sees_anything(text: str) -> None:
    assert center_key(text) == ""
    assert Directory([(1, text), (2, "x")]).find("\u200b \u200b") is None


def test_punctuation_alone_is_a_name() -> None:
    assert center_key(" ... ") == "..."


@given(st.text(max_size=12))
def test_a_key_is_its_own_key(text: str) -> None:
    key = center_key(text)
    assert center_key(key) == key
    assert center_key(f"\u2067 {text}\u00a0\u200b") == key
