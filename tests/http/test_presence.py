"""Presence: people say that they are away or back, and when they work; team leads for everyone."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from backend.core import times
from backend.models import AuditEvent, Leave, Presence
from tests.servers import Client
from tests.world import LEAD, MEMBER, OTHER_MEMBER, World

ZONE = ZoneInfo("Asia/Kolkata")
ME = "/presence/me"
# Open all day, so that no test depends on when it runs.
ALL_DAY = [[{"opens": "00:00", "closes": "23:59"}]] * 7
PLAIN: dict[str, Any] = {
    "user_id": 2, "away": False, "away_until": None, "week": None, "leave": [],
}  # fmt: skip


@pytest.fixture
def member(client: Client, world: World) -> Client:
    client.token = world.token(LEAD)
    assert client.patch("/calling-rules/", json={"week": ALL_DAY}).status == 200
    client.token = world.token(MEMBER)
    return client


def today() -> datetime:
    return times.now().astimezone(ZONE)


def present(client: Client) -> dict[int, Any]:
    return {one["id"]: one for one in client.get("/presence/").json()}


def test_one_is_away_and_back(member: Client, world: World) -> None:
    assert member.get(ME).json() == PLAIN
    assert member.put(ME, json={"away": True}).json() == PLAIN | {"away": True}
    told = member.put(ME, json={"away": True, "period": "hour"}).json()
    with world.db.read() as session:
        since = session.get_one(Presence, 2).away_since
    assert since is not None
    assert datetime.fromisoformat(told["away_until"]) == since + timedelta(hours=1)
    told = member.put(ME, json={"away": True, "period": "day"}).json()
    until = datetime.fromisoformat(told["away_until"]).astimezone(ZONE)
    assert until == datetime.combine(today() + timedelta(days=1), time(), ZONE)
    assert present(member)[2]["away"]
    assert member.put(ME, json={"away": False, "period": "day"}).json() == PLAIN
    with world.db.read() as session:
        assert [one.user_id for one in session.scalars(select(Presence))] == [2]


def test_who_is_present_depends_on_who_asks(member: Client, world: World) -> None:
    one = {"away": False, "away_until": None, "on_leave": False}
    team_lead = one | {"id": 1, "full_name": "Team Lead", "center_ids": None}
    mine = one | {"id": 2, "full_name": "Tellapur", "center_ids": [1], "present_at": [1]}
    told = member.get("/presence/").json()
    team_lead["full_name"] = next(row["full_name"] for row in told if row["id"] == 1)
    assert sorted(told, key=lambda row: int(row["id"])) == [team_lead | {"present_at": [1]}, mine]
    member.token = world.token(LEAD)
    everyone = present(member)
    assert everyone[1] == team_lead | {"present_at": [1, 2]}
    assert everyone[3]["center_ids"] == everyone[3]["present_at"] == [2]
    # Neither the observer nor the disabled one.
    assert {*everyone} == {1, 2, 3}


def test_hours_and_leave_are_ones_own_or_a_team_leads(member: Client, world: World) -> None:
    week = [[{"opens": "09:00", "closes": "12:00"}], *[[]] * 6]
    assert member.patch(ME, json={"week": week}).json() == PLAIN | {"week": week}
    assert member.patch(ME, json={}).json()["week"] == week
    days = [str(today().date() + timedelta(days=number)) for number in range(3)]
    first = {"first_day": days[0], "last_day": days[2], "label": "Wedding"}
    mine = member.post("/leave/", json=first).json()
    assert mine == {"id": 1, "user_id": 2, **first}
    assert member.get(ME).json()["leave"] == [mine]
    assert present(member)[2]["on_leave"]
    assert present(member)[2]["present_at"] == []
    # Of others they change nothing, and see no leave.
    assert member.post("/leave/", json={**first, "user_id": 3}).status == 403
    member.token = world.token(OTHER_MEMBER)
    assert member.delete("/leave/1").status == 404
    assert 2 not in present(member)
    assert member.get("/users/2/presence").status == 403
    member.token = world.token(LEAD)
    assert member.get("/users/2/presence").json() == PLAIN | {"week": week, "leave": [mine]}
    assert member.patch("/users/2/presence", json={"week": None}).json()["week"] is None
    other = member.post("/leave/", json={"first_day": days[1], "user_id": 3}).json()
    assert other["last_day"] == days[1]
    assert other["label"] is None
    assert member.delete("/leave/1").json() == mine
    assert member.delete("/leave/1").status == 404
    assert member.get("/users/99/presence").status == 404
    assert member.patch("/users/99/presence", json={}).status == 404
    assert member.post("/leave/", json={"first_day": days[1], "user_id": 99}).status == 404
    with world.db.read() as session:
        assert len(session.scalars(select(Leave)).all()) == 1
        events = [
            (one.event, one.user_id, one.subject_id, one.data)
            for one in session.scalars(select(AuditEvent).order_by(col(AuditEvent.id)))
            if one.event.startswith(("leave", "working"))
        ]
    assert [one[:3] for one in events] == [
        ("working_hours_changed", 2, 2), ("leave_added", 2, 2), ("working_hours_changed", 1, 2),
        ("leave_added", 1, 3), ("leave_removed", 1, 2),
    ]  # fmt: skip
    # What it is for is nobody's business.
    assert "Wedding" not in str(events)


WRONG: list[tuple[str, str, dict[str, Any], str]] = [
    ("PUT", ME, {}, "Away: use true or false"),
    ("PUT", ME, {"away": True, "period": "week"},
     "How long: choose hour or day"),
    ("PATCH", ME, {"week": [[]] * 7}, "Opening hours: open on at least one day"),
    ("POST", "/leave/", {"first_day": "soon"}, "First day: enter a date such as 2017-08-20"),
    ("POST", "/leave/", {"first_day": "2026-12-05", "last_day": "2026-12-04"},
     "Choose a last day within a year of the first"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "sent", "said"), WRONG)
def test_what_makes_no_sense_is_refused(
    member: Client, method: str, path: str, sent: dict[str, Any], said: str
) -> None:
    answer = member.request(method, path, json=sent)
    assert (answer.status, answer.json()["detail"]) == (422, said)
