"""What common senders post, and what of it fills which field."""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.intake import field_mapping
from backend.core.intake.bodies import answer_fields, formats, submission
from backend.core.intake.bodies.errors import Unreadable
from backend.core.intake.bodies.nested_names import nest
from backend.core.intake.bodies.submission import Submission

FORM = "application/x-www-form-urlencoded"
ZOYA = {"player_name": "Zoya Khan", "phone": "+919848022338", "email": "zoya@example.com"}
HERE = ZOYA | {"center": "TOFA Tellapur"}
# As a sender writes it.
ZOYA_S = {"full_name": "Zoya Khan", "phone": "+919848022338", "email": "zoya@example.com"}


def fields(value: dict[str, Any], **mapping: str) -> dict[str, str]:
    return dict(Submission.of(value).map(mapping).fields)


def answers(value: dict[str, Any], **mapping: str) -> dict[str, str]:
    return dict(Submission.of(value).map(mapping).answers)


FLAT = {
    "full_name": "Zoya Khan",
    "phone_number": "+919848022338",
    "email_address": "zoya@example.com",
    "nearest_center": "TOFA Tellapur",
}

GOOGLE_ADS = {
    "lead_id": "TeSter-123",
    "user_column_data": [
        {"column_name": "Full Name", "string_value": "Zoya Khan", "column_id": "FULL_NAME"},
        {"column_name": "User Phone", "string_value": "+919848022338", "column_id": "PHONE_NUMBER"},
        {"column_name": "User Email", "string_value": "zoya@example.com", "column_id": "EMAIL"},
        {"column_id": "nearest_center", "string_value": "TOFA Tellapur"},
        {"column_name": "What time?", "string_value": "Evenings", "column_id": "what_time?"},
    ],
    "api_version": "1.0",
    "form_id": 40000000000,
    "campaign_id": 123456,
    "google_key": "a secret",
    "is_test": True,
}

TYPEFORM = {
    "event_id": "LtWXD3crgy",
    "event_type": "form_response",
    "form_response": {
        "form_id": "lT4Z3j",
        "token": "a3a12ec67a1365927098a606107fac15",
        "submitted_at": "2026-11-18T18:17:02Z",
        "hidden": {"nearest_center": "TOFA Tellapur"},
        "definition": {
            "id": "lT4Z3j",
            "title": "Trial",
            "fields": [
                {"id": "a", "title": "Full name", "type": "short_text", "ref": "full_name"},
                {"id": "d", "title": "Which sports?", "type": "multiple_choice", "ref": "x"},
            ],
        },
        "answers": [
            {"type": "text", "text": "Zoya Khan",
             "field": {"id": "b", "type": "short_text", "ref": "full_name"}},
            {"type": "phone_number", "phone_number": "+919848022338",
             "field": {"id": "c", "type": "phone_number", "ref": "phone"}},
            {"type": "email", "email": "zoya@example.com",
             "field": {"id": "e", "type": "email", "ref": "email"}},
            {"type": "choices", "choices": {"ids": ["1", "2"], "labels": ["Football", "Chess"]},
             "field": {"id": "d", "type": "multiple_choice", "ref": "x"}},
            {"type": "boolean", "boolean": True,
             "field": {"id": "f", "type": "yes_no", "ref": "ok"}},
        ],
    },
}  # fmt: skip

TALLY: dict[str, Any] = {
    "eventId": "a4cb511e",
    "eventType": "FORM_RESPONSE",
    "createdAt": "2026-11-28T15:00:21.000Z",
    "data": {
        "responseId": "2wgx4n",
        "formId": "VwbNEw",
        "formName": "Trial",
        "fields": [
            {"key": "question_3", "label": "full_name", "type": "INPUT_TEXT", "value": "Zoya Khan"},
            {"key": "question_4", "label": "Phone", "type": "INPUT_PHONE_NUMBER",
             "value": "+919848022338"},
            {"key": "question_5", "label": "Email", "type": "INPUT_EMAIL",
             "value": "zoya@example.com"},
            {"key": "question_6", "label": "Nearest_tofa center", "type": "DROPDOWN",
             "value": ["6db5"], "options": [{"id": "6db5", "text": "TOFA Tellapur"},
                                             {"id": "77aa", "text": "TOFA Gachibowli"}]},
        ],
    },
}  # fmt: skip

