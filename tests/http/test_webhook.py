"""A lead from the academy's own forms, in the flat form that they send."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from backend.core import times
from backend.core.errors import Problem
from backend.core.intake import processing
from backend.models import Delivery, Lead, LeadEvent, LeadOrigin, Status
from tests.dump import dump
from tests.servers import Answer, Client
from tests.shape import check_error
from tests.stored import stored
from tests.world import World

PATH = "/leads/meta-webhook/"
JSON = {"Content-Type": "application/json"}
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


def all_deliveries(world: World) -> list[Delivery]:
    with world.db.read() as session:
        return list(session.scalars(select(Delivery).order_by(col(Delivery.id))))


def newest(lead: Client) -> dict[str, Any]:
    return stored(lead)[-1]


def test_a_lead(lead: Client) -> None:
    before = times.now()
    answer = lead.post(PATH, json=FLAT, token="of no one")
    expected = b'{"status":"success","message":"Lead created successfully","lead_id":3}'
    assert (answer.status, answer.body) == (200, expected)
    shown = newest(lead)
    created = datetime.fromisoformat(shown.pop("created_time"))
    assert before <= created <= times.now()
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
    with world.db.read() as session:
        (line,) = session.scalars(select(LeadEvent)).all()
    assert (line.lead_id, line.user_id, line.kind) == (3, None, "created")
    assert line.data == '{"source":"webhook"}'


def test_a_body_is_stored_as_it_came(client: Client, world: World) -> None:
    body = b'\xef\xbb\xbf{"phone_number" : "98480 22338","nearest_center":"TOFA Tellapur" }'
    assert client.post(PATH, body=body, headers=JSON).json()["lead_id"] == 3
    (kept,) = all_deliveries(world)
    assert kept.body.encode() == body[3:]
    assert (kept.source, kept.state, kept.lead_id, kept.reason) == (
        "webhook",
        "processed",
        3,
        "create",
    )
    assert (kept.due_at, kept.held_by) == (None, None)


def test_other_answers_are_stored_with_the_lead(client: Client, world: World) -> None:
    send(client, name="Green School", utm_source="flyer", shoe_size=4, nested={"not": "kept"})
    with world.db.read() as session:
        (origin,) = session.scalars(select(LeadOrigin)).all()
    assert origin.answers == {"name": "Green School", "utm_source": "flyer", "shoe_size": "4"}


def test_names_that_are_almost_those_of_the_form(client: Client, world: World) -> None:
    sent = {"Phone_Number": "1", " NEAREST_CENTER": "Mars"} | FLAT | {"Full_Name": "The parent"}
    assert client.post(PATH, json=sent).json()["lead_id"] == 3
    with world.db.read() as session:
        lead = session.get_one(Lead, 3)
        (origin,) = session.scalars(select(LeadOrigin)).all()
    assert (lead.phone, lead.center_id, lead.player_name) == (
        *("+91 98480 22338", 2, "Zoya Khan 🏆"),
    )
    assert origin.answers == {
        "Phone_Number": "1", " NEAREST_CENTER": "Mars", "Full_Name": "The parent"
    }  # fmt: skip


def test_the_same_lead_once_more(client: Client, world: World) -> None:
    first = send(client)
    with world.db.write() as session:
        session.execute(update(Lead).where(col(Lead.id) == 3).values(status=Status.DEAD))
    again = send(client, phone_number="098480-22338", full_name=" ZOYA  khan 🏆")
    assert again.body == first.body
    with world.db.read() as session:
        lines = session.scalars(select(LeadEvent).order_by(col(LeadEvent.id))).all()
        lead = session.get_one(Lead, 3)
    assert [line.kind for line in lines] == ["created", "repeat_enquiry", "status"]
    assert lead.status == "New"
    assert [one.reason for one in all_deliveries(world)] == ["create", "join"]


def test_missing_fields_are_answered_with_a_200(client: Client, world: World) -> None:
    before = dump(world.db, "delivery")
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
    assert dump(world.db, "delivery") == before


def test_a_delivery_that_can_not_become_a_lead_yet_waits(client: Client, world: World) -> None:
    send(client, phone_number=" ")
    send(client, nearest_center=None)
    send(client, nearest_center=" TOFA  Nowhere ")
    waiting = [(one.state, one.reason, one.center_text) for one in all_deliveries(world)]
    assert waiting == [
        ("waiting", "no_phone", None),
        ("waiting", "no_center", None),
        ("waiting", "unknown_center", "TOFA  Nowhere"),
    ]


def test_blank_values_are_null(lead: Client) -> None:
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
        # Another child each, for one phone is one household however it is written.
        assert send(lead, phone_number=sent, full_name=kept).json()["status"] == "success"
        assert newest(lead)["phone"] == kept


def test_centers_are_found_whatever_the_case(lead: Client) -> None:
    for tag in ("tofa tellapur", " TOFA  TELLAPUR ", "TOFA\u00a0Tellapur", "Tofa Tellapur\n"):
        assert send(lead, nearest_center=tag, full_name=tag).json()["status"] == "success", tag
        assert newest(lead)["center_id"] == 1


def test_fields_that_are_none(client: Client, world: World) -> None:
    before = dump(world.db)
    for name in FLAT:
        values: list[object] = [True, [], {}, ["x"], "a\u0000b", "x" * 10_001]
        for value in values:
            answer = send(client, **{name: value})
            check_error(answer, "x" * 400)
            assert answer.status == 422
            assert {fault["loc"][1] for fault in answer.json()["errors"]} == {name}
    assert dump(world.db) == before
    assert send(client, unknown={"nested": [1]}).json()["status"] == "success"


def test_a_large_body_is_not_kept(client: Client, world: World) -> None:
    before = dump(world.db)
    answer = client.post(PATH, json={**FLAT, "unknown": "x" * (2 << 20)})
    check_error(answer, "xxx")
    assert answer.status == 413
    assert dump(world.db) == before


# Who may send


def test_a_token_once_it_is_set(serve: Callable[..., Client], world: World) -> None:
    client = serve(webhook_token="open sesame")
    before = dump(world.db)
    for headers, query in (
        ({}, ""),
        ({"X-Webhook-Token": "open"}, ""),
        ({}, "?token="),
        ({}, "?token=open%20sesamE"),
        ({"X-Webhook-Token": "wrong"}, "?token=open%20sesame"),
        ({"Authorization": "Bearer open sesame"}, ""),
    ):
        answer = client.post(f"{PATH}{query}", json=FLAT, headers=headers)
        check_error(answer, "sesame")
        assert answer.status == 403, (headers, query)
    assert dump(world.db) == before
    assert client.post(f"{PATH}?token=open%20sesame", json=FLAT).json()["lead_id"] == 3
    header = {"X-Webhook-Token": "open sesame"}
    assert client.post(PATH, json=FLAT, headers=header).json()["lead_id"] == 3


def test_with_the_secret_alone_only_meta_may_send(serve: Callable[..., Client]) -> None:
    answer = serve(meta_app_secret="of the app").post(PATH, json=FLAT)
    assert answer.status == 403
    assert "set WEBHOOK_TOKEN" in answer.json()["detail"]


def test_an_open_webhook_limits_each_address(serve: Callable[..., Client], world: World) -> None:
    client = serve(webhook_per_minute=3, trusted_proxies=1)
    here, there = ({"X-Forwarded-For": address} for address in ("203.0.113.1", "203.0.113.2"))
    statuses = [client.post(PATH, json=FLAT, headers=here).status for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    refusal = client.post(PATH, json=FLAT, headers=here)
    check_error(refusal)
    assert 1 <= int(refusal.headers["retry-after"]) <= 60
    assert client.post(PATH, json=FLAT, headers=there).status == 200
    assert len(all_deliveries(world)) == 4


def test_a_token_spares_the_limit(serve: Callable[..., Client]) -> None:
    client = serve(webhook_per_minute=1, webhook_token="sesame")
    assert {client.post(f"{PATH}?token=sesame", json=FLAT).status for _ in range(3)} == {200}


def test_the_start_warns_who_may_send_leads(
    serve: Callable[..., Client], caplog: pytest.LogCaptureFixture
) -> None:
    serve().get("/centers/")
    assert "anyone may send leads to the webhook" in caplog.text
    caplog.clear()
    serve(meta_app_secret="x").get("/centers/")
    assert "accepts leads from Meta only" in caplog.text
    caplog.clear()
    serve(webhook_token="x").get("/centers/")
    assert caplog.text == ""


def test_a_delivery_that_fails_unexpectedly_is_kept(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise LookupError("the moon")

    with monkeypatch.context() as patch:
        patch.setattr("backend.core.phones.read", fail)
        answer = send(client)
    assert (answer.status, answer.json()) == (500, {"detail": Problem.detail})
    (kept,) = all_deliveries(world)
    assert (kept.state, kept.reason, kept.attempts) == ("retrying", "error", 1)
    with world.db.write() as session:
        session.execute(update(Delivery).values(due_at=times.now()))
    assert processing.run_once(world.db, world.settings) == 1
    assert all_deliveries(world)[0].lead_id == 3
