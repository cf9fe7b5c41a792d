"""One value of a field from several columns."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import product

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core import phones
from backend.core.vocabulary import country_names, values
from backend.core.vocabulary.synonyms import PHONE_COUNTRY, tier
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


# Written without a plus, beside a country: the text that is read, where the region is India.
BESIDE_COUNTRIES = [
    ("2125551264", "USA", "+1 2125551264"),
    ("2125551264", "U.S.", "+1 2125551264"),
    ("(212) 555-1264", "United States of America", "+1 (212) 555-1264"),
    ("07911 123456", "UK", "+44 07911 123456"),
    ("7911123456", "GB", "+44 7911123456"),
    ("050 123 4568", "Dubai, UAE", "+971 050 123 4568"),
    ("501234568", "संयुक्त अरब अमीरात", "+971 501234568"),
    ("8 912 345-67-89", "Russia", "+7 8 912 345-67-89"),
    ("321 1234567", "COL", "+57 321 1234567"),
    ("131 2345 6789", "China", "+86 131 2345 6789"),
    ("51234", "Saint Helena", "+290 51234"),
    ("2125551264 / 2125551265", "us", "+1 2125551264 / +1 2125551265"),
    ("9848022338", "united states", "+1 9848022338"),
    # As they are: of the installation's region, with a code, or read the same
    ("98480 22338", "India", "98480 22338"),
    ("98480 22338", "भारत", "98480 22338"),
    ("98480 22338", "IND", "98480 22338"),
    ("98480 22338", "Hyderabad", "98480 22338"),
    ("98480 22338", "N/A", "98480 22338"),
    ("+91 98480 22338", "USA", "+91 98480 22338"),
    ("919848022338", "UAE", "919848022338"),
    ("UK 07911 123456", "USA", "UK 07911 123456"),
    ("ask at the office", "USA", "ask at the office"),
    ("98480", "USA", "98480"),
]
# A number of the installation's region, and none of the country's: a person has to look.
DOUBTS = [
    ("9848022338", "UAE", "+971 9848022338"),
    ("9848022338", "Afghanistan", "+93 9848022338"),
    ("09848022338", "USA", "+1 919848022338"),
]


@pytest.mark.parametrize(("phone", "country", "read"), BESIDE_COUNTRIES + DOUBTS)
def test_a_country_beside_a_phone(phone: str, country: str, read: str) -> None:
    beside = [Said(0, "phone", phone), Said(PHONE_COUNTRY, "country", country)]
    value = values.phone(beside, "IN")
    assert value is not None
    assert value.text == read
    assert [one.name for one in value.parts] == ["phone", "country"][: 1 + (read != phone)]
    # What was read once is read the same again.
    assert text(values.phone([Said(0, "phone", read), beside[1]], "IN")) == read


@pytest.mark.parametrize(("phone", "country", "read"), DOUBTS)
def test_a_number_of_another_country_is_none(phone: str, country: str, read: str) -> None:
    assert phones.read(phone, "IN").e164 is not None
    assert phones.read(read, "IN").e164 is None


def test_a_code_that_makes_no_number_is_a_doubt() -> None:
    assert text(values.phone(said("phone", phone="9848022338", isd="+971"), "IN")) == (
        "+971 9848022338"
    )


def test_a_country_belongs_to_each_number_and_a_code_to_the_first() -> None:
    several = said("phone", phone="2125551264", mobile_2="2125551265", isd="1")
    country = Said(PHONE_COUNTRY, "country", "USA")
    assert text(values.phone(several, "IN")) == "+1 2125551264 / 2125551265"
    assert text(values.phone([*several, country], "IN")) == "+1 2125551264 / +1 2125551265"


def as_written(region: str) -> Iterator[tuple[str, str]]:
    """The example of a region's mobile numbers in its national form, and in E.164."""
    kind, form = phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberFormat
    # Ascension Island and others have none.
    if (example := phonenumbers.example_number_for_type(region, kind)) is not None:
        formatted = partial(phonenumbers.format_number, example)
        yield formatted(form.NATIONAL), formatted(form.E164)


@pytest.mark.parametrize("home", ["IN", "US", "GB"])
def test_mobile_numbers_of_all_countries(home: str) -> None:
    """Each is read from its national form beside each name of its country."""
    wrong = []
    for region, names in country_names.lines():
        for (written, key), name in product(as_written(region), names):
            beside = [Said(0, "phone", written), Said(PHONE_COUNTRY, "country", name)]
            told = text(values.phone(beside, home))
            if phones.read(told, home).e164 != key:
                wrong.append((region, name, written, told))
    assert wrong == []


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
        ({"lead_name": "Lead #12", "first_name": "Naira", "last_name": "Probe"}, "Naira Probe"),
        ({"name": "Naira Probe", "first_name": "Naira"}, "Naira Probe"),
        # What is no name counts where there is no other
        ({"child_name": "-", "full_name": "The Parent"}, "The Parent"),
        ({"child_name": "NA", "child first name": "Naira"}, "Naira"),
        ({"child_name": "NA"}, "NA"),
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


@pytest.mark.parametrize(
    ("name", "phone", "email", "placed"),
    [
        ("Asha", "7013010011", "a@x.example", ("Asha", "7013010011", "a@x.example")),
        ("Asha 7013010012", "7013010011", None, ("Asha 7013010012", "7013010011", None)),
        ("Asha", None, "7013010011", ("Asha", "7013010011", None)),
        ("Asha", "a@x.example", "7013010011", ("Asha", "7013010011", "a@x.example")),
        ("Asha 7013010011", None, None, ("Asha", "7013010011", None)),
        ("Asha - +91 70130 10011 (U9)", "-", None, ("Asha U9", "+91 70130 10011", None)),
        ("Asha Ph.No: 7013010011", "na", None, ("Asha", "7013010011 na", None)),
        ("7013010011", "Asha Rao", None, ("Asha Rao", "7013010011", None)),
        ("7013010011", "not given", None, (None, "7013010011", None)),
        ("7013010011", None, "a@x.example", (None, "7013010011", "a@x.example")),
        # An email beside the phone, or in its place
        ("Asha", "7013010011 / a@x.example", None, ("Asha", "7013010011", "a@x.example")),
        ("Asha", "a@x.example", None, ("Asha", None, "a@x.example")),
        ("Asha", "7013010011, a@x.example", "b@x.example",
         ("Asha", "7013010011, a@x.example", "b@x.example")),
        ("Asha", "@98480 22338", None, ("Asha", "@98480 22338", None)),
        ("Asha", "12345", None, ("Asha", "12345", None)),
        # Other digits than those of a phone
        ("Asha 2016", None, None, ("Asha 2016", None, None)),
        ("Asha 4111 1111 1111 1111", None, None, ("Asha 4111 1111 1111 1111", None, None)),
        ("l:1203480000008801", "-", None, ("l:1203480000008801", "-", None)),
        ("9848012345@x.example", None, None, ("9848012345@x.example", None, None)),
        (None, None, None, (None, None, None)),
    ],
)  # fmt: skip
def test_what_is_typed_into_another_s_place(
    name: str | None,
    phone: str | None,
    email: str | None,
    placed: tuple[str | None, str | None, str | None],
) -> None:
    assert values.in_place(name, phone, email) == placed