ELEMENTOR = {
    "form[id]": "7b2e", "form[name]": "Trial form",
    "fields[name][id]": "name", "fields[name][type]": "text", "fields[name][title]": "Name",
    "fields[name][value]": "Zoya Khan", "fields[name][raw_value]": "Zoya Khan",
    "fields[name][required]": "1",
    "fields[email][id]": "email", "fields[email][type]": "email", "fields[email][title]": "Email",
    "fields[email][value]": "zoya@example.com",
    "fields[field_1][id]": "field_1", "fields[field_1][type]": "tel",
    "fields[field_1][title]": "Phone", "fields[field_1][value]": "+919848022338",
    "fields[center][id]": "nearest_center", "fields[center][type]": "select",
    "fields[center][title]": "Where?", "fields[center][value]": "TOFA Tellapur",
    "meta[date][title]": "Date", "meta[date][value]": "November 28, 2026",
    "meta[page_url][title]": "Page URL", "meta[page_url][value]": "https://example.com/trial",
}  # fmt: skip

WPFORMS = {
    "id": "12",
    "fields": {
        "1": {"name": "Name", "value": "Zoya Khan", "id": 1, "type": "name", "first": "Zoya"},
        "2": {"name": "Phone", "value": "+919848022338", "id": 2, "type": "phone"},
        "3": {"name": "Email", "value": "zoya@example.com", "id": 3, "type": "email"},
        "4": {"name": "nearest_center", "value": "TOFA Tellapur", "id": 4, "type": "select"},
    },
}

WEBFLOW = {
    "triggerType": "form_submission",
    "payload": {
        "name": "Contact form",
        "siteId": "65427cf400e02b306eaa049c",
        "data": {
            "Name": "Zoya Khan", "Phone": "+919848022338", "Email": "zoya@example.com",
            "nearest_center": "TOFA Tellapur",
        },
        "submittedAt": "2026-09-14T12:35:16.117Z",
        "formId": "65429eadebe8a9f3a30f62d0",
    },
}  # fmt: skip

CALENDLY = {
    "event": "invitee.created",
    "created_at": "2026-03-16T19:21:45.000000Z",
    "payload": {
        "name": "Zoya Khan",
        "email": "zoya@example.com",
        "questions_and_answers": [
            {"question": "Phone number", "answer": "about", "position": 9},
            {"question": "phone_number", "answer": "+919848022338", "position": 0},
            {"question": "nearest_center", "answer": "TOFA Tellapur", "position": 1},
        ],
        "tracking": {"utm_source": "ig", "utm_campaign": None},
    },
}

JOTFORM = {
    "formID": "2310",
    "pretty": "Name:Zoya Khan",
    "rawRequest": '{"slug":"submit/2310","q3_fullName":{"first":"Zoya","last":"Khan"},'
    '"q4_phoneNumber":{"full":"+919848022338"},"q5_email":"zoya@example.com",'
    '"q6_nearest_center":"TOFA Tellapur"}',
}

META_LIKE = {
    "id": "428",
    "field_data": [
        {"name": "full_name", "values": ["Zoya Khan"]},
        {"name": "phone_number", "values": ["+919848022338"]},
        {"name": "email", "values": ["zoya@example.com"]},
        {"name": "_which_is_the_nearest_tofa_center_to_you?", "values": ["TOFA Tellapur"]},
    ],
}

HUBSPOT = {
    "vid": 3234574,
    "properties": {
        "full_name": {"value": "Zoya Khan", "versions": [{"value": "Zoya"}]},
        "phone": {"value": "+919848022338", "versions": []},
        "email": {"value": "zoya@example.com", "timestamp": 1},
        "nearest_center": {"value": "TOFA Tellapur", "timestamp": 1},
    },
}


