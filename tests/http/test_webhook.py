"""A lead from the academy's own forms, in the flat form that they send."""

import gzip
import json
import zlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlmodel import col

from backend.core import times
from backend.core.errors import Problem
from backend.core.intake import flat_form, processing, webhook_access
from backend.core.intake.bodies import stored_text
from backend.models import Delivery, InstallationMark, Lead, LeadEvent, LeadOrigin, Status
from tests.dump import dump
from tests.servers import Answer, Client
from tests.shape import check_error
from tests.stored import stored
from tests.world import LEAD, World

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


def not_stored(*_: object) -> None:
    """Fail as if another were in the way: then a delivery is stored before it is processed."""
    raise flat_form.NotStored


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
    assert kept.body.encode() == body
    assert (kept.source, kept.state, kept.lead_id, kept.reason) == (
        "webhook",
        "processed",
        3,
        "create",
    )
    assert (kept.due_at, kept.held_by) == (None, None)


def test_other_answers_are_stored_with_the_lead(client: Client, world: World) -> None:
    send(client, name="Green School", utm_source="flyer", shoe_size=4, nested={"is": "kept"})
    with world.db.read() as session:
        (origin,) = session.scalars(select(LeadOrigin)).all()
    assert origin.answers == {
        "name": "Green School", "utm_source": "flyer", "shoe_size": "4", "nested": "is: kept"
    }  # fmt: skip


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


def test_the_same_lead_once_more(serve: Callable[..., Client], world: World) -> None:
    client = serve(webhook_token="sesame")
    way_in = f"{PATH}?token=sesame"
    first = client.post(way_in, json=FLAT)
    with world.db.write() as session:
        session.execute(update(Lead).where(col(Lead.id) == 3).values(status=Status.DEAD))
    said = FLAT | {"phone_number": "098480-22338", "full_name": " ZOYA  khan 🏆"}
    assert client.post(way_in, json=said).body == first.body
    with world.db.read() as session:
        lines = session.scalars(select(LeadEvent).order_by(col(LeadEvent.id))).all()
        lead = session.get_one(Lead, 3)
    assert [line.kind for line in lines] == ["created", "repeat_enquiry", "status"]
    assert lead.status == "New"
    assert [one.reason for one in all_deliveries(world)] == ["create", "join"]


@pytest.mark.parametrize("stored_first", [False, True])
def test_a_repeat_enquiry_from_anyone_waits_for_a_person(
    lead: Client, world: World, monkeypatch: pytest.MonkeyPatch, stored_first: bool
) -> None:
    """It tells no id, and reopens no lead."""
    assert send(lead).json()["lead_id"] == 3
    with world.db.write() as session:
        session.execute(update(Lead).where(col(Lead.id) == 3).values(status=Status.DEAD))
    before = dump(world.db, "delivery", "outboxmessage", "ratecount")
    with monkeypatch.context() as patch:
        if stored_first:
            for way in ("create", "store"):
                patch.setattr(flat_form, way, not_stored)
        again = send(lead, full_name=" ZOYA  khan 🏆")
    told = {"status": "success", "message": "Lead created successfully", "lead_id": None}
    assert (again.status, again.json()) == (200, told)
    assert dump(world.db, "delivery", "outboxmessage", "ratecount") == before
    several = lead.post(PATH, json=[FLAT, FLAT | {"full_name": "Ved"}]).json()
    assert [one["lead_id"] for one in several["leads"]] == [None, 4]
    waiting = [one.id for one in all_deliveries(world) if one.state == "waiting"]
    assert [one["reason"] for one in lead.get("/deliveries/?state=waiting").json()] == (
        ["unverified_repeat"] * 2
    )

    assert lead.post(f"/deliveries/{waiting[0]}/retry").json() == {"reopened": 1}
    processing.run_once(world.db, world.settings)
    with world.db.read() as session:
        assert session.get_one(Lead, 3).status == "New"
    assert [one.lead_id for one in all_deliveries(world) if one.id in waiting] == [3, None]


def test_a_large_body_from_anyone_counts_as_many_leads(serve: Callable[..., Client]) -> None:
    client = serve(webhook_per_minute=20)
    long = FLAT | {"address_and_pincode": "x" * 200_000}
    assert [client.post(PATH, json=long).status for _ in range(3)] == [200, 429, 429]


