"""Which column is which field: by its usual name, by what is given, or by a guess."""

import json

import pytest

from backend.core.centers import CENTER_COLUMN
from backend.core.errors import BadRequest, Invalid
from backend.core.imports import columns


@pytest.mark.parametrize(
    "name",
    [
        CENTER_COLUMN,
        CENTER_COLUMN.upper(),
        "Which nearest_tofa center?",
        "NEAREST_TOFA",
        "nearest tofa",
        "Which is the nearest TOFA center to you?",
        "nearest-\u200bTOFA*",
    ],
)
def test_the_center_s_column(name: str) -> None:
    assert columns.usual(["phone", f"  {name} "]).place_of("center") == 1


def test_the_center_s_own_name_comes_before_a_part_of_it() -> None:
    names = ["nearest_tofa", "nearest_tofa_2", CENTER_COLUMN, "phone"]
    assert columns.usual(names).place_of("center") == 2
    assert columns.usual(names[:2]).place_of("center") == 0


@pytest.mark.parametrize("names", [(), ("phone",), ("nearest", "phone"), ("", "center")])
def test_the_usual_names_alone_know_no_other_center(names: tuple[str, ...]) -> None:
    with pytest.raises(BadRequest, match="no column for the center"):
        columns.usual(names)


def test_the_first_of_two_columns_of_one_name() -> None:
    found = columns.usual([CENTER_COLUMN, "phone", "Phone"])
    assert (found.place_of("phone"), found.places_of("phone")) == (1, [1, 2])


def test_columns_for_one_field_are_believed_in_the_order_of_their_tiers() -> None:
    names = [
        "WhatsApp number",
        "Name",
        "Secondary phone number",
        "Full name",
        "Phone",
        "Child name",
    ]
    found = columns.usual([*names, CENTER_COLUMN])
    assert [names[at] for at in found.places_of("phone")] == [
        "Phone", "WhatsApp number", "Secondary phone number"
    ]  # fmt: skip
    assert [names[at] for at in found.places_of("player_name")] == [
        "Child name", "Full name", "Name"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "better", "worse"),
    [("created_time", "created_time", "Enquiry date"), ("leadgen_id", "leadgen_id", "id")],
)
def test_a_time_and_an_id_come_from_columns_of_one_kind(
    field: str, better: str, worse: str
) -> None:
    assert columns.usual([worse, better, CENTER_COLUMN]).places_of(field) == [1]
    assert columns.usual([worse, CENTER_COLUMN]).places_of(field) == [0]


def test_a_field_without_a_column_stands_behind_the_last_one() -> None:
    assert columns.usual([CENTER_COLUMN, "x"]).place_of("email") == 2