@pytest.mark.parametrize(
    "value",
    [
        FLAT,
        {"data": FLAT},
        {"lead": FLAT, "meta": {"name": "A form"}},
        {"event": {"data": {"lead": FLAT}}, "name": "A hook"},
        {"leads": [FLAT]},
        {"fields": [{"name": name, "value": text} for name, text in FLAT.items()]},
        {"payload": [{"label": name, "answer": [text]} for name, text in FLAT.items()]},
        {"contact": FLAT, "id": 7},
        {"res1": FLAT},
        {"Before": None, "After": FLAT},
        {"full_name": "Zoya Khan", "contact": {"phone": "+919848022338",
         "email": "zoya@example.com"}, "nearest_center": "TOFA Tellapur"},
        {"parent": {"phone": "+919848022338", "email": "zoya@example.com", "name": "Asma"},
         "child": {"name": "Zoya Khan"}, "center": {"nearest_center": "TOFA Tellapur"}},
        {"fullName": "Zoya Khan", "phoneNumber": "+919848022338", "emailAddress":
         "zoya@example.com", "nearestCenter": "TOFA Tellapur"},
        {"your-name": "Zoya Khan", "your-email": "zoya@example.com", "phone-123": "+919848022338",
         "nearest-center": "TOFA Tellapur"},
        {"names": {"first_name": "Zoya", "last_name": "Khan"}, "phone": "+919848022338",
         "email": "zoya@example.com", "nearest_center": "TOFA Tellapur"},
        {"firstName": "Zoya", "lastName": "Khan", "phone": "+919848022338",
         "email": "zoya@example.com", "nearest_center": ["TOFA Tellapur"]},
        # A form of Google, by its script.
        {"namedValues": {"Child's name": ["Zoya Khan"], "Phone": ["+919848022338"],
         "Email": ["zoya@example.com"], "Nearest center": ["TOFA Tellapur"]}, "triggerUid": "1"},
        {"payload": '{"full_name": "Zoya Khan", "phone_number": "+919848022338", '
         '"email_address": "zoya@example.com", "nearest_center": "TOFA Tellapur"}'},
        GOOGLE_ADS, TYPEFORM, TALLY, nest(ELEMENTOR.items()), WPFORMS, WEBFLOW, CALENDLY,
        JOTFORM, META_LIKE, HUBSPOT,
        # JotForm's API, with what was asked beside what was answered
        {"form_id": "2", "answers": {
            "3": {"name": "name3", "order": "1", "text": "Name", "type": "control_fullname",
                  "answer": {"first": "Zoya", "last": "Khan"}, "prettyFormat": "Zoya Khan"},
            "4": {"name": "n4", "text": "Phone Number", "type": "control_phone",
                  "answer": {"full": "+919848022338"}},
            "5": {"name": "n5", "text": "Email", "answer": "zoya@example.com"},
            "6": {"name": "n6", "text": "Nearest center", "answer": "TOFA Tellapur"},
            "7": {"name": "submit", "text": "Submit", "type": "control_button"}}},
        {"answers": {str(number): {"question": name, "answer": text}
                     for number, (name, text) in enumerate(FLAT.items())}},
        {"values": [{"fieldName": name, "fieldValue": text} for name, text in FLAT.items()]},
        {"formId": "5", "formSubmission": FLAT},
        {f"raw__{name}": text for name, text in FLAT.items()},
        {"fields": {"a1": {"label": "Name", "value": {"first": "Zoya", "last": "Khan"}},
                    "a2": {"label": "Phone", "value": {"full": "+919848022338"}},
                    "a3": {"label": "Email", "value": "zoya@example.com"},
                    "a4": {"label": "Center", "value": "TOFA Tellapur"}}},
        # The form's name beside the child's
        {"name": "Trial form", "data": {
            "name": "Zoya Khan", "phone": "+919848022338", "email": "zoya@example.com",
            "center": "TOFA Tellapur"}},
        # The number of a question again, behind its name
        {"rawRequest": '{"q3_childsName3":{"first":"Zoya","last":"Khan"},"q4_phoneNumber4":'
         '{"full":"+919848022338"},"q5_email5":"zoya@example.com","q6_nearestCenter6":'
         '"TOFA Tellapur"}'},
        {"data.json": '{"full_name": ["Zoya Khan"], "phone_number": ["+919848022338"], '
         '"email_address": ["zoya@example.com"], "nearest_center": ["TOFA Tellapur"]}'},
        {"1. Child's Name": "Zoya Khan", "2) Mobile no.": "+919848022338",
         "Q3. What is your email?": "zoya@example.com", "Which branch is near you?":
         "TOFA Tellapur"},
    ],
)  # fmt: skip
def test_a_lead_of_each_sender(value: dict[str, Any]) -> None:
    assert fields(value) == HERE


