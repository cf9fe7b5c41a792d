"""What is read from the names that people and programs write."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core import names


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Naira Probe", "Naira Probe"),
        ("  Naira \t Probe\n", "Naira Probe"),
        ("Naira\u00a0Probe", "Naira Probe"),
        ("\u200bNaira\u200e Pro\u00adbe\ufeff", "Naira Probe"),
        ("\u202aNaira Probe\u202c", "Naira Probe"),
        ("Nai\x00ra\x7f", "Naira"),
        ("Jose\u0301", "José"),
        ("प्रिया", "प्रिया"),
        # Joiners choose the form of a letter in these scripts, and mean nothing elsewhere
        ("ശ്രീ\u200dമതി", "ശ്രീ\u200dമതി"),
        ("Na\u200dira", "Naira"),
        ("test", "test"),
        (".", "."),
        ("\u2003\u200b", None),
        ("\u3164\u2800", None),
        (" ", None),
        ("", None),
        (None, None),
    ],
)
def test_a_name_is_kept_as_it_looks(written: str | None, kept: str | None) -> None:
    assert names.clean(written) == kept


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        (("Naira", "Probe"), "Naira Probe"),
        (("Naira", "Devi", "Probe"), "Naira Devi Probe"),
        (("Naira ", "\u200b", " Probe"), "Naira Probe"),
        (("Naira Probe", "Probe"), "Naira Probe"),
        (("Naira PROBE", "probe"), "Naira PROBE"),
        (("Naira", "Naira Probe"), "Naira Probe"),
        (("Probe", "Probe"), "Probe"),
        (("Ann", "Anna"), "Ann Anna"),
        (("Hanna", "Anna"), "Hanna Anna"),
        (("Na", "Li"), "Na Li"),
        (("Jin", "Na"), "Jin Na"),
        (("Naira", "."), "Naira"),
        (("Naira", "NA"), "Naira"),
        (("Naira", "undefined"), "Naira"),
        (("Naira", "NaN"), "Naira"),
        (("Naira", "Not Available"), "Naira"),
        (("Naira", "[not provided]"), "Naira"),
        (("Not Provided", "Probe"), "Probe"),
        ((".", "Probe"), "Probe"),
        (("null", "Probe"), "Probe"),
        (("N/A", "Probe"), "Probe"),
        (("NA", "Probe"), "NA Probe"),
        (("-", "-"), "-"),
        (("Naira", None), "Naira"),
        ((None, "Probe"), "Probe"),
        ((None, "\u200b"), None),
        ((), None),
    ],
)
def test_first_and_last_name_are_one(parts: tuple[str | None, ...], whole: str | None) -> None:
    assert names.join(*parts) == whole


@pytest.mark.parametrize("seen", ["a", "\u200ba", ".", "\u0915\u094d"])
def test_what_is_blank(seen: str) -> None:
    assert not names.is_blank(seen)
    assert all(map(names.is_blank, ("", "  ", " \t", "\u200b", "\u00a0\u202e", "\u2800 ")))


@pytest.mark.parametrize(
    "written",
    ["test", "TEST", "Testing", "Test 1", "test_user", "(test)", "test test", "Test Lead 2", "demo",
     "dummy", "na", "NA", "N/A", "n.a.", "N A", "none", "null", "nan", "undefined", "Unknown",
     "no name", "Not available", "name", "Full Name", "your name", "player's name", "xxx", "x",
     "xyz", "abc", "asdf", "qwerty", "aaaa", "zzz", ".", "-", "--", "?", "...", "12345", "१२३",
     "7013010001", "+91 70130 10001", "p:+917013010001", "Mob 7013010001", "naira@example.com",
     "null null", "NA NA", "undefined undefined", "unknown name", "not sure", "(blank)", "#REF!",
     "#VALUE!", "#NAME?", "[object Object]", "{{full_name}}", "same as above", "WhatsApp User",
     "Facebook User", "New lead", "Facebook Lead", "JustDial User", "Parent", "Student", "Lead",
     "Enquiry", "Name not given", "don't know", "[not provided]", "my son", "अज्ञात", "తెలియదు",
     "https://example.com/a", "🙂", "नाम", "టెస్ట్", "\u200b", "", None],
)  # fmt: skip
def test_placeholders(written: str | None) -> None:
    assert not names.key(written)
    assert names.key(written) == ""


@pytest.mark.parametrize(
    "written",
    ["Om", "Jo", "Na Li", "Xi", "Nil", "No", "Ab", "Nam", "Nathan", "Anna", "Nana", "Testa Rossa",
     "Test Kumar", "Demon Hill", "Sample Singh", "Abcede", "Xavier", "D'Souza", "A1 Kumar",

     "Baby", "Student Kumar", "User Singh", "Refa", "Child Rao", "Child 11", "Player 2",
     "Ravi 7013010001", "O", "李", "మణి", "ओम", "Noname Singh", "Ph Kumar", "Unknown Singh"],
)  # fmt: skip
def test_names(written: str) -> None:
    """Short ones and those that begin like a placeholder too."""
    assert names.key(written)
    assert names.key(written) == names.folded(written) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Naira Probe", " naira  PROBE "),
        ("José Ángel", "jose angel"),
        ("Weiß", "WEISS"),
        ("Ｎａｉｒａ", "Naira"),  # noqa: RUF001
        ("O’Brien", "O'Brien"),
        ("Anne\u2011Marie", "Anne-Marie"),
        ("Nai\u200bra", "Naira"),
        ("Zo\u00adya", "Zoya"),
        # The nukta and Arabic's points are often left out, the joiner doesn't show
        ("ज़ोया", "जोया"),
        ("مُحَمَّد", "محمد"),
        ("ശ്രീ\u200dമതി", "ശ്രീമതി"),
        ("Νίκος", "ΝΙΚΟΣ"),
    ],
)
def test_the_same_name(one: str, other: str) -> None:
    assert names.key(one) == names.key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("प्रिया", "परिया"),
        ("राम", "रमा"),
        ("रवि", "रवी"),
        ("मीना", "मना"),
        ("సీత", "సత"),
        ("రాము", "రమ"),
        ("లక్ష్మి", "లకషమి"),
        ("かな", "がな"),
        ("Naira", "Naire"),
    ],
)
def test_another_name(one: str, other: str) -> None:
    """The vowel signs and the virama of a script are letters, not accents."""
    assert names.key(one) != names.key(other)


@given(st.text())
def test_a_kept_name_stays_as_it_is(written: str) -> None:
    kept = names.clean(written)
    assert names.clean(kept) == kept
    assert names.key(kept) == names.key(written)
    assert kept is None or kept == unicodedata.normalize("NFC", kept).strip()


@given(st.text())
def test_a_key_is_the_key_of_itself(written: str) -> None:
    assert names.folded(names.folded(written)) == names.folded(written)
    assert names.key(names.key(written)) == names.key(written)


@given(
    st.text(st.characters(categories=["Lo", "Mn", "Mc"], min_codepoint=0x900, max_codepoint=0xDFF))
)
def test_indian_scripts_keep_their_signs(written: str) -> None:
    """Only a nukta is dropped."""
    kept = [
        char for char in unicodedata.normalize("NFKD", written) if unicodedata.combining(char) != 7
    ]
    assert names.folded(written) == unicodedata.normalize("NFC", "".join(kept))


@given(st.text(), st.text())
def test_a_last_name_is_never_doubled(first: str, last: str) -> None:
    whole = names.join(first, last)
    assert names.join(whole, last) == whole
    assert names.join(first, first) == names.clean(first)
