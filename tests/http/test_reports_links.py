"""Each number in a report is the length of a list of leads, whatever happened to the leads."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

from backend.core import times
from backend.core.reports import rollup
from backend.models import Lead
from tests.servers import Client, Upload
from tests.world import LEAD, MEMBER, World

# Weeks in which clocks change: at night, at midnight, a minute after it, and never.
WEEKS = {
    "Asia/Kolkata": date(2026, 3, 27),
    "Europe/Berlin": date(2026, 10, 23),
    "Africa/Cairo": date(2026, 4, 22),
    "America/Havana": date(2026, 10, 30),
    "America/St_Johns": date(2010, 11, 5),
    "Australia/Lord_Howe": date(2026, 4, 3),
}
TEXTS = (None, "Trials", "Kids", "Trials, Kids", " Kids", "none", "None", 'U9 & "U11" + 100%')


def add_leads(world: World, rng: Random, zone: ZoneInfo, first: date) -> None:
    """Add leads around the start of days, called around the limits of the buckets."""
    edges = [times.to_utc(first + timedelta(days=day), zone) for day in range(-1, 7)]
    leads = []
    for _ in range(150):
        created = rng.choice(edges) + rng.choice(
            (timedelta(), timedelta(microseconds=-1), timedelta(seconds=rng.randrange(86400)))
        )
        created += timedelta(microseconds=rng.randrange(2) * rng.randrange(10**6))
        wait = rng.choice((-3600, 0, 299, 300, 301, 3599, 3600, 86399, 86400, 86401))
        called = created + timedelta(seconds=wait, microseconds=rng.randrange(-999_999, 999_999))
        reached = rng.randrange(6)
        leads.append(
            Lead(
                created_time=created,
                status=rng.choice(("New", "Called", "Rang, no answer", "Joined")),
                center_id=rng.choice((1, 2, None)),
                source=rng.choice(("meta", "upload", "manual", None)),
                campaign=rng.choice(TEXTS),
                lost_reason=rng.choice(TEXTS),
                is_test=rng.random() < 0.1,
                called_at=called if reached else None,
                trialled_at=called if reached in (2, 3) else None,
                joined_at=called if reached == 3 else None,
                lost_at=called if reached > 3 else None,
            )
        )
    with world.db.write() as session:
        session.add_all(leads)
    with world.db.write() as session:
        # Some days have stored totals; the leads of the others are counted.
        assert rollup.refresh(session, zone, 3) == 3
        assert rollup.is_behind(session)


def links(told: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each number of a report, and the query of its list."""
    everything = {"created_from": told["from"], "created_to": told["to"]}
    stages = [stage["stage"] for stage in told["funnel"][1:]]
    for day in told["days"]:
        of_day = {"created_from": day["day"], "created_to": day["day"]}
        yield day["leads"], of_day | {"source": day["source"] or "none"}
    for stage in told["funnel"]:
        yield stage["count"], everything | reached(stage["stage"])
    for bucket in told["first_call"]:
        yield bucket["count"], everything | {"first_call": bucket["within"]}
    soon = sum(one["count"] for one in told["first_call"] if one["within"] in ("5m", "1h"))
    yield soon, everything | {"first_call": "hour"}
    for group in (*told["centers"], *told["campaigns"]):
        name = "center_id" if "center_id" in group else "campaign"
        of_group = everything | {name: "none" if group[name] is None else group[name]}
        for stage in ("leads", *stages):
            yield group[stage], of_group | reached(stage)
    for reason in told["reasons"]:
        of_reason = {"reached": "lost", "lost_reason": reason["reason"] or "none"}
        yield reason["count"], everything | of_reason


def reached(stage: str) -> dict[str, str]:
    return {} if stage == "leads" else {"reached": stage}


def counted(client: Client, query: dict[str, Any]) -> int:
    page = client.get(f"/leads/?{urlencode(query | {'test': 'no', 'limit': 200})}")
    assert page.status == 200, page.body
    assert page.json()["next"] is None
    return len(page.json()["leads"])


# Where days begin is reckoned in Python, so below the other server, and on PostgreSQL, a few zones
# have all statements.
BY = [
    *(("fastapi", "sqlite", zone) for zone in WEEKS),
    *(("flask", "postgresql", zone) for zone in ("Asia/Kolkata", "America/Havana")),
]


@pytest.mark.parametrize(("adapter", "database", "zone"), BY, indirect=["database"])
@pytest.mark.slow
def test_each_number_matches_a_list(serve: Callable[..., Client], world: World, zone: str) -> None:
    client = serve(timezone=zone)
    first = WEEKS[zone]
    add_leads(world, Random(zone), ZoneInfo(zone), first)
    for email in (LEAD, MEMBER):
        client.token = world.token(email)
        told = client.get(f"/reports/?from={first}&to={first + timedelta(days=4)}").json()
        assert sum(day["leads"] for day in told["days"]) == told["funnel"][0]["count"] > 10
        assert sum(one["count"] for one in told["first_call"]) == told["funnel"][0]["count"]
        for groups in (told["centers"], told["campaigns"]):
            for stage in told["funnel"]:
                assert sum(one[stage["stage"]] for one in groups) == stage["count"]
        for number, query in links(told):
            assert counted(client, query) == number, query