def test_elementors_form_as_it_is_sent() -> None:
    value = formats.read(urlencode(ELEMENTOR).encode(), FORM, "", 1 << 20)
    said = submission.single(value)
    assert said.map({}).fields == HERE
    assert said.form_id == "webhook:7b2e"
    assert said.map({}).answers == {
        "form": "id: 7b2e, name: Trial form",
        "meta": "Date: November 28, 2026, Page URL: https://example.com/trial",
    }


def test_what_stands_beside_the_answers_is_kept() -> None:
    assert answers(WEBFLOW) == {
        "triggerType": "form_submission",
        "name": "Contact form",
        "siteId": "65427cf400e02b306eaa049c",
        "submittedAt": "2026-09-14T12:35:16.117Z",
        "formId": "65429eadebe8a9f3a30f62d0",
    }
    assert answers(TYPEFORM)["Which sports?"] == "Football, Chess"
    assert answers(TYPEFORM)["ok"] == "yes"
    assert answers(CALENDLY)["tracking"] == "utm_source: ig"


def test_googles_tests_and_its_key() -> None:
    said = Submission.of(GOOGLE_ADS)
    assert said.form_id == "webhook:40000000000"
    assert said.map({}).is_test
    assert not Submission.of(GOOGLE_ADS | {"is_test": False}).map({}).is_test
    assert "a secret" not in said.map({}).answers.values()
    assert said.map({}).answers["What time?"] == "Evenings"


def test_answers_that_are_lists_objects_numbers_and_booleans() -> None:
    said = {
        "sports": ["Football", "Cricket", ""],
        "utm": {"source": "ig", "ad": {"name": "Summer", "id": 7}},
        "consent": True,
        "kids": 2,
        "fee": 2.5,
        "size": 4.0,
        "photos": [],
        "school": None,
        "brothers": [{"name": "Ved", "age": 7}, {"name": "Om", "age": 9}],
        "days": {"0": "Monday", "1": "Friday"},
        "deep": [[["x"], []], {"y": [True, False]}],
    }
    assert answers(FLAT | said) == {
        "sports": "Football, Cricket",
        "utm": "source: ig, ad name: Summer, ad id: 7",
        "consent": "yes",
        "kids": "2",
        "fee": "2.5",
        "size": "4",
        "brothers 1": "name: Ved, age: 7",
        "brothers 2": "name: Om, age: 9",
        "days": "Monday, Friday",
        "deep 1": "x",
        "deep 2": "y: yes, no",
    }


def test_the_forms_own_names_come_first() -> None:
    others = {"name": "Asma", "mobile": "1", "Phone_Number": "2", "email": "a@example.com"}
    assert fields(others | FLAT) == HERE
    assert answers(others | FLAT) == others
    # Even before a mapping.
    assert fields(others | FLAT, phone_number="email", mobile="phone") == HERE


@pytest.mark.parametrize("name", ["child_name", "What is your child's name?", "player_name"])
def test_the_child_s_own_name_comes_before_a_full_name(name: str) -> None:
    said = FLAT | {"full_name": "Asma Khan", name: "Zoya Khan"}
    assert fields(said) == HERE
    assert answers(said) == {"full_name": "Asma Khan"}
    assert fields(FLAT | {name: "-"}) == HERE
    # A team lead has left it out.
    assert fields(FLAT | {name: "Ved"}, **{name.casefold(): ""}) == HERE


def test_a_well_known_name_fills_what_the_forms_own_leave_open() -> None:
    assert fields({"name": "Zoya", "phone": "1", "email": "a@b.c", "address": "Lake View"}) == {
        "player_name": "Zoya", "phone": "1", "email": "a@b.c", "address": "Lake View"
    }  # fmt: skip
    assert fields({"full_name": " ", "name": "Zoya", "phone_number": "", "phone": "1"}) == {
        "player_name": "Zoya", "phone": "1"
    }  # fmt: skip


def test_a_mapping_of_the_form() -> None:
    said = {"f1": "Zoya", "f2": "1", "f3": {"x": "TOFA"}, "phone": "2"}
    mapping = {"f1": "player_name", "f2": "phone", "f3 x": "center"}
    assert Submission.of(said).questions == ["f1", "f2", "f3 x", "phone"]
    assert fields(said, **mapping) == {"player_name": "Zoya", "phone": "1", "center": "TOFA"}
    assert answers(said, **mapping) == {"phone": "2"}


