"""From the questions of a form to the fields of a lead."""

from typing import Any

import pytest

from backend.core.intake import field_mapping
from backend.core.intake.field_mapping import ANSWER, Mapped


def mapped(answers: dict[str, str], own: dict[str, str] | None = None) -> Mapped:
    return field_mapping.map_answers(list(answers.items()), own or {}, "IN")


def test_the_well_known_names() -> None:
    said = {
        "FULL_NAME": "Zoë",
        "phone_number": "+919848022338",
        "email": "z@example.com",
        " street_address ": "1 Lake Road",
        "_Which_is_the_nearest_TOFA_center_to_you?": "TOFA Tellapur",
        "shoe_size": "4",
    }
    found = mapped(said)
    assert found.fields == {
        "player_name": "Zoë",
        "phone": "+919848022338",
        "email": "z@example.com",
        "address": "1 Lake Road",
        "center": "TOFA Tellapur",
    }
    assert found.answers == {"shoe_size": "4"}
    assert not found.is_test


def test_the_mapping_of_a_form_comes_first() -> None:
    own = {"child's name": "player_name", "full_name": ANSWER}
    found = mapped({"full_name": "The parent", "Child's  Name": "Zoë"}, own)
    assert found.fields == {"player_name": "Zoë"}
    assert found.answers == {"full_name": "The parent"}


def test_two_questions_for_one_field() -> None:
    """The first that is not blank counts, and the other is an answer."""
    found = mapped({"phone_number": " ", "whatsapp_number": "1", "phone": "2"})
    assert (found.fields, found.answers) == ({"phone": "1"}, {"phone": "2"})


def test_several_phones() -> None:
    """All numbers are kept, the form's main one first, whatever the order of the questions."""
    found = mapped({"whatsapp_number": "7013010012", "Alternate phone": "7013010013",
                    "phone_number": "+917013010011"})  # fmt: skip
    assert found.fields == {"phone": "+917013010011 / 7013010012 / 7013010013"}
    assert found.answers == {}
    same = mapped({"whatsapp_number": "070130 10011", "phone_number": "+917013010011"})
    assert (same.fields, same.answers) == ({"phone": "+917013010011"}, {})


def test_a_country_code_belongs_to_the_phone_beside_it() -> None:
    said = mapped({"country_code": "+44", "phone": "7911123456"})
    assert (said.fields, said.answers) == ({"phone": "+44 7911123456"}, {})
    said = mapped({"country_code": "IN", "phone": "9848022338"})
    assert (said.fields, said.answers) == ({"phone": "+91 9848022338"}, {})
    said = mapped({"std_code": "040", "phone": "23456789"})
    assert (said.fields, said.answers) == ({"phone": "040 23456789"}, {})
    said = mapped({"country_code": "+44"})
    assert (said.fields, said.answers) == ({}, {"country_code": "+44"})
    said = mapped({"country_code": "+44", "phone": "7911123456"}, {"country_code": ""})
    assert (said.fields, said.answers) == ({"phone": "7911123456"}, {"country_code": "+44"})


def test_a_country_decides_what_a_phone_without_a_code_is() -> None:
    said = mapped({"phone": "2125551264", "country": "USA"})
    assert (said.fields, said.answers) == ({"phone": "+1 2125551264"}, {"country": "USA"})
    said = mapped({"phone": "2125551264", "city": "New York", "country": "us"})
    assert said.fields == {"phone": "+1 2125551264", "address": "New York, us"}
    said = mapped({"phone": "2125551264", "Your country?": "USA"}, {"your country?": "address"})
    assert said.fields == {"phone": "+1 2125551264", "address": "USA"}
    said = mapped({"phone": "9848022338", "country": "India"})
    assert said.fields == {"phone": "9848022338"}
    said = mapped({"email": "2125551264", "country": "USA"})
    assert (said.fields, said.answers) == ({"phone": "+1 2125551264"}, {"country": "USA"})
    # A team lead has left it out.
    said = mapped({"phone": "9848022338", "country": "UAE"}, {"country": ""})
    assert (said.fields, said.answers) == ({"phone": "9848022338"}, {"country": "UAE"})


def test_a_phone_in_the_place_of_the_email_is_the_phone() -> None:
    found = field_mapping.map_answers([("email", "98480 22338"), ("name", "Zoya")], {})
    assert found.fields == {"phone": "98480 22338", "player_name": "Zoya"}


