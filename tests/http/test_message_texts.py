"""WhatsApp texts over HTTP: team leads edit them, callers send them."""

from typing import Any

import pytest
from sqlmodel import col, select

from backend.models import Attempt, AuditEvent
from tests.servers import Answer, Client
from tests.world import MEMBER, OTHER_MEMBER, World

TEXTS = "/message-texts/"
OF_LEAD = "/leads/1/message-texts/"
REMINDER = {"label": "Trial reminder", "message": "See you {trial}, {name}!"}


@pytest.fixture
def member(client: Client, world: World) -> Client:
    member = Client(client.port)
    member.token = world.token(MEMBER)
    return member


def add(lead: Client, label: str, message: str, **more: Any) -> int:
    answer = lead.post(TEXTS, json={"label": label, "message": message, **more})
    assert answer.status == 200, answer.body
    id: int = answer.json()["id"]
    return id


def offered(client: Client, path: str = OF_LEAD) -> dict[str, str]:
    return {one["label"]: one["message"] for one in client.get(path).json()}


def detail(answer: Answer) -> tuple[int, Any]:
    found = answer.json()["detail"]
    return answer.status, found


def test_a_text_is_edited_and_sent(lead: Client, member: Client, world: World) -> None:
    made = lead.post(TEXTS, json=REMINDER | {"status": "Trial Scheduled"})
    assert made.json() == {
        "id": 1,
        **REMINDER,
        "status": "Trial Scheduled",
        "center_id": None,
        "archived": False,
    }
    assert member.get(TEXTS).json() == [made.json()]
    assert member.get(OF_LEAD).json() == []
    trial = {"status": "Trial Scheduled", "trial_at": "2026-12-05T16:30"}
    assert member.patch("/leads/1", json=trial).status == 200
    text = "See you Saturday, 5 December at 4:30 pm, Zoë Khan!"
    assert member.get(OF_LEAD).json() == [{"id": 1, "label": "Trial reminder", "message": text}]
    sent = member.post("/leads/1/calls/", json={"outcome": "whatsapp", "text_id": 1})
    assert sent.status == 200
    # Removed from the offer, and renamed: the history says what was sent.
    assert lead.patch(f"{TEXTS}1", json={"label": "Renamed"}).json()["label"] == "Renamed"
    assert lead.post(f"{TEXTS}1/archive").json()["archived"] is True
    assert member.get(OF_LEAD).json() == []
    (line,) = [one for one in member.get("/leads/1/history").json() if one["kind"] == "call"]
    assert (line["data"]["text_id"], line["data"]["text_label"]) == (1, "Trial reminder")
    (shown,) = member.get("/leads/1/calls/").json()["calls"]
    assert (shown["outcome"], shown["text_id"]) == ("whatsapp", 1)
    assert lead.post(f"{TEXTS}1/restore").json()["archived"] is False
    assert list(offered(member)) == ["Renamed"]
    with world.db.read() as session:
        events = [
            (one.event, one.subject, one.subject_id, one.data)
            for one in session.scalars(select(AuditEvent).order_by(col(AuditEvent.id)))
            if one.event.startswith("message_text")
        ]
        (attempt,) = session.scalars(select(Attempt)).all()
    assert events == [
        ("message_text_added", "message_text", 1, None),
        ("message_text_changed", "message_text", 1, '{"fields":["label"]}'),
        ("message_text_archived", "message_text", 1, None),
        ("message_text_restored", "message_text", 1, None),
    ]
    # The person's name isn't stored a second time.
    assert "Zoë" not in str(attempt.model_dump())


def test_a_center_has_its_own(lead: Client, member: Client, world: World) -> None:
    add(lead, "Welcome", "Hello from the academy")
    add(lead, "Fees", "Fees of {center}")
    add(lead, "welcome ", "Hello from Tellapur", center_id=1)
    elsewhere = add(lead, "Welcome", "Hello from Gachibowli", center_id=2, status="Joined")
    assert offered(member) == {"Fees": "Fees of Tellapur", "welcome": "Hello from Tellapur"}
    # Replaced by the center's, which is for another status.
    assert offered(lead, "/leads/2/message-texts/") == {"Fees": "Fees of Gachibowli"}
    assert [one["center_id"] for one in member.get(TEXTS).json()] == [None, None, 1]
    assert len(lead.get(TEXTS).json()) == 4
    assert member.get("/leads/2/message-texts/").status == 404
    other = Client(member.port)
    other.token = world.token(OTHER_MEMBER)
    assert [one["center_id"] for one in other.get(TEXTS).json()] == [None, None, 2]
    # What other centers write can't be sent, nor found out.
    for id in (elsewhere, 99):
        body = {"outcome": "whatsapp", "text_id": id}
        refused = detail(member.post("/leads/1/calls/", json=body))
        assert refused == (422, "WhatsApp text: choose from the list of texts")
    assert member.get("/leads/1").json()["attempts"] == 0


def test_what_is_refused(lead: Client, member: Client) -> None:
    id = add(lead, "Welcome", "Hello {name}")
    for body, sentence in (
        (
            {"label": "A", "message": "Dear {parent}"},
            "Text: {parent} isn't a placeholder. Use {name}, {center}, {trial} or {caller}",
        ),
        ({"label": " ", "message": "Hi"}, "Name: enter a name"),
        ({"label": "A", "message": ""}, "Text: enter the text"),
        ({"label": "A", "message": "x" * 1001}, "Text: use at most 1,000 characters"),
        ({"label": "A", "message": "Hi", "center_id": 99}, "Center: choose a center"),
    ):
        assert detail(lead.post(TEXTS, json=body)) == (422, sentence)
    for status in ("Sold", ""):
        answer = lead.post(TEXTS, json={"label": "A", "message": "Hi", "status": status})
        assert answer.status == 422
    taken = (409, "Another text for the same center has this name. Choose another name")
    assert detail(lead.post(TEXTS, json={"label": "WELCOME", "message": "Hi"})) == taken
    other = add(lead, "Fees", "Hi")
    assert detail(lead.patch(f"{TEXTS}{other}", json={"label": "Welcome"})) == taken
    assert lead.post(f"{TEXTS}{id}/archive").status == 200
    assert lead.patch(f"{TEXTS}{other}", json={"label": "Welcome"}).status == 200
    assert detail(lead.post(f"{TEXTS}{id}/restore")) == taken
    for path in (f"{TEXTS}99/archive", f"{TEXTS}99/restore"):
        assert detail(lead.post(path)) == (404, "Text not found")
    assert lead.patch(f"{TEXTS}99", json={}).status == 404
    body = {"outcome": "spoke", "text_id": other}
    assert member.post("/leads/1/calls/", json=body).status == 422


def test_who_must_not_be_contacted_gets_none(lead: Client, member: Client) -> None:
    add(lead, "Welcome", "Hello")
    assert list(offered(member)) == ["Welcome"]
    assert lead.put("/leads/1/contact", json={"do_not_contact": True}).status == 200
    assert offered(member) == {}


def test_given_fields_change(lead: Client, member: Client) -> None:
    id = add(lead, "Welcome", "Hello", status="Joined", center_id=2)
    path = f"{TEXTS}{id}"
    assert lead.patch(path, json={"label": None, "message": "Bye"}).json() == {
        "id": id,
        "label": "Welcome",
        "message": "Bye",
        "status": "Joined",
        "center_id": 2,
        "archived": False,
    }
    changed = lead.patch(path, json={"status": None, "center_id": None}).json()
    assert (changed["status"], changed["center_id"]) == (None, None)
    assert offered(member) == {"Welcome": "Bye"}
