"""Lists in all orders, with any filter: each page goes on where the one before has ended."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlmodel import col, select

from backend.core.access import Person
from backend.core.db import Database
from backend.core.errors import Invalid
from backend.core.leads import list_plan, listing
from backend.models import Lead, LeadEvent, Status, User
from backend.schemas.leads import LeadPageQuery, Sort
from tests import runs
from tests.world import EPOCH, LEAD, World, build, settings_for

ZONE = ZoneInfo("Asia/Kolkata")
LEADER = Person(1, LEAD, "team_lead")
MEMBER = Person(2, "", "team_member", (1,))
OLD = "On hold, maybe"
STATUSES = [*map(str, Status), OLD]
CLOSED = {"Joined", "Dead/Not Interested"}
CAMPAIGNS = ("Summer, early", "Winter", None)
Key = Callable[[Lead], Any]


def build_with_leads(database_url: str) -> None:
    """Fills an empty database with the academy, and sixty leads of all kinds."""
    build(database_url)
    rng = random.Random(7)
    with closing(Database(settings_for(database_url).url)) as db, db.write() as session:
        session.execute(delete(Lead))
        for number in range(60):
            hours = timedelta(hours=rng.randrange(24))
            tries = rng.choice((0, 0, 1, 2, 5))
            lead = Lead(
                created_time=EPOCH + hours,
                player_name="x",
                name_key=rng.choice(("", "arjun", "meera", "zoe")),
                status=rng.choice(STATUSES),
                center_id=rng.choice((1, 2, None)),
                owner_id=rng.choice((1, 2, 3, None, None)),
                campaign=rng.choice(CAMPAIGNS),
                source=rng.choice(("meta", "webhook", "upload", None)),
                player_age_category=rng.choice(("U9", "U11", None)),
                next_followup_date=rng.choice((None, EPOCH + hours)),
                attempts=tries,
                last_attempt_at=EPOCH + hours if tries else None,
            )
            session.add(lead)
            session.flush()
            if number % 4 == 0:
                session.add(
                    LeadEvent(lead_id=lead.id or 0, at=EPOCH, kind="repeat_enquiry", data="{}")
                )


@pytest.fixture(params=[None, 0], ids=["sorted", "in order of an index"])
def leads(
    copy_of: Callable[[Callable[[str], None]], str],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    """Sixty leads of all kinds, which are few or many."""
    if request.param is not None:
        monkeypatch.setattr(list_plan, "FEW", request.param)
        monkeypatch.setattr(list_plan, "FEW_BY_NAME", request.param)
    made = settings_for(copy_of(build_with_leads))
    with closing(Database(made.url)) as db:
        yield World(made, db)


def ids(world: World, person: Person, limit: int = 200, **asked: Any) -> list[int]:
    """Return the leads of all pages of a list."""
    found: list[int] = []
    after = None
    while True:
        wanted = LeadPageQuery(limit=limit, after=after, **asked)
        with world.db.read() as session:
            page = listing.page(session, person, wanted, ZONE)
        found += [lead["id"] for lead in page["leads"]]
        after = page["next"]
        if after is None:
            return found
        assert len(page["leads"]) == limit


def every(world: World, person: Person) -> list[Lead]:
    with world.db.read() as session:
        found = session.scalars(select(Lead)).all()
        session.expunge_all()
    return [one for one in found if not person.centers or one.center_id in person.centers]


def by(value: Callable[[Lead], Any], *, down: bool = False) -> Callable[[list[Lead]], list[Lead]]:
    """Return how leads are sorted by a value, and by their ids in the same direction."""
    return lambda some: sorted(some, key=lambda one: (value(one), one.id), reverse=down)


def of_parts(
    part: Key, inner: Callable[[list[Lead]], list[Lead]], *, down: bool = False
) -> Callable[[list[Lead]], list[Lead]]:
    return lambda some: sorted(inner(some), key=part, reverse=down)


def order(sort: Sort, names: dict[int | None, str]) -> Callable[[list[Lead]], list[Lead]]:
    created, name = (lambda one: one.created_time), (lambda one: one.name_key)
    newest = by(created, down=True)
    down = sort.startswith("-")
    match sort.lstrip("-"):
        case "created":
            return by(created, down=down)
        case "name":
            return by(name, down=down)
        case "status":
            rank = STATUSES.index
            return of_parts(lambda one: rank(one.status) * (-1 if down else 1), newest)
        case "owner":
            people = sorted(names, key=lambda id: (names[id].casefold(), id), reverse=down)
            last = len(people)
            return of_parts(
                lambda one: people.index(one.owner_id) if one.owner_id else last, newest
            )
        case "due":
            value: Key = lambda one: one.next_followup_date  # noqa: E731
        case _:
            value = lambda one: one.last_attempt_at  # noqa: E731
    dated = by(value, down=down)
    # Without a date they come last, as blanks do in a spreadsheet: sorting hides nobody.
    return of_parts(
        lambda one: (one.status in CLOSED, value(one) is None),
        lambda some: (
            dated([one for one in some if value(one) is not None])
            + newest([one for one in some if value(one) is None])
        ),
    )


SORTS: Sequence[Sort] = (
    "-created", "created", "due", "-due", "last_call", "-last_call",
    "name", "-name", "status", "-status", "owner", "-owner",
)  # fmt: skip


@pytest.mark.parametrize("sort", SORTS)
def test_pages_of_a_list_are_in_order(leads: World, sort: Sort) -> None:
    with leads.db.read() as session:
        users = session.execute(select(col(User.id), col(User.full_name))).all()
    names: dict[int | None, str] = {id: name for id, name in users if id is not None}
    for person in (LEADER, MEMBER):
        some = every(leads, person)
        for asked, meets in (
            ({}, lambda one: True),
            ({"status": "New,Joined"}, lambda one: one.status in ("New", "Joined")),
            ({"status": "Joined"}, lambda one: one.status == "Joined"),
            ({"owner": "2,none"}, lambda one: one.owner_id in (2, None)),
            ({"campaign": ["Winter"]}, lambda one: one.campaign == "Winter"),
            ({"attempts_from": 2, "attempts_to": 5}, lambda one: one.attempts >= 2),
            ({"due": "none"}, lambda one: one.next_followup_date is None),
            ({"last_call": "none"}, lambda one: one.last_attempt_at is None),
            ({"last_call_from": "2000-01-01"}, lambda one: one.last_attempt_at is not None),
        ):
            wanted = [one.id for one in order(sort, names)([one for one in some if meets(one)])]
            assert ids(leads, person, 7, sort=sort, **asked) == wanted, asked


@pytest.mark.parametrize(
    ("sort", "after"),
    [
        ("owner", "99.20261102T043000000000-1"),
        ("owner", "20261102T043000000000-1"),
        ("status", "7.20261102T043000000000-1"),
        ("due", "open.20261102T043000000000-1"),
        ("name", "20261102T043000000000-1"),
        ("name", "!-1"),
        ("name", "AA==-1"),
        ("name", "_w==-1"),
        ("name", "em9l-0"),
        ("-created", "em9l-1"),
    ],
)
def test_a_page_that_begins_nowhere_is_refused(world: World, sort: Sort, after: str) -> None:
    wanted = LeadPageQuery(sort=sort, after=after)
    with world.db.read() as session, pytest.raises(Invalid):
        listing.page(session, LEADER, wanted, ZONE)


VALUES: dict[str, list[str]] = {
    "status": STATUSES[:-1],
    "center_id": ["1", "2", "none"],
    "owner": ["me", "2", "3", "none"],
    "source": ["meta", "webhook", "upload", "none"],
    "campaign": ["Summer, early", "Winter", "none"],
    "age_category": ["U9", "U11", "none"],
}
REPEATED = ("campaign", "age_category")


def _query(name: str, values: Sequence[str]) -> dict[str, Any]:
    return {name: list(values) if name in REPEATED else ",".join(values)}


def test_several_values_are_the_leads_of_each(leads: World) -> None:
    """They are alternatives: of the same filter, together with any other one."""
    known: dict[str, set[int]] = {}

    def of(person: Person, **asked: Any) -> set[int]:
        key = repr((person.id, sorted(asked.items())))
        if key not in known:
            found = ids(leads, person, **asked)
            assert len(found) == len(set(found))
            known[key] = set(found)
        return known[key]

    @settings(max_examples=runs.on(leads.db.engine.name, 60), deadline=None)
    @given(data=st.data())
    def check(data: st.DataObject) -> None:
        person = data.draw(st.sampled_from((LEADER, MEMBER)))
        name = data.draw(st.sampled_from(sorted(VALUES)))
        values = data.draw(st.lists(st.sampled_from(VALUES[name]), min_size=2, unique=True))
        other = data.draw(st.sampled_from(sorted({*VALUES} - {name})))
        further = data.draw(st.lists(st.sampled_from(VALUES[other]), max_size=2, unique=True))
        sort = data.draw(st.sampled_from(("-created", "name", "status", "owner")))
        rest = _query(other, further) if further else {}
        single = [of(person, **_query(name, [one]), **rest) for one in values]
        assert of(person, sort=sort, **_query(name, values), **rest) == set().union(*single)

    check()


@pytest.mark.parametrize(
    ("asked", "meets"),
    [
        ({"attempts_from": 1}, lambda one: one.attempts >= 1),
        ({"attempts_from": 0, "attempts_to": 0}, lambda one: one.attempts == 0),
        ({"attempts_from": 2, "attempts": "1"}, lambda one: False),
        ({"attempts": "3", "attempts_to": 5}, lambda one: one.attempts == 5),
        (
            {"last_call_from": "2026-11-02", "last_call_to": "2026-11-02"},
            lambda one: one.last_attempt_at is not None and of_day(one.last_attempt_at),
        ),
        (
            {"last_call_from": "2026-11-03"},
            lambda one: one.last_attempt_at is not None and not of_day(one.last_attempt_at),
        ),
        ({"last_call": "none", "last_call_to": "2026-11-03"}, lambda one: False),
    ],
)
def test_ranges(leads: World, asked: dict[str, Any], meets: Callable[[Lead], bool]) -> None:
    wanted = {one.id for one in every(leads, LEADER) if meets(one)}
    assert set(ids(leads, LEADER, **asked)) == wanted


def of_day(at: datetime) -> bool:
    return at.astimezone(ZONE).date().isoformat() == "2026-11-02"


def test_repeat_enquiries(leads: World) -> None:
    everyone = {one.id for one in every(leads, LEADER)}
    again, once = (set(ids(leads, LEADER, repeat=one)) for one in ("yes", "no"))
    assert len(again) == 15
    assert again | once == everyone
    assert not again & once