# The stages that a lead with each status has reached.
STAGES = {
    "Called": {"called"},
    "Trial Scheduled": {"called", "trial"},
    "Joined": {"called", "trial", "attended", "joined"},
    "Dead/Not Interested": {"called", "lost"},
    "New": set[str](),
}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.slow
def test_stages(lead: Client, world: World, seed: int) -> None:
    """However leads change, the funnel has every stage they ever reached, except undone changes.

    What is no longer `Joined` on the same day hadn't joined, and what that alone had brought goes.
    """
    rng = Random(seed)
    with world.db.write() as session:
        session.connection().execute(Lead.__table__.delete())  # type: ignore[attr-defined]
    came: dict[int, set[str]] = {}
    status: dict[int, str] = {}
    phones: dict[int, str] = {}
    by_joining: dict[int, set[str]] = {}
    undoable: list[tuple[int, dict[int, tuple[str, set[str], set[str]]]]] = []
    # By the bulk edit and the lead: what was done to it since and isn't undone. 0 stays.
    since: dict[tuple[int, int], set[int]] = {}

    def touched(id: int, by: int = 0) -> None:
        for change, was in undoable:
            if id in was:
                since.setdefault((change, id), set()).add(by)

    def becomes(id: int, new: str) -> None:
        if status[id] == "Joined" != new:
            came[id] = came[id] - by_joining[id]
        if status[id] != "Joined" == new:
            by_joining[id] = STAGES[new] - came[id]
        status[id] = new
        came[id] = came[id] | STAGES[new]

    for turn in range(70):
        what = rng.choice(("add", "put", "patch", "bulk", "bulk", "undo", "again", "import"))
        new = rng.choice(list(STAGES))
        if what == "add" or len(came) < 4:
            phone = f"98480{turn:05}"
            json = {"player_name": "Tara", "phone": phone, "center_id": rng.choice((1, 2))}
            id = lead.post("/leads/", json=json).json()["lead"]["id"]
            came[id], status[id], phones[id] = set(), "New", phone
            continue
        id = rng.choice(list(came))
        if what in ("put", "patch"):
            if what == "put":
                answer = lead.put(f"/leads/{id}?{urlencode({'status': new, 'comment': 'x'})}")
            else:
                answer = lead.patch(f"/leads/{id}", json={"status": new, "comment": "x"})
            assert answer.status == 200
            touched(id)
            becomes(id, new)
        elif what == "bulk":
            ids = rng.sample(list(came), 3)
            was = {one: (status[one], came[one], by_joining.get(one, set())) for one in ids}
            answer = lead.post("/leads/bulk", json={"ids": ids, "status": new})
            changed = {one: state for one, state in was.items() if state[0] != new}
            for one in changed:
                touched(one, answer.json()["id"])
                becomes(one, new)
            if changed:
                undoable.append((answer.json()["id"], changed))
        elif what == "undo" and undoable:
            change, was = undoable.pop(rng.randrange(len(undoable)))
            left = [one for one in was if not since.get((change, one))]
            assert lead.post(f"/leads/bulk/{change}/undo").json()["restored"] == len(left)
            for one in left:
                status[one], came[one], by_joining[one] = was[one]
                for (_, worked_on), works in since.items():
                    if worked_on == one:
                        works.discard(change)
        elif what in ("again", "import"):
            if what == "again":
                json = {"player_name": "Tara", "phone": phones[id], "center_id": 1}
                assert lead.post("/leads/", json=json).json()["joined"]
            else:
                sheet = f"player_name,phone,nearest_tofa\nTara,{phones[id]},TOFA Tellapur\n"
                plan = lead.post("/imports/", file=Upload("a.csv", sheet.encode())).json()
                done = lead.post(f"/imports/{plan['id']}/commit")
                assert done.status == 200, done.body
                if rng.random() < 0.5:
                    assert lead.post(f"/imports/{plan['id']}/undo").status == 200
                    continue
            touched(id)
            if status[id] == "Dead/Not Interested":
                status[id] = "New"
    told = {one["stage"]: one["count"] for one in lead.get("/reports/").json()["funnel"]}
    assert told == {"leads": len(came)} | {
        stage: sum(stage in had for had in came.values())
        for stage in ("called", "trial", "attended", "joined", "lost")
    }
    for stage in ("called", "trial", "attended", "joined", "lost"):
        page = lead.get(f"/leads/?limit=200&reached={stage}").json()["leads"]
        assert {one["id"] for one in page} == {id for id, had in came.items() if stage in had}
    shown = lead.get("/leads/?limit=200").json()["leads"]
    assert {one["id"]: one["status"] for one in shown} == status


def test_a_day_or_a_time(lead: Client, world: World) -> None:
    """Only `YYYY-MM-DD` is a whole day; any other form is a date and time."""
    moment = datetime(2026, 3, 5, 4, tzinfo=UTC)
    with world.db.write() as session:
        session.add(Lead(created_time=moment, center_id=1))
    for created_to, many in (("2026-03-05", 1), ("2026-03-05T09:30:01", 1), ("20260305", 0)):
        page = lead.get(f"/leads/?created_from=2026-03-05&created_to={created_to}")
        assert len(page.json()["leads"]) == many
