"""Names are compared however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.vocabulary.folding import fold, words


@pytest.mark.parametrize(
    "name",
    [
        "phone_number", "Phone Number", "PHONE-NUMBER", "phoneNumber", "PhoneNumber",
        "Phone number*", "Phone&nbsp;number",
        " phone   number : ", "Phone\u00a0Number?", "\ufeffphone_number", "pho\u200bne number",
        "phone\u00adnumber", "(Phone) number", "Phóne númber", "\uff30hone number",
    ],
)  # fmt: skip
def test_one_name_in_many_ways(name: str) -> None:
    assert fold(name) == "phonenumber"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Child's Name", "childs name"),
        ("D.O.B.", "d o b"),
        ("firstName", "first name"),
        ("HTTPStatus", "http status"),
        ("फ़ोन नंबर", "फोन नंबर"),
        ("Straße", "strasse"),
        ("e-mail", "e mail"),
        ("", ""),
        ("?*", ""),
    ],
)
def test_the_words_of_a_name(name: str, said: str) -> None:
    assert words(name) == said


@given(st.text())
def test_a_folded_name_stays_as_it_is(name: str) -> None:
    assert fold(fold(name)) == fold(name) == fold(f" {name}? ")
    assert " " not in fold(name)
