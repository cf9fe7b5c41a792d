"""A lead from the academy's own forms, in the flat form that they send."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from backend.core import times
from tests.dump import dump
from tests.servers import Answer, Client
from tests.shape import check_error
from tests.world import World

PATH = "/leads/meta-webhook/"
SAMPLES = Path(__file__).parents[1] / "samples"
FLAT: dict[str, Any] = {
    "phone_number": "+91 98480 22338",
    "full_name": "Zoya Khan 🏆",
    "email_address": "zoya@example.com",
    "nearest_center": "TOFA Gachibowli",
    "player_age_category": "U9",
    "address_and_pincode": "Flat 1,\nLake View, 502020",
}


def send(client: Client, **changed: Any) -> Answer:
    return client.post(PATH, json=FLAT | changed)


def newest(lead: Client) -> dict[str, Any]:
    shown: dict[str, Any] = lead.get("/leads/my_leads").json()[-1]
    return shown


def test_a_lead(lead: Client) -> None:
    answer = lead.post(PATH, json=FLAT, token="of no one")
    expected = b'{"status":"success","message":"Lead created successfully","lead_id":3}'
    assert (answer.status, answer.body) == (200, expected)
    shown = newest(lead)
    created = datetime.fromisoformat(shown.pop("created_time"))
    assert abs(created - times.now()) < timedelta(seconds=30)
    assert shown == {
        "id": 3,
        "player_name": "Zoya Khan 🏆",
        "player_age_category": "U9",
        "phone": "+91 98480 22338",
        "email": "zoya@example.com",
        "address": "Flat 1,\nLake View, 502020",
        "status": "New",
        "next_followup_date": None,
        "center_id": 2,
    }


def test_the_history_begins(client: Client, world: World) -> None:
    send(client)
    ((_, lead_id, _, user_id, kind, data),) = dump(world.db)["leadevent"]
    assert (lead_id, user_id, kind, data) == (3, None, "created", '{"source":"webhook"}')


def test_what_is_missing_is_told_with_a_200(client: Client, world: World) -> None:
    before = dump(world.db)
    for changed, message in (
        ({"phone_number": None}, "Phone number is required"),
        ({"phone_number": ""}, "Phone number is required"),
        ({"phone_number": " \t"}, "Phone number is required"),
        ({"phone_number": None, "nearest_center": None}, "Phone number is required"),
        ({"nearest_center": None}, "Center/Location is required"),
        ({"nearest_center": " "}, "Center/Location is required"),
        ({"nearest_center": "TOFA Nowhere"}, "Center 'TOFA Nowhere' not found"),
        ({"nearest_center": 'Zoë\'s "lake"'}, "Center 'Zoë's \"lake\"' not found"),
    ):
        answer = send(client, **changed)
        assert answer.status == 200
        assert answer.json() == {"status": "error", "message": message}
        assert list(answer.json()) == ["status", "message"]
    assert client.post(PATH, json={}).json()["message"] == "Phone number is required"
    assert dump(world.db) == before


def test_what_is_blank_is_null(lead: Client) -> None:
    for blank in ("", "  ", None):
        optional = ("full_name", "email_address", "player_age_category", "address_and_pincode")
        assert send(lead, **dict.fromkeys(optional, blank)).json()["status"] == "success"
        shown = newest(lead)
        names = ("player_name", "email", "player_age_category", "address")
        assert [shown[name] for name in names] == [None] * 4
    only = {"phone_number": "1", "nearest_center": "TOFA Tellapur"}
    assert lead.post(PATH, json=only).json()["status"] == "success"
    assert newest(lead)["player_name"] is None
    send(lead, full_name="NA", email_address="null", player_age_category="None")
    shown = newest(lead)
    assert [shown["player_name"], shown["email"], shown["player_age_category"]] == [
        *("NA", "null", "None")
    ]


def test_phones(lead: Client) -> None:
    for sent, kept in (
        ("0091 98480 22338", "0091 98480 22338"),
        ("09848022338", "09848022338"),
        (9848022338, "9848022338"),
        (919848022338.0, "919848022338"),
        (" 98480-22338 ", "98480-22338"),
        ("٩٨٤٨", "٩٨٤٨"),
    ):
        assert send(lead, phone_number=sent).json()["status"] == "success"
        assert newest(lead)["phone"] == kept


def test_centers_are_found_whatever_the_case(lead: Client) -> None:
    for tag in ("tofa tellapur", " TOFA  TELLAPUR ", "TOFA\u00a0Tellapur", "Tofa Tellapur\n"):
        assert send(lead, nearest_center=tag).json()["status"] == "success", tag
        assert newest(lead)["center_id"] == 1


def test_fields_that_are_none(client: Client, world: World) -> None:
    before = dump(world.db)
    for name in FLAT:
        values: list[object] = [True, [], {}, ["x"], "a\u0000b", "x" * 10_001]
        for value in values:
            answer = send(client, **{name: value})
            check_error(answer, "x" * 400)
            assert answer.status == 422
            assert {fault["loc"][1] for fault in answer.json()["detail"]} == {name}
    assert dump(world.db) == before
    assert send(client, unknown={"nested": [1]}).json()["status"] == "success"


def test_a_large_body_is_not_kept(client: Client, world: World) -> None:
    before = dump(world.db)
    answer = client.post(PATH, json={**FLAT, "unknown": "x" * (2 << 20)})
    check_error(answer, "xxx")
    assert answer.status == 413
    assert dump(world.db) == before


def test_what_meta_itself_sends_is_not_lost(client: Client, world: World) -> None:
    """Anything but a 200 makes Meta send it again; a 200 would be the last that is heard of it."""
    before = dump(world.db)
    answer = client.post(
        PATH,
        body=(SAMPLES / "leadgen-notification.json").read_bytes(),
        headers={"Content-Type": "application/json"},
    )
    check_error(answer, "123123123123")
    assert answer.status == 422
    assert dump(world.db) == before
