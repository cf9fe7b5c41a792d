"""The live view over HTTP: who works on what, and which leads wait."""

from datetime import datetime, timedelta
from itertools import product
from typing import Any
from urllib.parse import urlencode

import pytest

from backend.core import times
from backend.core.intake import deliveries
from backend.core.reports import live
from backend.models import Lead, Status
from tests.servers import Client
from tests.world import DISABLED, MEMBER, OBSERVER, OTHER_MEMBER, World

LIVE = "/reports/live"
DUE = (None, timedelta(hours=-1), timedelta(hours=9))


def as_(client: Client, world: World, email: str) -> Client:
    other = Client(client.port)
    other.token = world.token(email)
    return other


def shown(client: Client, query: str = "") -> tuple[dict[str, Any], dict[int | None, Any], Any]:
    answer = client.get(f"{LIVE}{query}")
    assert answer.status == 200, answer.body
    told = answer.json()
    people = {one["full_name"]: one for one in told["people"]}
    return people, {one["center_id"]: one for one in told["centers"]}, told["deliveries"]


@pytest.mark.every_adapter
def test_who_works_on_what(lead: Client, world: World) -> None:
    member = as_(lead, world, MEMBER)
    people, centers, waiting = shown(lead)
    assert [*people] == ["Gachibowli", "Tellapur"]
    assert (people["Tellapur"]["in_hand"], people["Tellapur"]["last_at"]) == ([], None)
    assert {id: (one["new"], one["overdue"]) for id, one in centers.items()} == {
        2: (1, 0), 1: (1, 0),
    }  # fmt: skip
    oldest = {"lead_id": 1, "player_name": "Zoë Khan", "created_time": "2026-11-02T04:30:00Z"}
    assert (centers[1]["oldest"], waiting) == (oldest, 0)
    assert member.post("/leads/1/claim").status == 200
    assert shown(lead)[0]["Tellapur"]["in_hand"] == [{"lead_id": 1, "player_name": "Zoë Khan"}]
    assert member.post("/leads/1/calls/", json={"outcome": "spoke"}).status == 200
    people, centers, _ = shown(lead)
    told = people["Tellapur"]
    assert (told["in_hand"], told["attempts"], told["conversations"]) == ([], 1, 1)
    assert told["last_at"] is not None
    assert (centers[1]["new"], centers[1]["oldest"]) == (0, None)
    # One center has its people and leads alone.
    people, centers, waiting = shown(lead, "?center_id=2")
    assert ([*people], [*centers], waiting) == (["Gachibowli"], [2], None)
    for email in (MEMBER, OTHER_MEMBER, OBSERVER):
        assert as_(lead, world, email).get(LIVE).status == 403
    assert as_(lead, world, DISABLED).get(LIVE).status == 401


def test_who_is_present(lead: Client, world: World) -> None:
    # Open all day, so that it doesn't depend on when this runs.
    week = [[{"opens": "00:00", "closes": "23:59"}]] * 7
    assert lead.patch("/calling-rules/", json={"week": week}).status == 200
    member = as_(lead, world, MEMBER)
    assert shown(lead)[0]["Tellapur"]["present"] is True
    assert member.put("/presence/me", json={"away": True}).status == 200
    people = shown(lead)[0]
    assert [people[name]["present"] for name in ("Tellapur", "Gachibowli")] == [False, True]
    # A team lead isn't at a center, and is last.
    lead.post("/leads/2/calls/", json={"outcome": "busy"})
    people = shown(lead)[0]
    assert [*people] == ["Gachibowli", "Tellapur", "Admin"]
    assert people["Admin"]["present"] is None


def test_numbers_are_lists(lead: Client, world: World) -> None:
    now = times.now()
    with world.db.write() as session:
        every = product((1, 2, None), (Status.NEW, Status.CALLED, Status.JOINED), DUE, (now, None))
        for number, (center, status, due, called) in enumerate(every):
            session.add(
                Lead(
                    created_time=now - timedelta(days=60, minutes=number % 11),
                    center_id=center,
                    status=status,
                    called_at=called,
                    is_test=number % 7 == 0,
                    next_followup_date=None if due is None else now + due,
                )
            )
        for state in ("waiting", "waiting", "processed"):
            deliveries.keep(session, "webhook", "{}", state=state, reason="no_center")
    _, centers, waiting = shown(lead)
    assert set(centers) == {1, 2, None}
    assert waiting == len(lead.get("/deliveries/?state=waiting").json()) == 2
    for id, one in centers.items():
        of_center: dict[str, object] = {"center_id": id or "none", "test": "no", "limit": 200}
        new = listed(lead, of_center | {"status": "New", "first_call": "none", "sort": "created"})
        assert len(new) == one["new"] > 0
        assert one["oldest"]["lead_id"] == new[0]
        assert len(listed(lead, of_center | {"due": "overdue"})) == one["overdue"] > 0


def listed(client: Client, query: dict[str, object]) -> list[int]:
    return [one["id"] for one in client.get(f"/leads/?{urlencode(query)}").json()["leads"]]


def test_counts_stop(lead: Client, world: World, clock: list[datetime]) -> None:
    with world.db.write() as session:
        session.add_all(
            Lead(created_time=clock[0], center_id=1, status=Status.NEW)
            for _ in range(live.MOST + 5)
        )
    assert shown(lead)[1][1]["new"] == live.MOST