def test_two_that_could_fill_a_field_fill_none() -> None:
    said = {"visitor": {"phone": "1", "name": "A"}, "attendee": {"phone": "2", "name": "B"}}
    assert fields(said) == {}
    assert answers(said) == {"visitor": "phone: 1, name: A", "attendee": "phone: 2, name: B"}
    # The first child has a name, but not the phones of two.
    said = {"player1": {"phone": "1", "name": "A"}, "player2": {"phone": "2", "name": "B"}}
    assert fields(said) == {"player_name": "A"}


def test_what_is_about_others_fills_no_field() -> None:
    said = {
        "school": {"name": "Green School", "phone": "040 1234567", "address": "Lake View"},
        "sibling": {"name": "Ved", "age": 7},
        "parent": {"name": "Asma", "phone": {"full": "98480 22338", "area": "Miyapur"}},
    }
    assert fields(said) == {"phone": "98480 22338"}
    assert answers(said) == {
        "school": "name: Green School, phone: 040 1234567, address: Lake View",
        "sibling": "name: Ved, age: 7",
        "parent": "name: Asma, phone area: Miyapur",
    }


def test_yes_and_no_fill_no_field() -> None:
    said = {"phone_number": True, "email": False, "full_name": "Zoya"}
    assert fields(said) == {"player_name": "Zoya"}
    assert answers(said) == {"phone_number": "yes", "email": "no"}


def test_leads_in_a_list() -> None:
    assert submission.split([FLAT, FLAT]) == [FLAT, FLAT]
    assert submission.split([FLAT]) == [FLAT]
    assert submission.split([[FLAT], 1]) == [FLAT, 1]
    assert submission.split({"data": [FLAT, FLAT]}) == [FLAT, FLAT]
    for one in (
        FLAT,
        {"data": [FLAT]},
        {"sports": ["a", "b"]},
        {"fields": TALLY["data"]["fields"]},
    ):
        assert submission.split(one) is None


OTHER = FLAT | {"full_name": "Ved Rao", "phone_number": "+919848022339"}


@pytest.mark.parametrize(
    "value",
    [
        {"data": {"leads": [FLAT, OTHER]}},
        {"status": "ok", "data": {"leads": [FLAT, OTHER], "page": 1}},
        {"leads": [FLAT, OTHER], "count": 2},
        {"events": [FLAT, OTHER]},
        {"payload": {"records": [{"fields": FLAT}, {"fields": OTHER}]}, "type": "batch"},
        {
            "data": [
                META_LIKE,
                {
                    "id": "429",
                    "field_data": [
                        {"name": name, "values": [text]} for name, text in OTHER.items()
                    ],
                },
            ],
            "paging": {"cursors": {"after": "x"}},
        },
        {"lead": {"0": FLAT, "1": OTHER}},
        {
            "data": [
                {name: text for name, text in one.items() if name != "nearest_center"}
                for one in (FLAT, OTHER)
            ],
            "nearest_center": "TOFA Tellapur",
        },
        {"rows": [list(FLAT), list(FLAT.values()), list(OTHER.values())]},
    ],
)
def test_leads_in_a_list_within_an_object(value: dict[str, Any]) -> None:
    first, second = submission.split(value) or []
    assert fields(first) == HERE
    assert fields(second) == HERE | {"player_name": "Ved Rao", "phone": "+919848022339"}


@pytest.mark.parametrize(
    "value",
    [
        FLAT | {"contacts": [{"phone": "9848022338"}, {"phone": "9848022339"}]},
        FLAT | {"entries": [FLAT, OTHER]},
        FLAT | {"child_name": "Zoya", "players": [{"name": "Zoya"}, {"name": "Ved"}]},
        {"phone": "9848022338", "players": [{"name": "Zoya"}, {"age": "7"}]},
        {"data": {"events": [{"name": "opened"}, {"name": "sent"}]}, "id": 1},
        {"child": "Zoya", "items": [{"phone": "1"}, {"size": "M"}]},
        {"nearest_center": "TOFA", "data": [{"phone": "9848022338"}, {"phone": "9848022339"}]},
    ],
)
def test_a_list_that_belongs_to_one_lead(value: dict[str, Any]) -> None:
    assert submission.split(value) is None


def test_a_date_in_three_parts() -> None:
    day = {"month": "05", "day": "7", "year": "2015"}
    assert fields({"dob": day, "phone": "1"})["birth_date"] == "2015-05-07"
    assert fields({"q7_dateOfBirth": day, "phone": "1"})["birth_date"] == "2015-05-07"