def test_missing_fields_are_answered_with_a_200(client: Client, world: World) -> None:
    before = dump(world.db, "delivery", "outboxmessage")
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
    assert dump(world.db, "delivery", "outboxmessage") == before


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
    others = {"email_address": "null", "player_age_category": "None"}
    send(lead, phone_number="98480 22339", full_name="NA", **others)
    shown = newest(lead)
    assert [shown["player_name"], shown["email"], shown["player_age_category"]] == [
        *("NA", "null", "None")
    ]


def test_what_nobody_sees_is_blank(lead: Client) -> None:
    assert send(lead, full_name="\u200b", email_address="\u2060", address="\u00ad").status == 200
    shown = newest(lead)
    assert (shown["player_name"], shown["email"]) == (None, None)
    told = send(lead, phone_number="\u200b").json()
    assert told == {"status": "error", "message": "Phone number is required"}


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
        name = f"Child of {kept}"
        assert send(lead, phone_number=sent, full_name=name).json()["status"] == "success"
        assert newest(lead)["phone"] == kept


def test_a_country_code_beside_the_phone(lead: Client) -> None:
    send(lead, phone_number="7911123456", country_code="+44")
    assert newest(lead)["phone"] == "+44 7911123456"


def test_a_phone_as_an_object_has_its_own_country(lead: Client) -> None:
    send(lead, phone_number={"countryCode": "+971", "number": "501234567"})
    assert newest(lead)["phone"] == "+971 501234567"


def test_a_lead_in_rows_of_fields(lead: Client) -> None:
    rows = [{"Attribute": "FirstName", "Value": "Zoya"}, {"Attribute": "LastName", "Value": "Khan"},
            {"Attribute": "Phone", "Value": "9848022338"},
            {"Attribute": "mx_Center", "Value": "TOFA Tellapur"}]  # fmt: skip
    assert lead.post(PATH, json=rows).status == 200
    assert (newest(lead)["player_name"], newest(lead)["phone"]) == (*("Zoya Khan", "9848022338"),)


def test_centers_are_found_whatever_the_case(lead: Client) -> None:
    for tag in ("tofa tellapur", " TOFA  TELLAPUR ", "TOFA\u00a0Tellapur", "Tofa Tellapur\n"):
        assert send(lead, nearest_center=tag, full_name=tag).json()["status"] == "success", tag
        assert newest(lead)["center_id"] == 1


def test_fields_with_values_of_any_kind(lead: Client, world: World) -> None:
    """The lead is stored; what can't be a field's value is kept as an answer."""
    own = {"X-Webhook-Token": webhook_access.token(world.settings)}
    shown_as = ("phone", "player_name", "email", None, "player_age_category", "address")
    fields = dict(zip(FLAT, shown_as, strict=True))
    for number, (name, field) in enumerate(fields.items()):
        said = FLAT | {"phone_number": f"984802230{number}"}
        for other, (value, shown) in enumerate(
            (
                (["x", "", None], "x"),
                (
                    [["x"], ["y"]],
                    "x, y" if name in ("phone_number", "address_and_pincode") else "x",
                ),
                ({"a": "x", "b": "y"}, "x, y" if name == "address_and_pincode" else "x y"),
                ("x\0y", "xy"),
                (12, "12"),
                (float("inf"), "inf"),
            )
        ):
            # Another household each: a name that says nothing joins any lead of its own.
            child = {"full_name": f"{name} {value}", "phone_number": f"98480{number}{other}338"}
            answer = lead.post(PATH, json=said | child | {name: value}, headers=own)
            assert answer.status == 200
            if field is not None:
                assert newest(lead)[field] == shown, (name, value)
        for value in (True, [], {}, [None, ""], "x" * 10_001):
            answer = lead.post(PATH, json=said | {name: value}, headers=own)
            assert answer.status == 200
            is_needed = name in ("phone_number", "nearest_center")
            assert answer.json()["status"] == ("error" if is_needed else "success")
    kept = all_deliveries(world)
    assert len(kept) == 11 * len(FLAT)
    assert {one.state for one in kept} == {"processed", "waiting"}
    assert {one.reason for one in kept if one.state == "waiting"} == {
        *("no_phone", "no_center", "unknown_center")
    }


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