def test_what_is_left_is_an_answer_or_tells_of_the_origin() -> None:
    names = [
        CENTER_COLUMN,
        "id",
        "ad_id",
        "Campaign_Name",
        "",
        "Why TOFA? ",
        "status",
        "lead_status",
    ]
    found = columns.usual(names)
    assert found.origin() == [(2, "ad_id"), (3, "campaign_name")]
    assert found.answers() == [(5, "Why TOFA?")]


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("Branch", "center"),
        ("Preferred Centre", "center"),
        ("Mobile No.", "phone"),
        ("WhatsApp number", "phone"),
        ("Parent's phone", "phone"),
        ("Contact", "phone"),
        ("E-mail", "email"),
        ("Mail ID", "email"),
        ("Child's name", "player_name"),
        ("Name of student", "player_name"),
        ("Full  Name", "player_name"),
        ("Age group", "player_age_category"),
        ("Timestamp", "created_time"),
        ("Enquiry date", "created_time"),
        ("Home address", "address"),
        ("PIN code", "address"),
        ("Lead ID", "leadgen_id"),
        ("playr name", "player_name"),
        ("adress", "address"),
        ("Father's name", None),
        ("Date of birth", "birth_date"),
        ("Child's D.O.B", "birth_date"),
        ("Birth certificate", None),
        ("Next follow up date", "next_followup_date"),
        ("When to follow up on", "next_followup_date"),
        ("Follow up status", "status"),
        ("Current lead stage", "status"),
        ("Payment status", None),
        ("Why lost: reason not joined", "lost_reason"),
        ("Counsellor's name", "owner"),
        ("Lead Owner", "owner"),
        ("School phone", None),
        ("Last modified date", None),
        ("Closing Date", None),
        ("Player birthdate", "birth_date"),
        ("Child's forename", "first_name"),
        ("Enq. Dt", "created_time"),
        ("Nxt F/U Dt", "next_followup_date"),
        ("Phone 1 - Value", "phone"),
        ("उमेर", "player_age_category"),
        ("ಕೇಂದ್ರ", "center"),
        # A word of the field, and something else
        ("Ad set name", None),
        ("Phonetic First Name", None),
        ("Name Prefix", None),
        ("Name Suffix", None),
        ("Nick name", None),
        ("Branch contact number", None),
        ("Child's Name - First Name", "first_name"),
        ("Name of the kid: last name", "last_name"),
        ("Parent's Name - First Name", None),
        ("Campaign Name", None),
        ("Student ID", None),
        ("Branch Area", None),
        ("Branch Pin", None),
        ("Assigned Center", "center"),
        ("Kid's school standard", None),
        ("Phone 1 - Label", None),
        ("E-mail 1 - Type", None),
        ("Call date", None),
        ("campaign_name", None),
        ("ad_name", None),
        ("Remarks", "comment"),
        ("Remarks by caller", "comment"),
    ],
)
def test_a_guess(name: str, field: str | None) -> None:
    names = [CENTER_COLUMN, name] if field != "center" else ["phone", name]
    found = columns.propose(names)
    assert found.mapping.get(name) == field
    assert found.proposed == ([name] if field else [])


def test_the_parts_of_a_form_s_name_are_the_whole_name() -> None:
    names = [CENTER_COLUMN, "phone", "Child's Name - First Name", "Child's Name - Last Name"]
    found = columns.propose([*names, "Father's Name - First Name"])
    assert [found.fields[at] for at in (2, 3)] == ["first_name", "last_name"]
    assert found.answers() == [(4, "Father's Name - First Name")]


def test_meta_s_columns_as_other_tools_write_them() -> None:
    found = columns.usual([CENTER_COLUMN, "Ad Name", "Campaign Name", "Form Name (ID)", "Platform"])
    assert found.origin() == [(1, "ad_name"), (2, "campaign_name"), (4, "platform")]


def test_each_column_is_one_field() -> None:
    found = columns.propose(["Branch", "Mobile", "Other mobile", "Email name", "Name", "Age"])
    assert found.mapping == {
        "Branch": "center",
        "Mobile": "phone",
        "Other mobile": "phone",
        "Email name": "email",
        "Name": "player_name",
        "Age": "player_age_category",
    }
    assert found.answers() == []


def test_a_field_is_guessed_for_one_column() -> None:
    found = columns.propose(["Branch", "Email for a kid", "Any email of yours", "Mail"])
    assert found.mapping == {"Branch": "center", "Mail": "email"}
    found = columns.propose(["Branch", "Email for a kid", "Any email of yours"])
    assert found.mapping == {"Branch": "center", "Email for a kid": "email"}


@pytest.mark.parametrize("first", ["phone", "Mobile of parent"])
def test_all_further_phones_are_guessed(first: str) -> None:
    phones = ["Alternate No.", "Alt. mobile", "Mother's No", "WhatsApp number of father"]
    others = [
        "Emergency contact name", "Preferred contact time", "WhatsApp opt-in", "Contact person",
        "Contacted on", "Coach mobile", "Roll no", "House no", "No of kids", "Phone verified",
        "Receiver Mobile", "Executive's mobile", "Telecaller phone", "Our WhatsApp no",
        "Phone OTP", "DNC Mobile",
    ]  # fmt: skip
    found = columns.propose([CENTER_COLUMN, "player_name", first, *others, *phones])
    assert [name for name, field in found.mapping.items() if field == "phone"] == [first, *phones]
    assert found.places_of("phone")[0] == 2