def test_what_has_no_names_is_no_lead() -> None:
    for value in ("text", 1, None, True, 2.5, {str(number): 1 for number in range(2001)}):
        with pytest.raises(Unreadable):
            submission.single(value)


def test_names_of_forms_that_can_not_be_ids() -> None:
    for name in ("'; DROP TABLE form", "a b", "ä", "x" * 61, "", "a,b"):
        assert Submission.of({"form_id": name}).form_id == "webhook"
    assert Submission.of({"formName": "trial-1"}).form_id == "webhook:trial-1"


@given(
    st.dictionaries(
        st.sampled_from(list(answer_fields.OWN)),
        st.text(max_size=30)
        | st.sampled_from(["x" * 501, "98480 22338", "<Test lead: x>", " a b "]),
    )
)
def test_the_forms_own_questions_alone_are_sorted_as_among_others(said: dict[str, str]) -> None:
    alone = answer_fields.sort_plain(said.items())
    assert alone == field_mapping.map_answers(list(said.items()), answer_fields.OWN)
    assert alone == Submission.of(said).map({})


@pytest.mark.parametrize(
    ("phone", "read"),
    [
        ({"countryCode": "+1", "number": "9848022338"}, "+1 9848022338"),
        ({"country_code": "971", "national_number": "501234567"}, "+971 501234567"),
        ({"number": "501234567", "country": "AE"}, "+971 501234567"),
        ({"e164": "+971501234567", "number": "501234567", "countryCode": "971"}, "+971501234567"),
        ({"number": "9848022338"}, "9848022338"),
        ([{"type": "home", "value": "9848022338"}, {"value": "9848022339"}],
         "9848022338, 9848022339"),
    ],
)  # fmt: skip
def test_a_phone_with_its_country_code(phone: object, read: str) -> None:
    assert fields({"full_name": "Zoya Khan", "phone": phone})["phone"] == read


@pytest.mark.parametrize(
    "value",
    [
        [{"Attribute": "FirstName", "Value": "Zoya"}, {"Attribute": "LastName", "Value": "Khan"},
         {"Attribute": "Phone", "Value": "+919848022338"},
         {"Attribute": "EmailAddress", "Value": "zoya@example.com"},
         {"Attribute": "mx_Center", "Value": "TOFA Tellapur"}],
        [["Timestamp", "Player name", "Phone", "Email", "Nearest center"],
         ["11/1/2026", "Zoya Khan", "+919848022338", "zoya@example.com", "TOFA Tellapur"]],
    ],
)  # fmt: skip
def test_a_lead_in_the_rows_of_a_list(value: Any) -> None:
    (one,) = submission.split(value) or []
    assert fields(one) == HERE


def test_a_row_beside_its_header() -> None:
    value = {
        "sheet": "Leads",
        "headers": ["Player name", "Phone", ""],
        "row": ["Zoya Khan", "+919848022338", "Football", 8],
    }
    mapped = submission.single(value).map({})
    assert mapped.fields == {"player_name": "Zoya Khan", "phone": "+919848022338"}
    assert mapped.answers == {"sheet": "Leads", "column 3": "Football", "column 4": "8"}


@pytest.mark.parametrize(
    "value",
    [
        [{"name": "Zoya", "value": "9"}, {"name": "Ved", "value": "8"}],
        [{"id": 1, "answers": {"phone": "1"}}, {"id": 2, "answers": {"phone": "2"}}],
        [["Zoya", "9848022338"], ["Ved", "9848022339"]],
        [["phone"], ["9848022338"]],
    ],
)
def test_a_list_that_is_no_table(value: Any) -> None:
    found = submission.split(value) or []
    assert len(found) >= 2


@pytest.mark.parametrize("inner", ["custom", "customFields", "input", "res", "variables"])
def test_answers_within_an_object_of_their_own(inner: str) -> None:
    assert fields({"data": {"contact": ZOYA_S}, inner: {"nearest_center": "TOFA Tellapur"}}) == HERE


def test_a_name_in_all_its_forms() -> None:
    name = {"First": "Zoya", "Last": "Khan", "FirstAndLast": "Zoya Khan"}
    assert fields({"Name": name}) == {"player_name": "Zoya Khan"}