def test_a_new_installation_is_closed(serve: Callable[..., Client], world: World) -> None:
    client = serve(webhook_open=None)
    before = dump(world.db)
    for query in ("", "?token=", "?token=wrong"):
        answer = client.post(f"{PATH}{query}", json=FLAT)
        check_error(answer)
        assert answer.status == 403
        assert "Team leads can find the address with its token" in answer.json()["detail"]
    assert dump(world.db) == before
    told = client.get("/onboarding/", token=world.token(LEAD)).json()["webhook"]
    assert (told["is_open"], told["token_is_set"], len(told["token"])) == (False, False, 32)
    assert client.post(f"{PATH}?token={told['token']}", json=FLAT).json()["lead_id"] == 3


def test_a_token_of_the_settings_replaces_the_own_one(
    serve: Callable[..., Client], world: World
) -> None:
    own = webhook_access.token(world.settings)
    client = serve(webhook_token="sesame")
    assert client.post(f"{PATH}?token={own}", json=FLAT).status == 403
    told = client.get("/onboarding/", token=world.token(LEAD)).json()["webhook"]
    assert told == {"is_open": False, "token_is_set": True, "token": None}


def test_one_that_was_open_stays_open_until_it_is_closed_once(
    serve: Callable[..., Client], world: World
) -> None:
    with world.db.write() as session:
        session.add(InstallationMark(name=webhook_access.WAS_OPEN, since=times.now()))

    def status(**settings: object) -> int:
        return serve(**({"webhook_open": None} | settings)).post(PATH, json=FLAT).status

    assert status() == 200
    health = serve(webhook_open=None).get("/deliveries/health", token=world.token(LEAD))
    assert health.json()["webhook_open"] is True
    assert status(webhook_open=True) == 200
    assert status(meta_app_secret="of the app") == 403
    assert status() == 403
    assert status(webhook_open=True) == 200


@pytest.mark.parametrize("settings", [{}, {"webhook_open": False}, {"webhook_token": "sesame"}])
def test_a_notification_needs_metas_signature(
    serve: Callable[..., Client], world: World, settings: dict[str, object]
) -> None:
    before = dump(world.db)
    for secret in ("", "of the app"):
        client = serve(meta_app_secret=secret, **settings)
        for query in ("", "?token=sesame"):
            answer = client.post(f"{PATH}{query}", json={"object": "page", "entry": []})
            check_error(answer)
            assert answer.status == 403
    assert dump(world.db) == before


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


def test_guessing_the_token_is_limited(serve: Callable[..., Client], world: World) -> None:
    """Twelve wrong ones in a minute; then not even the right one is told apart, only there."""
    client = serve(webhook_token="sesame", login_failures_per_minute=1, trusted_proxies=1)
    here, there = {"X-Forwarded-For": "203.0.113.1"}, {"X-Forwarded-For": "203.0.113.2"}
    assert client.post(f"{PATH}?token=sesame", json=FLAT, headers=here).status == 200
    guesses = [
        client.post(f"{PATH}?token=guess{number}", json=FLAT, headers=here).status
        for number in range(14)
    ]
    assert guesses == [403] * 12 + [429] * 2
    right = client.post(f"{PATH}?token=sesame", json=FLAT, headers=here)
    assert right.status == 429
    assert 1 <= int(right.headers["retry-after"]) <= 60
    assert client.post(f"{PATH}?token=sesame", json=FLAT, headers=there).status == 200


def test_the_start_warns_who_may_send_leads(
    serve: Callable[..., Client], caplog: pytest.LogCaptureFixture
) -> None:
    serve().get("/centers/")
    assert "The webhook is open: anyone can send leads" in caplog.text
    caplog.clear()
    serve(meta_access_token="x", webhook_open=None).get("/centers/")
    assert "META_APP_SECRET is not set: Meta's notifications are refused" in caplog.text
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


# Whatever format it comes in


CASES = Path(__file__).resolve().parents[1] / "samples" / "webhook"


def posted(name: str) -> dict[str, Any]:
    """A request of a sample: its body, and the headers before an empty line in a `.txt`."""
    content = (CASES / name).read_bytes()
    if not name.endswith(".txt"):
        return {"body": content, "headers": {}}
    head, _, body = content.partition(b"\n\n")
    headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
    return {"body": body, "headers": headers}


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.iterdir()))
def test_a_lead_in_each_format(lead: Client, world: World, name: str) -> None:
    sent = posted(name)
    answer = lead.post(PATH, **sent)
    assert (answer.status, answer.json()["status"]) == (200, "success"), answer.body
    assert newest(lead)["center_id"] == 1
    (kept,) = all_deliveries(world)
    assert stored_text.decode(kept.body) == sent["body"]
    assert (kept.content_type, kept.state) == (sent["headers"].get("Content-Type"), "processed")