def test_no_guess_takes_the_place_of_a_usual_name() -> None:
    found = columns.propose(["Branch", CENTER_COLUMN, "Mobile", "phone"])
    assert found.mapping == {CENTER_COLUMN: "center", "Mobile": "phone", "phone": "phone"}
    assert found.places_of("phone") == [3, 2]
    assert found.proposed == ["Mobile"]


def test_the_names_of_meta_and_of_our_own_export_need_no_review() -> None:
    names = ["first_name", "last_name", "whatsapp_number", "status", "next_followup_date"]
    found = columns.propose([*names, CENTER_COLUMN])
    assert [found.mapping[name] for name in names] == [
        "first_name", "last_name", "phone", "status", "next_followup_date"
    ]  # fmt: skip
    assert found.proposed == []


def test_a_chosen_center_needs_no_column() -> None:
    assert columns.propose(["phone"], needs_center=False).mapping == {"phone": "phone"}


def test_what_is_given_goes_before_all() -> None:
    given = {" BRANCH": "center", "phone": "ignore", "Code": "phone", "Town": "address"}
    found = columns.propose(["Branch", CENTER_COLUMN, "phone", "Code", "Town"], given)
    assert found.mapping == {"Branch": "center", "Code": "phone", "Town": "address"}
    assert found.proposed == []


def test_nothing_that_could_be_the_center() -> None:
    for given in ({}, {"Branch": "ignore"}):
        with pytest.raises(BadRequest, match="no column for the center"):
            columns.propose(["Branch", "phone"] if given else ["phone"], given)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"Nowhere": "phone"}, "Choose a column of the file for phone"),
        ({"Branch": "centre"}, "Choose created_time, player_name, "),
        (
            {"Branch": "center", " branch": "phone"},
            "Choose each column only once: the one for phone is used twice",
        ),
        (
            {"Branch": "center", "BRANCH": "ignore"},
            "Choose each column only once: the one for ignore is used twice",
        ),
    ],
)
def test_a_mapping_that_can_not_be(given: dict[str, str], said: str) -> None:
    """It says what is wrong, and never what was sent."""
    with pytest.raises(Invalid) as refused:
        columns.propose(["Branch", "Mobile"], given)
    (fault,) = refused.value.faults
    assert fault["loc"] == ("body", "mapping")
    assert said in fault["msg"]
    assert not any(name.strip() in fault["msg"] for name in given)


def test_several_columns_given_for_one_field() -> None:
    given = {"Code": "phone", "Mobile": "phone", "Branch": "center"}
    found = columns.propose(["Code", "Mobile", "Branch", "phone", "phone"], given)
    assert found.places_of("phone") == [0, 1]
    found = columns.propose(["phone", "phone", "Branch"], {"phone": "phone"})
    assert found.places_of("phone") == [0, 1]


def test_columns_that_differ_in_their_case_alone() -> None:
    given = {"Phone": "ignore", "phone ": "phone", "Branch": "center"}
    found = columns.propose(["Phone", "phone ", "Branch"], given)
    assert found.fields == {1: "phone", 2: "center"}


def test_a_mapping_as_it_is_sent() -> None:
    assert columns.read_mapping(None) == columns.read_mapping(" ") == {}
    assert columns.read_mapping(json.dumps({"Ort": "center"})) == {"Ort": "center"}
    for text in ("[]", "{", '"center"', '{"Branch": 1}', "null"):
        with pytest.raises(Invalid):
            columns.read_mapping(text)
