"""The report on people: each number is about the leads of a list, whatever was done and undone."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import mean, median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person
from backend.core.calling.rules import Standard
from backend.core.errors import Problem
from backend.core.leads import attempts, bulk_edit, changes, editing
from backend.core.leads.attempt_counts import ANSWERED
from backend.core.leads.criteria import REACHED_AT, LeadCriteria
from backend.core.privacy import erasing
from backend.core.reports import people
from backend.models import Attempt, ErasedAttempt, Lead, LeadEvent, Outcome, Status, TrialOutcome
from backend.schemas.attempts import NewAttempt
from backend.schemas.leads import LeadChange, LeadEdit, LeadFilter, LeadsChange
from backend.schemas.reports import ReportFilter
from tests.core.leads.merging_of import merge, unmerge
from tests.world import World

ZONE = ZoneInfo("Asia/Kolkata")
LEADER = Person(1, "lead@tofa.example", "team_lead")
MEMBER = Person(2, "tellapur@tofa.example", "team_member", (1,))
OTHER = Person(3, "gachibowli@tofa.example", "team_member", (2,))
OBSERVER = Person(4, "observer@tofa.example", "observer", (1,))
WORKERS = (LEADER, MEMBER, OTHER)
FIRST = datetime(2026, 3, 2, 3, 30, tzinfo=UTC)
# What each number's list is asked for.
DID = {
    "trial": {"did": "trial"},
    "attended": {"did": "attended"},
    "joined": {"did": "joined"},
    "lost": {"did": "lost"},
    "called": {"did": "called"},
    "within_5m": {"did": "called", "first_call": "5m"},
    "within_1h": {"did": "called", "first_call": "hour"},
}
TO_DO = {
    "owned": {"work": "open"},
    "overdue": {"due": "overdue"},
    "no_next_step": {"work": "no_next_step"},
}


def standard(world: World) -> Standard:
    return Standard.of(world.settings)


class Academy:
    """People who do anything at all to some leads, one after the other."""

    def __init__(self, world: World, rng: Random, clock: list[datetime]) -> None:
        self.world, self.rng, self.clock = world, rng, clock
        self.bulks: list[tuple[Person, int]] = []
        self.merges: list[int] = []
        with world.db.write() as session:
            session.add_all(
                Lead(
                    created_time=FIRST + timedelta(minutes=37 * number),
                    player_name=f"N{number}",
                    center_id=1 + number % 2,
                    is_test=number == 7,
                    owner_id=rng.choice((None, 1, 2 + number % 2)),
                )
                for number in range(14)
            )

    def step(self) -> None:
        minutes = self.rng.choice((0, 1, 4, 20, 700))
        self.clock[0] += timedelta(minutes=minutes, microseconds=self.rng.randrange(1, 9))
        by = self.rng.choice(WORKERS)
        actions = (self.call, self.call, self.undo_call, self.edit, self.bulk, self.undo_bulk,
                   self.put, self.merge, self.unmerge, self.erase)  # fmt: skip
        # Or it's a lead of another center, or one that is gone.
        with suppress(Problem):
            self.rng.choice(actions)(by)

    def lead_id(self) -> int:
        return self.rng.randrange(1, 17)

    def call(self, by: Person) -> None:
        given: dict[str, Any] = {"outcome": self.rng.choice(list(Outcome))}
        if self.rng.random() < 0.5:
            given["status"] = self.rng.choice(list(Status))
        if self.rng.random() < 0.2:
            given["trial_outcome"] = self.rng.choice(list(TrialOutcome))
        if self.rng.random() < 0.2:
            given["at"] = self.clock[0] - timedelta(hours=30)
        with self.world.db.write() as session:
            said = NewAttempt.model_validate(given)
            attempts.record(session, by, self.lead_id(), said, standard(self.world))

    def undo_call(self, by: Person) -> None:
        with self.world.db.write() as session:
            made = session.scalars(select(Attempt)).all()
            if made:
                one = self.rng.choice(made)
                attempts.undo(session, by, one.lead_id, one.id or 0)

    def edit(self, by: Person) -> None:
        given = LeadEdit(status=self.rng.choice(list(Status)))
        with self.world.db.write() as session:
            editing.edit(session, by, self.lead_id(), given, ZONE, "IN")

    def put(self, by: Person) -> None:
        date = self.rng.choice((None, "2026-03-01", "2029-01-01"))
        given = LeadChange(status=self.rng.choice(list(Status)), next_date=date)
        with self.world.db.write() as session:
            changes.update(session, by, self.lead_id(), given, ZONE)

    def bulk(self, by: Person) -> None:
        ids = [self.lead_id() for _ in range(4)]
        wanted = LeadsChange(ids=ids, status=self.rng.choice(list(Status)))
        with self.world.db.write() as session:
            changed = bulk_edit.change(session, by, wanted, ZONE)
        if changed["id"] is not None:
            self.bulks.append((by, changed["id"]))

    def undo_bulk(self, by: Person) -> None:
        if self.bulks:
            by, id = self.bulks.pop(self.rng.randrange(len(self.bulks)))
            with self.world.db.write() as session:
                bulk_edit.undo(session, self.world.settings, by, id)

    def merge(self, by: Person) -> None:
        if self.rng.random() < 0.5:
            self.merges.append(merge(self.world, self.lead_id(), self.lead_id(), by=by))

    def unmerge(self, by: Person) -> None:
        if self.merges:
            unmerge(self.world, self.merges.pop(), by)

    def erase(self, by: Person) -> None:
        if self.rng.random() < 0.2:
            with self.world.db.write() as session:
                erasing.erase(session, self.world.settings, by, self.lead_id(), at_once=False)


def listed(session: Session, viewer: Person, asked: dict[str, Any]) -> set[int]:
    criteria = LeadCriteria.parse(LeadFilter(**asked, test="no"), ZONE, times.now())
    found = set(session.scalars(select(col(Lead.id)).where(*criteria.conditions(viewer))))
    # Where few leads meet it, a page is read by the same condition alone.
    for condition in criteria.indexed(viewer):
        assert found <= {*session.scalars(select(col(Lead.id)).where(condition))}
    return {id for id in found if id is not None}


def credited(session: Session, viewer: Person, wanted: ReportFilter) -> Iterator[tuple[str, Any]]:
    """Yield each stage of a lead that counts, with the person and the seconds to the first call."""
    begins, ends = period(wanted)
    events: dict[int, list[LeadEvent]] = {}
    for event in session.scalars(select(LeadEvent)):
        events.setdefault(event.lead_id, []).append(event)
    for lead in session.scalars(select(Lead).where(col(Lead.is_test).is_(False))):
        if viewer.role != "team_lead" and lead.center_id not in viewer.centers:
            continue
        if wanted.center_id not in (None, lead.center_id):
            continue
        own = [
            one for one in events.get(lead.id or 0, ()) if one.kind in ("status", "edited", "call")
        ]
        for stage, name in REACHED_AT.items():
            at = getattr(lead, name)
            if at is not None and begins <= at < ends:
                for user_id in {one.user_id for one in own if one.at == at} - {None}:
                    waited = int(at.timestamp()) - int(lead.created_time.timestamp())
                    yield stage, (user_id, waited)


def period(wanted: ReportFilter) -> tuple[datetime, datetime]:
    begins = datetime.fromisoformat(wanted.from_ or "").replace(tzinfo=ZONE)
    return begins, datetime.fromisoformat(wanted.to or "").replace(tzinfo=ZONE) + timedelta(days=1)


def check(session: Session, viewer: Person, wanted: ReportFilter) -> int:
    """Compare a report with the lists and with a count, and return the sum of its numbers."""
    told = people.show(session, viewer, wanted, ZONE)["people"]
    every = [*credited(session, viewer, wanted)]
    center = {} if wanted.center_id is None else {"center_id": str(wanted.center_id)}
    for one in told:
        id, numbers = one["user_id"], dict(one)
        by = {"did_by": str(id), "did_from": wanted.from_, "did_to": wanted.to} | center
        for name, asked in DID.items():
            assert len(listed(session, viewer, asked | by)) == numbers[name], name
        for name, asked in TO_DO.items():
            asked = asked | center | {"owner": str(id)}
            assert len(listed(session, viewer, asked)) == numbers[name], name
        for stage in REACHED_AT:
            own = [waited for reached, (user, waited) in every if (reached, user) == (stage, id)]
            assert len(own) == numbers[stage]
            if stage == "called" and own:
                waits = [max(0, one) for one in own]
                assert numbers["first_call_median_s"] == round(median(waits))
                assert numbers["first_call_average_s"] == round(mean(waits))
        tried = [
            row
            for row in session.scalars(select(Attempt).where(col(Attempt.user_id) == id))
            if row.undone_at is None and period(wanted)[0] <= row.at < period(wanted)[1]
        ]
        for name, did in (("attempts", "attempt"), ("conversations", "conversation")):
            leads = listed(session, viewer, {"did": did} | by)
            own = [row for row in tried if did == "attempt" or row.outcome in ANSWERED]
            assert leads <= {row.lead_id for row in own}
            if viewer is LEADER and not center:
                erased = erased_attempts(session, id, wanted, did)
                counted = sum(row.lead_id in leads for row in own)
                assert counted + erased == numbers[name]
    counts: list[dict[str, Any]] = [dict(one) for one in told]
    return sum(one[name] for one in counts for name in people.COUNTS)


def erased_attempts(session: Session, id: int, wanted: ReportFilter, did: str) -> int:
    begins, ends = period(wanted)
    rows = session.scalars(select(ErasedAttempt).where(col(ErasedAttempt.user_id) == id))
    counted = [row for row in rows if did == "attempt" or row.outcome in ANSWERED]
    return sum(begins <= row.at < ends for row in counted)


# The statements are the same whatever was done: two runs on PostgreSQL have them all.
RUNS = [*(("sqlite", seed) for seed in range(4)), *(("postgresql", seed) for seed in range(2))]


@pytest.mark.slow
@pytest.mark.parametrize(("database", "seed"), RUNS, indirect=["database"])
def test_each_number_is_a_list(world: World, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    clock = [FIRST]
    monkeypatch.setattr(times, "now", lambda: clock[0])
    academy = Academy(world, Random(seed), clock)
    for _ in range(120):
        academy.step()
    wanted = [
        ReportFilter.model_validate({"from": first, "to": last, "center_id": center})
        for first, last in (("2026-03-01", "2026-03-31"), ("2026-03-04", "2026-03-09"))
        for center in (None, 2)
    ]
    with world.db.read() as session:
        for viewer in (LEADER, MEMBER, OTHER, OBSERVER):
            sums = [check(session, viewer, one) for one in wanted]
            assert viewer is not LEADER or (sums[0] > 20 and sums[0] >= max(sums[1:]) > 5)
