"""One value of a field from several columns."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.vocabulary import values
from backend.core.vocabulary.synonyms import tier
from backend.core.vocabulary.values import Said, Value


def said(field: str, **texts: str) -> list[Said]:
    """What columns say; a name's underscores are as in a header."""
    return values.believed(Said(tier(name, field), name, text) for name, text in texts.items())


def text(value: Value | None) -> str | None:
    return value.text if value else None


@pytest.mark.parametrize(
    ("columns", "phone"),
    [
        ({"phone": "7013010011"}, "7013010011"),
        ({"whatsapp_number": "7013010012", "phone": "7013010011"}, "7013010011 / 7013010012"),
        ({"phone": "7013010011", "whatsapp_number": "+91 70130 10011"}, "7013010011"),
        ({"phone": "7013010011 / 7013010012", "mobile_2": "+917013010012"},
         "7013010011 / 7013010012"),
        ({"phone": "NA", "whatsapp_number": "7013010012"}, "7013010012"),
        ({"phone": "ask at the office", "mobile": "later"}, "ask at the office"),
        ({"phone": "७०१३०१००११", "whatsapp_number": "7013010011"}, "७०१३०१००११"),
        # The country's code in a column of its own, where it makes a number of it
        ({"phone": "7911123499", "country_code": "+44"}, "+44 7911123499"),
        ({"phone": "501234568", "isd_code": "00971"}, "+971 501234568"),
        ({"phone": "7013010011", "country_code": "(+91)"}, "+91 7013010011"),
        ({"phone": "7013010011", "mobile_2": "7013010012", "country_code": "91"},
         "+91 7013010011 / 7013010012"),
        ({"phone": "+447911123499", "country_code": "+91"}, "+447911123499"),
        ({"phone": "917013010011", "country_code": "91"}, "917013010011"),
        ({"phone": "70130", "country_code": "91"}, "70130"),
        ({"phone": "7013010011", "country_code": "IN"}, "+91 7013010011"),
        ({"phone": "0501234568", "country_code": "UAE"}, "+971 0501234568"),
        ({"phone": "07911123499", "country_code": "United Kingdom (+44)"}, "+44 07911123499"),
        ({"phone": "7013010011", "country_code": "Oz"}, "7013010011"),
        # An area's code, which only a local number needs
        ({"phone": "23456789", "std_code": "040"}, "040 23456789"),
        ({"phone": "223344", "std_code": "8455"}, "08455 223344"),
        ({"phone": "23456789", "std_code": "040", "country_code": "91"}, "+91 040 23456789"),
        ({"phone": "7013010011", "std_code": "040"}, "7013010011"),
        ({"phone": "7013010011", "area_code": "502032"}, "7013010011"),
        ({"country_code": "91"}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_all_different_numbers_are_kept(columns: dict[str, str], phone: str | None) -> None:
    assert text(values.phone(said("phone", **columns))) == phone


@pytest.mark.parametrize(
    ("columns", "address"),
    [
        ({"address_and_pincode": "1 Road, 502032", "city": "Hyderabad"}, "1 Road, 502032"),
        ({"zip": "502032", "city": "Hyderabad", "street_address": "1 Road"},
         "1 Road, Hyderabad, 502032"),
        ({"address": "1 Road, Hyderabad", "city": "hyderabad", "pincode": "502032"},
         "1 Road, Hyderabad, 502032"),
        ({"city": "Hyderabad", "country": "India"}, "Hyderabad, India"),
        ({"country": "India"}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_an_address_in_parts(columns: dict[str, str], address: str | None) -> None:
    assert text(values.address(said("address", **columns))) == address


def names(**columns: str) -> str | None:
    fields: dict[str, list[Said]] = {}
    for name, value in columns.items():
        for field in ("player_name", "first_name", "middle_name", "last_name"):
            known = values_of(field, name, value)
            fields.setdefault(field, []).extend(known)
    groups: Sequence[list[Said]] = [values.believed(group) for group in fields.values()]
    return text(values.name(*groups))


def values_of(field: str, name: str, value: str) -> list[Said]:
    from backend.core.vocabulary.synonyms import known

    found = known(name)
    return [Said(found[1], name, value)] if found and found[0] == field else []


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        ({"first_name": "Naira", "last_name": "Probe"}, "Naira Probe"),
        ({"last_name": "Probe", "middle_name": "K", "first_name": "Naira"}, "Naira K Probe"),
        ({"first_name": "Naira"}, "Naira"),
        ({"last_name": "Probe"}, "Probe"),
        ({"first_name": "Naira Probe", "last_name": "Probe"}, "Naira Probe"),
        ({"full_name": "Naira", "last_name": "Probe"}, "Naira"),
        ({"nombre": "Naira", "apellidos": "Probe"}, "Naira Probe"),
        ({"name": "Naira Probe", "surname": "Probe"}, "Naira Probe"),
        ({"nom": "Probe", "prénom": "Naira"}, "Naira Probe"),
        ({"name": "Naira Probe", "first_name": "Naira", "last_name": "Probe"}, "Naira Probe"),
        ({"full_name": "The Parent", "child_name": "Naira"}, "Naira"),
        ({"full_name": "The Parent", "child first name": "Naira", "child last name": "P"},
         "Naira P"),
        ({"player_name": "Ved", "child first name": "Naira"}, "Ved"),
    ],
)  # fmt: skip
def test_a_name_in_parts(columns: dict[str, str], name: str | None) -> None:
    assert names(**columns) == name


def test_the_first_that_looks_like_an_email() -> None:
    assert text(values.email(said("email", email="NA", work_email="a@x.example"))) == "a@x.example"
    assert text(values.email(said("email", email="NA", work_email="none"))) == "NA"


@given(st.lists(st.integers(6 * 10**9, 10**10 - 1), min_size=1, max_size=4))
def test_each_number_is_in_the_text_once(numbers: list[int]) -> None:
    found = values.phone([Said(0, f"phone {at}", str(one)) for at, one in enumerate(numbers)])
    assert found is not None
    assert found.text.split(" / ") == [str(one) for one in dict.fromkeys(numbers)]