def test_answers_of_all_kinds_are_kept_with_the_lead(lead: Client) -> None:
    id = lead.post(PATH, **posted("lists.json")).json()["lead_id"]
    assert lead.get(f"/leads/{id}").json()["answers"] == {
        "sports": "Football, Cricket", "utm": "source: ig", "consent": "yes", "kids": "2"
    }  # fmt: skip


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "gzip, gzip"])
def test_a_compressed_body(lead: Client, world: World, encoding: str) -> None:
    body = json.dumps(FLAT).encode()
    for coding in encoding.split(", "):
        body = (gzip.compress if coding == "gzip" else zlib.compress)(body)
    answer = lead.post(PATH, body=body, headers=JSON | {"Content-Encoding": encoding})
    assert answer.json()["lead_id"] == 3
    shown = lead.get("/deliveries/1").json()
    assert stored_text.decode(shown["body"]) == body
    assert shown["content_encoding"] == encoding
    assert json.loads(shown["text"]) == FLAT


def test_a_bomb_is_too_large(serve: Callable[..., Client], world: World) -> None:
    before = dump(world.db)
    client = serve(max_webhook_unpacked_mb=1)
    for headers in ({}, {"Content-Encoding": "gzip"}):
        answer = client.post(PATH, body=gzip.compress(b" " * (2 << 20), mtime=0), headers=headers)
        check_error(answer)
        assert answer.status == 413
        assert answer.json()["detail"] == "The request is too large: send at most 1 MB"
    assert dump(world.db) == before


@pytest.mark.parametrize(
    ("body", "headers", "why"),
    [
        (b"", {}, "it is empty"),
        (b"not JSON", JSON, "it is neither JSON nor a form"),
        (b"\xff\0 \x80", {"Content-Type": "text/plain"}, "it is neither JSON nor a form"),
        (b"12", JSON, "its answers have no names"),
        (b"[1, 2]", JSON, "its answers have no names"),
        (b"[]", {}, "its answers have no names"),
        (b"{}", {"Content-Encoding": "br"}, "it is compressed in a way that can't be unpacked"),
    ],
)
def test_what_can_not_be_read_waits_for_a_person(
    lead: Client, world: World, body: bytes, headers: dict[str, str], why: str
) -> None:
    answer = lead.post(PATH, body=body, headers=headers)
    check_error(answer, "not JSON")
    assert answer.status == 422
    assert answer.json()["detail"] == (
        f"This was kept for a person to review. No lead can be found in it: {why}. "
        "Next time, send JSON or a form with phone_number and nearest_center"
    )
    (kept,) = lead.get("/deliveries/?state=waiting&reason=unreadable").json()
    assert kept["message"] == f"No lead can be found in it: {why}"
    assert stored_text.decode(lead.get(f"/deliveries/{kept['id']}").json()["body"]) == body
    # Retrying changes nothing, and it can be dismissed.
    assert lead.post(f"/deliveries/{kept['id']}/retry").status == 200
    processing.run_once(world.db, world.settings)
    (kept,) = lead.get("/deliveries/?state=waiting&reason=unreadable").json()
    assert lead.post(f"/deliveries/{kept['id']}/dismiss", json={"reason": "Spam"}).status == 200


def test_an_email_without_a_phone_waits_for_a_person(client: Client, world: World) -> None:
    said = {"email_address": "zoya@example.com", "nearest_center": "TOFA Tellapur"}
    answer = client.post(PATH, json=said)
    assert answer.body == b'{"status":"error","message":"Phone number is required"}'
    assert [(one.state, one.reason) for one in all_deliveries(world)] == [("waiting", "no_phone")]


