"""Two people never have one lead in hand at the same time, on any number of servers."""

import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete
from sqlmodel import col, select

from backend.core import retention, times
from backend.core.access import Person
from backend.core.errors import Conflict
from backend.core.leads import call_queue, editing, lead_claims
from backend.models import Comment, Lead, LeadClaim, LeadEvent, Role
from backend.schemas.call_queue import NextFilter
from backend.schemas.leads import LeadEdit
from tests import forking
from tests.world import LEAD, MEMBER, OTHER_MEMBER, World

ZONE = ZoneInfo("Asia/Kolkata")
START = datetime(2026, 11, 9, 6, tzinfo=UTC)
MINUTES = 10
PEOPLE = (
    Person(1, LEAD, Role.TEAM_LEAD),
    Person(2, MEMBER, Role.TEAM_MEMBER, (1,)),
    Person(3, OTHER_MEMBER, Role.TEAM_MEMBER, (1, 2)),
)
LEADS = range(1, 5)
some_person = st.sampled_from(PEOPLE)
some_lead = st.sampled_from(LEADS)


class Machine(RuleBasedStateMachine):
    """People who claim leads, renew, save, skip, or walk away; and a clock that goes on."""

    def __init__(self, world: World, clock: list[datetime]) -> None:
        super().__init__()
        self.world = world
        self.clock = clock
        self.steps = 0
        clock[0] = START
        # Who was told that a lead is theirs, and until when.
        self.held: dict[int, tuple[int, datetime]] = {}

    def holder(self, lead_id: int) -> int | None:
        person, until = self.held.get(lead_id, (0, START))
        return person if until > self.clock[0] else None

    @rule(person=some_person, lead_id=some_lead)
    def claim(self, person: Person, lead_id: int) -> None:
        try:
            with self.world.db.write() as session:
                taken = lead_claims.claim(session, person, lead_id, MINUTES)
        except Conflict:
            assert self.holder(lead_id) not in (None, person.id)
        else:
            assert self.holder(lead_id) in (None, person.id)
            self.held[lead_id] = (person.id, taken["until"])

    @rule(person=some_person)
    def take_the_next_one(self, person: Person) -> None:
        """What the queue offers first can be claimed."""
        if offered := self.offered(person):
            self.claim(person, offered[0])
            assert self.holder(offered[0]) == person.id

    @rule(person=some_person, lead_id=some_lead)
    def give_back(self, person: Person, lead_id: int) -> None:
        with self.world.db.write() as session:
            lead_claims.release(session, person, lead_id)
        self.forget(person, lead_id)

    @rule(person=some_person, lead_id=some_lead)
    def save(self, person: Person, lead_id: int) -> None:
        """Anyone may save, even if someone else has the lead in hand."""
        with self.world.db.write() as session:
            said = LeadEdit(comment="Hi")
            editing.edit(session, person, lead_id, said, ZONE, "IN")
        self.forget(person, lead_id)

    def forget(self, person: Person, lead_id: int) -> None:
        if self.held.get(lead_id, (0, START))[0] == person.id:
            del self.held[lead_id]

    @rule(minutes=st.sampled_from([1, 5, 10, 2000]))
    def walk_away(self, minutes: int) -> None:
        self.clock[0] += timedelta(minutes=minutes)

    @rule()
    def tidy_up(self) -> None:
        retention.remove(self.world.db, self.world.settings)

    def offered(self, person: Person) -> list[int]:
        with self.world.db.read() as session:
            queue = call_queue.show(session, person, NextFilter(), ZONE)
        return [lead["id"] for lead in queue["leads"]]

    @invariant()
    def nobody_is_offered_what_someone_else_has(self) -> None:
        taken = {id: self.holder(id) for id in LEADS}
        # A queue is many statements: one person's at each step.
        self.steps += 1
        person = PEOPLE[self.steps % len(PEOPLE)]
        free = [id for id, holder in taken.items() if holder in (None, person.id)]
        assert sorted(self.offered(person)) == free

    @invariant()
    def what_is_stored_is_what_people_were_told(self) -> None:
        with self.world.db.read() as session:
            rows = {one.lead_id: one for one in session.exec(select(LeadClaim))}
        for lead_id in LEADS:
            row = rows.get(lead_id)
            alive = row is not None and row.until > self.clock[0]
            assert (row.user_id if row and alive else None) == self.holder(lead_id)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    now = [START]
    monkeypatch.setattr(times, "now", lambda: now[0])
    return now


@pytest.mark.slow
def test_two_people_never_have_one_lead(world: World, database: str, clock: list[datetime]) -> None:
    class OfTheWorld(Machine):
        def __init__(self) -> None:
            _clear(world)
            super().__init__(world, clock)

    examples = 15 if database == "sqlite" else 5
    run_state_machine_as_test(
        OfTheWorld, settings=settings(max_examples=examples, stateful_step_count=20, deadline=None)
    )


def _clear(world: World, many: int = len(LEADS)) -> None:
    """Begin again, with some new leads of one center and nothing else."""
    with world.db.write() as session:
        for table in (LeadClaim, Comment, LeadEvent, Lead):
            session.connection().execute(delete(table))
        session.add_all(
            Lead(id=id, created_time=START - timedelta(days=id), center_id=1)
            for id in range(1, many + 1)
        )


# A server of its own: claims what it can, in an order of its own, and says what it got.
CLAIMS = """
import random
import sys

from backend.core.access import Person
from backend.core.db import Database
from backend.core.errors import Conflict
from backend.core.leads import lead_claims
from tests.world import settings_for

url, user, many = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
db = Database(settings_for(url).url)
person = Person(user, "", "team_lead")
leads = list(range(1, many + 1))
random.Random(user).shuffle(leads)
for lead_id in leads:
    try:
        with db.write() as session:
            lead_claims.claim(session, person, lead_id, 10)
    except Conflict:
        continue
    print(lead_id)
db.close()
"""
IMPORTED = ["backend.core.leads.lead_claims", "tests.world"]


def started(world: World, tmp_path: Path, many: int) -> Iterator[forking.Start]:
    for person in PEOPLE:
        arguments = ["-c", CLAIMS, world.settings.database_url, str(person.id), str(many)]
        yield forking.Start(arguments, str(tmp_path / f"{person.id}"), {**os.environ})


@pytest.mark.slow
def test_processes_that_claim_at_once(world: World, tmp_path: Path) -> None:
    """Each lead goes to one of them: the first claims of nobody, and then those that expired."""
    many = 40
    _clear(world, many)
    with world.db.write() as session:
        expired = random.Random(1).sample(range(1, many + 1), many // 2)
        session.add_all(
            LeadClaim(lead_id=id, user_id=5, until=times.now() - timedelta(minutes=1))
            for id in expired
        )
    assert forking.run(started(world, tmp_path, many), IMPORTED) == [0] * len(PEOPLE)
    told = {
        person.id: [int(line) for line in (tmp_path / f"{person.id}").read_text().split()]
        for person in PEOPLE
    }
    assert sorted(chain(*told.values())) == list(range(1, many + 1))
    with world.db.read() as session:
        stored = session.exec(select(LeadClaim).order_by(col(LeadClaim.lead_id))).all()
    assert {one.lead_id: one.user_id for one in stored} == {
        lead_id: person for person, leads in told.items() for lead_id in leads
    }
