"""Targets over HTTP: set by team leads, counted from where a lead comes in, and what is missed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from sqlmodel import col

from backend.core import times
from backend.core.intake import webhook_access
from backend.core.leads import handovers
from backend.models import Lead, MissedTarget
from tests.servers import Client
from tests.world import MEMBER, OBSERVER, OTHER_MEMBER, World

RULES = "/calling-rules/"
# Day and night, so that a test can run at any hour.
ALWAYS = [[{"opens": "00:00", "closes": "23:59"}]] * 7
HALF = timedelta(minutes=30)
ZONE = ZoneInfo("Asia/Kolkata")


def set_targets(lead: Client, **given: Any) -> dict[str, Any]:
    answer = lead.patch(RULES, json={"week": ALWAYS, **given})
    assert answer.status == 200, answer.body
    told: dict[str, Any] = answer.json()
    return told


def enquire(client: Client, name: str = "Tara", center: str = "TOFA Tellapur") -> int:
    sent = {"phone_number": "9848011111", "full_name": name, "nearest_center": center}
    answer = client.post("/leads/meta-webhook/", json=sent).json()
    assert answer["status"] == "success", answer
    id: int = answer["lead_id"]
    return id


def left(client: Client, id: int) -> timedelta | None:
    """Return how long after now a lead is to be called, in whole minutes."""
    by = client.get(f"/leads/{id}").json()["call_by"]
    if by is None:
        return None
    begin, end = (one.astimezone(ZONE) for one in (times.now(), datetime.fromisoformat(by)))
    # The minute before midnight isn't open.
    closed = timedelta(minutes=(end.date() - begin.date()).days)
    return timedelta(minutes=round((end - begin - closed) / timedelta(minutes=1)))


def test_a_lead_is_timed_missed_and_handed_over(
    lead: Client, world: World, sign_in: Callable[[str], Client]
) -> None:
    assert left(lead, enquire(lead, "Before")) is None
    assert {one["missed_targets"] for one in lead.get("/reports/live").json()["centers"]} == {None}
    told = set_targets(lead, first_call_minutes=30, follow_up_minutes=0)
    assert (told["first_call_minutes"], told["follow_up_minutes"]) == (30, 0)
    id = enquire(lead)
    assert left(lead, id) == HALF
    new = {"player_name": "By hand", "phone": "9848022222", "center_id": 1}
    assert lead.post("/leads/", json=new).json()["lead"]["call_by"] is not None
    own = lead.patch("/centers/2/calling-rules", json={"first_call_minutes": 10}).json()
    assert own["centers"] == [
        {
            "center_id": 2, "week": None, "retry_plan": None,
            "first_call_minutes": 10, "follow_up_minutes": None,
        }
    ]  # fmt: skip
    assert left(lead, enquire(lead, "Elsewhere", "TOFA Gachibowli")) == HALF / 3
    # Its time passes.
    passed(world, id)
    handovers.run(world.db, world.settings)
    shown = lead.get(f"/leads/{id}").json()
    assert (shown["owner"], shown["handed_over_from"]) == ("Tellapur", None)
    assert shown["handed_over_at"] is not None
    assert left(lead, id) == HALF
    line = lead.get(f"/leads/{id}/history").json()[0]
    assert (line["kind"], line["who"], line["data"]["to"]) == ("assigned", None, "Tellapur")
    assert line["data"]["missed"] is not None
    assert [one["id"] for one in lead.get("/leads/?missed=first_call").json()["leads"]] == [id]
    missed = lead.get("/reports/").json()["missed"]
    assert (missed["first_call"], missed["follow_up"], len(missed["days"])) == (1, 0, 1)
    # Each number is that of a list.
    day = missed["days"][0]["day"]
    for did, found in (
        ("missed_first_call", [id]),
        ("missed_target", [id]),
        ("missed_follow_up", []),
    ):
        listed = lead.get(f"/leads/?did={did}&did_from={day}&did_to={day}").json()["leads"]
        assert [one["id"] for one in listed] == found
    # It was in the queue then, and nobody's.
    by = "/leads/?did=missed_target&did_by="
    assert lead.get(f"{by}2").json()["leads"] == []
    with world.db.write() as session:
        session.connection().execute(update(MissedTarget).values(owner_id=2))
    assert [one["id"] for one in lead.get(f"{by}2").json()["leads"]] == [id]
    assert lead.get(f"{by}1").json()["leads"] == []
    live = {one["center_id"]: one for one in lead.get("/reports/live").json()["centers"]}
    assert {id: one["missed_targets"] for id, one in live.items() if id} == {1: 1, 2: 0}
    # The caller sees it first, and calls.
    member = sign_in(MEMBER)
    queue = member.get("/leads/next").json()["leads"]
    assert (queue[0]["id"], queue[0]["handed_over_at"]) == (id, shown["handed_over_at"])
    assert member.post(f"/leads/{id}/calls/", json={"outcome": "spoke"}).status == 200
    shown = lead.get(f"/leads/{id}").json()
    assert (shown["call_by"], shown["handed_over_at"], shown["handed_over_from"]) == (None,) * 3
    assert lead.get("/leads/?missed=first_call").json()["leads"] == []
    assert lead.get("/leads/?missed=follow_up").json()["leads"] == []


def passed(world: World, *ids: int) -> None:
    """Let the time of some leads pass."""
    with world.db.write() as session:
        late = update(Lead).where(col(Lead.id).in_(ids))
        session.connection().execute(late.values(call_by=datetime(2026, 11, 2, 6, tzinfo=UTC)))


def test_a_repeat_enquiry_about_a_lost_lead_is_timed(lead: Client, world: World) -> None:
    set_targets(lead, first_call_minutes=30)
    id = enquire(lead)
    lead.patch(f"/leads/{id}", json={"status": "Dead/Not Interested"})
    assert left(lead, id) is None
    # Of forms that anyone can send, a repeat enquiry waits for a person.
    lead.sent = {"X-Webhook-Token": webhook_access.token(world.settings)}
    assert enquire(lead) == id
    assert left(lead, id) == HALF
    # Nor is one forgotten that nobody could reach.
    for _ in range(4):
        lead.post(f"/leads/{id}/calls/", json={"outcome": "no_answer"})
    assert lead.get(f"/leads/{id}").json()["unreachable_since"] is not None
    assert enquire(lead) == id
    shown = lead.get(f"/leads/{id}").json()
    assert shown["unreachable_since"] is None
    assert left(lead, id) == HALF


def test_people_see_what_was_missed_at_their_centers(
    lead: Client, world: World, sign_in: Callable[[str], Client]
) -> None:
    set_targets(lead, first_call_minutes=30)
    ids = [enquire(lead), enquire(lead, "Elsewhere", "TOFA Gachibowli")]
    passed(world, *ids)
    handovers.run(world.db, world.settings)
    for email, center in ((MEMBER, 0), (OTHER_MEMBER, 1), (OBSERVER, 0)):
        person = sign_in(email)
        found = person.get("/leads/?missed=first_call").json()["leads"]
        assert [one["id"] for one in found] == [ids[center]]
        assert person.get("/reports/").json()["missed"]["first_call"] == 1
    assert lead.get("/reports/").json()["missed"]["first_call"] == 2
    assert lead.get("/reports/?center_id=2").json()["missed"]["first_call"] == 1
    # What was erased stays counted.
    assert lead.post(f"/leads/{ids[0]}/erase", json={"at_once": False}).status == 200
    assert lead.get(f"/leads/{ids[0]}").status == 404
    assert lead.get("/reports/").json()["missed"]["first_call"] == 2


@pytest.mark.parametrize("email", [MEMBER, OBSERVER])
def test_only_team_leads_set_targets(
    lead: Client, sign_in: Callable[[str], Client], email: str
) -> None:
    person = sign_in(email)
    assert person.patch(RULES, json={"first_call_minutes": 30}).status == 403
    assert lead.get(RULES).json()["first_call_minutes"] is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"first_call_minutes": -1}, "First call within (minutes): "),
        ({"first_call_minutes": 10_081}, "First call within (minutes): "),
        ({"follow_up_minutes": "soon"}, "Follow-up within (minutes): "),
    ],
)
def test_a_wrong_target_is_told(lead: Client, given: dict[str, Any], said: str) -> None:
    answer = lead.patch(RULES, json=given)
    assert answer.status == 422
    assert answer.json()["detail"].startswith(said)


def test_a_target_is_taken_back(lead: Client) -> None:
    set_targets(lead, first_call_minutes=30)
    assert lead.patch(RULES, json={"first_call_minutes": None}).json()["first_call_minutes"] is None
    assert left(lead, enquire(lead)) is None