def test_several_leads_in_one_body(lead: Client, world: World) -> None:
    said = [
        FLAT,
        FLAT | {"full_name": "Ved"},
        FLAT | {"phone_number": ""},
        FLAT | {"nearest_center": "Mars"},
        "a text",
    ]
    answer = lead.post(PATH, json=said)
    body = answer.json()
    first, second, *rest = body.pop("leads")
    assert (answer.status, first["status"], second["status"]) == (200, "success", "success")
    assert (first["lead_id"], second["lead_id"]) == (3, 4)
    assert [one["message"] for one in rest] == [
        "Phone number is required",
        "Center 'Mars' not found",
        "This was kept for a person to review. No lead can be found in it: its answers "
        "have no names. Next time, send JSON or a form with phone_number and nearest_center",
    ]
    assert body == {"status": "error", "message": "2 of 5 leads created successfully"}
    parent, *parts = all_deliveries(world)
    assert json.loads(parent.body) == said
    assert (parent.state, parent.reason) == ("processed", "several")
    assert [json.loads(one.body) for one in parts] == said
    assert {one.parent_id for one in parts} == {parent.id}
    assert lead.get("/deliveries/1").json()["message"] == "5 leads in one body"
    again = lead.post(PATH, json={"leads": said[:2]}).json()
    assert again["message"] == "2 leads created successfully"


def test_a_list_that_all_become_leads(client: Client) -> None:
    answer = client.post(PATH, json=[FLAT])
    made = {"status": "success", "message": "Lead created successfully", "lead_id": 3}
    assert answer.json() == {
        "status": "success", "message": "1 lead created successfully", "leads": [made]
    }  # fmt: skip


def test_a_long_list_is_left_to_the_workers(client: Client, world: World) -> None:
    said = [FLAT | {"full_name": f"Child {number}"} for number in range(101)]
    answer = client.post(PATH, json=said).json()
    assert answer["status"] == "success"
    assert {one["message"] for one in answer["leads"]} <= {
        "Stored, and processed in a moment", "Lead created successfully"
    }  # fmt: skip
    while processing.run_once(world.db, world.settings):
        pass
    assert [one.state for one in all_deliveries(world)] == ["processed"] * 102


def test_each_lead_of_a_list_counts_against_the_limit(
    serve: Callable[..., Client], world: World
) -> None:
    client = serve(webhook_per_minute=3)
    assert client.post(PATH, json=[FLAT, FLAT]).status == 200
    before = dump(world.db, "delivery", "lead", "leadevent", "outboxmessage")
    assert client.post(PATH, json=[FLAT, FLAT]).status == 429
    assert dump(world.db, "delivery", "lead", "leadevent", "outboxmessage") == before


def test_what_can_not_be_read_counts_against_the_limit(
    serve: Callable[..., Client], world: World
) -> None:
    client = serve(webhook_per_minute=2)
    statuses = [client.post(PATH, body=b"not JSON").status for _ in range(4)]
    assert statuses == [422, 422, 429, 429]
    assert len(all_deliveries(world)) == 2


def test_nothing_is_stored_of_those_who_may_not_send(
    serve: Callable[..., Client], world: World
) -> None:
    before = dump(world.db)
    for client in (serve(webhook_token="sesame"), serve(webhook_open=False)):
        for body in (b"not JSON", b"", b"[]", gzip.compress(b"{}", mtime=0), b"x" * (2 << 20)):
            answer = client.post(PATH, body=body)
            check_error(answer)
            assert answer.status in (403, 413)
    assert dump(world.db) == before


def test_an_own_form_that_names_no_center(lead: Client, world: World) -> None:
    """Once a person has set its center, the leads that waited have it, and later ones."""
    said = {"phone_number": "98480 22338", "full_name": "Zoya", "whose": "Hers"}
    assert lead.post(PATH, json=said).json()["message"] == "Center/Location is required"
    assert lead.get("/deliveries/health").json()["new_forms"] == []
    assert lead.put("/forms/webhook/center", json={"center_id": 2}).status == 200
    processing.run_once(world.db, world.settings)
    assert newest(lead)["center_id"] == 2
    assert lead.post(PATH, json=said | {"full_name": "Ved"}).json()["lead_id"] == 4
    assert newest(lead)["center_id"] == 2