def test_two_answers_to_one_question() -> None:
    """The first fills the field, further phones are further numbers, and the rest is kept."""
    said = [
        ("full_name", "Zoya"), ("full_name", "Ved"), ("full_name", "Zoya"), ("phone", "7013010011"),
        ("phone", "7013010012"), ("email", "a@x.example"), ("email", "b@x.example"),
        ("sports", "Football"), ("sports", "Cricket"), ("street_address", "1 Road"),
        ("street_address", "Block 2"),
    ]  # fmt: skip
    found = field_mapping.map_answers(said, {}, "IN")
    assert found.fields == {
        "player_name": "Zoya", "phone": "7013010011, 7013010012", "email": "a@x.example",
        "address": "1 Road, Block 2",
    }  # fmt: skip
    assert found.answers == {
        "full_name (2)": "Ved", "email (2)": "b@x.example", "sports": "Football, Cricket"
    }  # fmt: skip
    own = {"sports": "player_name", "full_name": ""}
    found = field_mapping.map_answers(said, own, "IN")
    assert (found.fields["player_name"], found.answers["sports (2)"]) == ("Football", "Cricket")
    assert found.answers["full_name"] == "Zoya, Ved, Zoya"


def test_two_emails_in_one_answer() -> None:
    """The first is the email, and the text is kept."""
    found = mapped({"Email ID": "a@x.example / b@x.example", "phone": "7013010011"})
    assert found.fields["email"] == "a@x.example"
    assert found.answers == {"Email ID": "a@x.example / b@x.example"}
    assert mapped({"email": "mailto:a@x.example"}) == Mapped({"email": "a@x.example"}, {})


def test_numbers_that_are_too_long_together() -> None:
    found = mapped({"phone": "7013010011", "whatsapp": "x" * 490 + "7013010012"})
    assert found.fields == {"phone": "7013010011"}


@pytest.mark.parametrize("question", ["status", "Comments", "Owner", "Next follow up date", "Date"])
def test_a_form_never_says_what_was_done(question: str) -> None:
    found = mapped({question: "Joined", "phone": "7013010011"})
    assert found.answers == {question: "Joined"}
    assert field_mapping.field_of(question, {}) is None


def test_a_child_s_own_name_in_a_question_of_the_form_comes_first() -> None:
    found = mapped({"full_name": "A Parent", "what_is_your_child's_name?": "Ved",
                    "what_is_your_child's_age?": "8"})  # fmt: skip
    assert found.fields == {"player_name": "Ved", "player_age_category": "8"}
    assert found.answers == {"full_name": "A Parent"}


def test_names_addresses_and_the_rest_of_a_form() -> None:
    found = mapped({
        "full_name": "A Parent", "What is your child's name?": "-", "Child's Name": "Ved",
        "street_address": "1 Road", "city": "Hyderabad", "zip": "502032", "gender": "male",
        "date_of_birth": "05/14/2015", "utm_campaign": "Diwali",
        "which_is_the_nearest_TOFA_center?": "TOFA Tellapur",
    })  # fmt: skip
    assert found.fields == {
        "player_name": "Ved", "address": "1 Road, Hyderabad, 502032", "birth_date": "05/14/2015",
        "campaign": "Diwali", "center": "TOFA Tellapur",
    }  # fmt: skip
    assert found.answers == {
        "full_name": "A Parent", "What is your child's name?": "-", "gender": "male"
    }  # fmt: skip


def test_a_name_in_two_parts() -> None:
    assert mapped({"last_name": "Khan", "first_name": "Zoë"}).fields["player_name"] == "Zoë Khan"
    whole = mapped({"last_name": "Khan", "full_name": "Zoë"})
    assert whole.fields["player_name"] == "Zoë"


def test_characters_that_no_column_holds() -> None:
    found = mapped({"full_name": "Zo\0ë", "phone": "9" * 501, "ad\0ded": "\0", "mo\0re": "x\0"})
    assert found.fields == {"player_name": "Zoë"}
    assert found.answers == {"phone": "9" * 501, "more": "x"}


def test_a_test_lead() -> None:
    found = mapped({"full_name": " <Test lead: dummy data for full_name>"})
    assert found.is_test


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([{"name": "a", "values": ["x", "y"]}], [("a", "x"), ("a", "y")]),
        ([{"name": "a", "values": []}], [("a", "")]),
        ([{"name": "a", "values": [None, 1, True]}], [("a", "1"), ("a", "True")]),
        ([{"name": "a", "values": "x"}, {"name": 1, "values": ["x"]}, "odd"], [("a", "")]),
        (None, []),
        ({"name": "a"}, []),
    ],
)
def test_field_data(value: Any, expected: list[tuple[str, str]]) -> None:
    assert field_mapping.read_field_data(value) == expected