def test_a_mapping_of_an_own_form(lead: Client, world: World) -> None:
    """It reads what waits, and what comes afterwards."""
    said = {"f1": "Zoya", "f2": "98480 22338", "f3": "TOFA Tellapur", "f4": "Evenings"}
    assert lead.post(PATH, json=said).json()["message"] == "Phone number is required"
    assert lead.post(PATH, json=said | {"form_id": 7}).json()["status"] == "error"
    assert [one["id"] for one in lead.get("/forms/").json()] == ["webhook", "webhook:7"]
    mapping = {"f1": "player_name", "F2": "phone", "f3": "center"}
    answer = lead.put("/forms/webhook", json={"mapping": mapping})
    assert answer.json()["questions"] == [
        {"question": "f1", "field": "player_name"},
        {"question": "f2", "field": "phone"},
        {"question": "f3", "field": "center"},
        {"question": "f4", "field": None},
    ]
    processing.run_once(world.db, world.settings)
    assert (newest(lead)["player_name"], newest(lead)["phone"]) == ("Zoya", "98480 22338")
    assert lead.get("/leads/3").json()["answers"] == {"f4": "Evenings"}
    assert lead.post(PATH, json=said | {"f1": "Ved"}).json()["lead_id"] == 4
    # Again, and in another form's way.
    token = {"X-Webhook-Token": webhook_access.token(world.settings)}
    assert lead.post(PATH, json=said, headers=token).json()["lead_id"] == 3
    assert lead.post(PATH, json=said | {"form_id": 7}).json()["status"] == "error"
    assert lead.put("/forms/webhook:8", json={"mapping": mapping}).status == 200
    assert lead.post(PATH, json=said | {"f1": "Om", "form_id": 8}).json()["lead_id"] == 5
    for wrong in ("webhook:", "webhook:a%20b", "hook", "8"):
        assert lead.put(f"/forms/{wrong}", json={"mapping": {}}).status in (404, 422)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*FLAT, "data", "a"]), inner),
    max_leaves=12,
)


@settings(max_examples=60)
@given(
    body=st.binary(max_size=200) | values.map(lambda value: json.dumps(value).encode()),
    content_type=st.sampled_from(
        ["", "application/json", "application/x-www-form-urlencoded", "text/plain",
         "multipart/form-data; boundary=x"]
    ),
    encoding=st.sampled_from(["", "", "gzip", "deflate", "br"]),
)  # fmt: skip
def test_whatever_is_sent_is_stored(
    client: Client, world: World, body: bytes, content_type: str, encoding: str
) -> None:
    headers = {"Content-Type": content_type, "Content-Encoding": encoding}
    sent = {name: text for name, text in headers.items() if text}
    answer = client.post(PATH, body=body, headers=sent)
    assert answer.status in (200, 422)
    kept = [one for one in all_deliveries(world) if one.parent_id is None]
    assert stored_text.decode(kept[-1].body) == body
    assert kept[-1].state in ("processed", "waiting", "received")
    assert answer.status == (422 if kept[-1].reason == "unreadable" else 200)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("location", "TOFA Tellapur"),
        ("Which academy will you come to?", "tofa_tellapur"),
        ("menu-45", "TOFA&nbsp;Tellapur"),
    ],
)
def test_the_center_is_known_by_an_answer_that_is_its_name(
    lead: Client, asked: str, answer: str
) -> None:
    form = {"phone_number": "98480 33001", "full_name": "Zoe D&#39;Souza", asked: answer}
    body = send(lead, **form, nearest_center="- Select your center -").json()
    assert body["message"] == "Lead created successfully"
    made = lead.get(f"/leads/{body['lead_id']}").json()
    assert (made["center_id"], made["player_name"]) == (1, "Zoe D'Souza")


def test_no_center_is_made_up_from_answers(lead: Client) -> None:
    both = {"first": "TOFA Tellapur", "second": "TOFA Gachibowli"}
    for said in (both, {"city": "TOFA Tellapur"}, {"about": "I live near TOFA Tellapur"}):
        body = send(lead, nearest_center="Choose", **said).json()
        assert body == {"status": "error", "message": "Center/Location is required"}


def test_a_form_that_ignores_a_question_doesn_t_know_the_center_by_it(lead: Client) -> None:
    lead.put("/forms/webhook", json={"mapping": {"trained before at": ""}})
    body = send(lead, nearest_center="", **{"Trained before at": "TOFA Tellapur"}).json()
    assert body["message"] == "Center/Location is required"


def test_a_phone_in_the_name(lead: Client) -> None:
    body = send(lead, phone_number="", full_name="Zoya 98480 33002").json()
    made = lead.get(f"/leads/{body['lead_id']}").json()
    assert (made["player_name"], made["phone_shown"]) == ("Zoya", "+91 98480 33002")
