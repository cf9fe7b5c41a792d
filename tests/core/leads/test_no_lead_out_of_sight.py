"""Each open lead is in the call queue now, or will be at a time that it has, whatever its state."""

from datetime import datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select
from sqlmodel import Session

from backend.core import times
from backend.core.access import Person
from backend.core.leads import call_queue, editing, filter_times
from backend.models import Lead, Role, Status, TrialOutcome
from backend.schemas.call_queue import NextFilter
from backend.schemas.leads import LeadEdit
from tests.world import AHEAD, World

ZONE = ZoneInfo("Asia/Kolkata")
PERSON = Person(id=1, email="lead@tofa.example", role=Role.TEAM_LEAD, centers=())
MEMBER = Person(id=2, email="tellapur@tofa.example", role=Role.TEAM_MEMBER, centers=(1,))
CLOSED = {Status.JOINED, Status.DEAD}


def queued(session: Session, person: Person) -> dict[int, str]:
    told = call_queue.show(session, person, NextFilter(limit=100), ZONE)
    found = {lead["id"]: lead["why"] for lead in told["leads"]}
    assert len(found) == len(told["leads"]) < 100
    return found


def is_later(lead: Lead, now: datetime) -> bool:
    """Return whether the lead has a time at which it will be in the queue."""
    tomorrow = filter_times.start_of_day(now, ZONE, 1)
    is_booked = lead.status == Status.TRIAL_SCHEDULED and lead.trial_at is not None
    is_booked = is_booked and lead.trial_outcome is None
    return (lead.next_followup_date is not None and lead.next_followup_date > now) or (
        lead.next_followup_date is None and is_booked and (lead.trial_at or now) >= tomorrow
    )


def test_no_open_lead_is_out_of_sight(world: World) -> None:
    now, day = times.now(), timedelta(days=1)
    statuses = (*Status, "Interested")
    dates = (None, now - 2 * day, now - timedelta(seconds=1), now + day)
    trials = (None, now - 2 * day, now, now + 2 * day)
    settled = product([Status.TRIAL_SCHEDULED], dates, trials[1:], [TrialOutcome.ATTENDED])
    states = [*product(statuses, dates, trials, [None]), *settled]
    with world.db.write() as session:
        session.connection().execute(delete(Lead))
        session.add_all(
            Lead(
                center_id=1 if number % 3 else None,
                created_time=now - number * timedelta(hours=5),
                status=status,
                next_followup_date=due,
                trial_at=trial,
                trial_outcome=outcome,
            )
            for number, (status, due, trial, outcome) in enumerate(states)
        )
    with world.db.read() as session:
        told = queued(session, PERSON)
        leads = session.scalars(select(Lead)).all()
        assert len(leads) == len(states)
        for lead in leads:
            is_open = lead.status not in CLOSED
            is_here = lead.id in told
            state = (lead.status, lead.next_followup_date, lead.trial_at, lead.trial_outcome)
            # A closed lead isn't called, whatever dates it has.
            assert (is_here or is_later(lead, now)) if is_open else not is_here, state
            if told.get(lead.id or 0) == "no_next_step":
                assert lead.next_followup_date is None, state
        # What nobody has planned comes last, and those of a center are the same for its people.
        reasons = list(told.values())
        first = reasons.index("no_next_step")
        assert set(reasons[first:]) == {"no_next_step"}
        own = {lead.id: told[lead.id or 0] for lead in leads if lead.center_id and lead.id in told}
        assert queued(session, MEMBER) == own


def test_booking_joining_and_closing_settle_the_old_date(world: World) -> None:
    def edit(**given: object) -> Lead:
        with world.db.write() as session:
            editing.edit(session, PERSON, 1, LeadEdit.model_validate(given), ZONE, "IN")
        with world.db.read() as session:
            return session.get_one(Lead, 1)

    for status in ("Joined", "Dead/Not Interested"):
        edit(status="Called", next_followup_date=AHEAD)
        assert edit(status=status).next_followup_date is None
    edit(status="Called", next_followup_date=AHEAD)
    booked = edit(status="Trial Scheduled", trial_at="2026-12-05T16:30")
    assert (booked.next_followup_date, booked.trial_at is not None) == (None, True)
    # A date that is given with it stays: someone reminds them the day before.
    given = edit(status="Trial Scheduled", next_followup_date=AHEAD)
    assert given.next_followup_date is not None


def test_a_trial_with_an_outcome_needs_a_next_step(world: World) -> None:
    """It is neither one of today's trials nor overdue, and comes back at its next date."""
    now, day = times.now(), timedelta(days=1)

    def why(trial: datetime, outcome: str | None, due: datetime | None = None) -> str | None:
        with world.db.write() as session:
            lead = session.get_one(Lead, 1)
            lead.status, lead.trial_at = Status.TRIAL_SCHEDULED, trial
            lead.trial_outcome, lead.next_followup_date = outcome, due
        with world.db.read() as session:
            return queued(session, PERSON).get(1)

    assert [why(now, one) for one in (None, *TrialOutcome)] == ["trial", *["no_next_step"] * 3]
    before = now - 2 * day
    assert [why(before, one) for one in (None, "attended")] == ["overdue", "no_next_step"]
    assert [why(before, "attended", due) for due in (now, now + day)] == ["due", None]


def test_a_trial_of_today_is_not_called_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a call it comes back at its next date, and when the trial begins at the latest."""
    day = timedelta(days=1)
    today = filter_times.start_of_day(times.now() + day, ZONE)

    def at(hour: float) -> datetime:
        return today + timedelta(hours=hour)

    trial, tomorrow = at(16), at(34)
    states: list[tuple[datetime | None, datetime | None, bool]] = [
        (None, None, True),
        (None, at(11.9), False),
        (None, at(-2), True),
        (at(15), None, False),
        (tomorrow, None, True),
        (tomorrow, at(11.9), False),
        (at(11.95), at(11), True),
    ]
    with world.db.write() as session:
        session.connection().execute(delete(Lead))
        session.add_all(
            Lead(
                id=number, center_id=1, created_time=at(-48), status=Status.TRIAL_SCHEDULED,
                trial_at=trial, next_followup_date=due, attempts=int(last is not None),
                last_attempt_at=last,
            )
            for number, (due, last, _) in enumerate(states, 1)
        )  # fmt: skip
    monkeypatch.setattr(times, "now", lambda: at(12))
    with world.db.read() as session:
        told = queued(session, MEMBER)
    assert told == {number: "trial" for number, (*_, is_here) in enumerate(states, 1) if is_here}
    monkeypatch.setattr(times, "now", lambda: trial)
    with world.db.read() as session:
        assert queued(session, MEMBER) == dict.fromkeys(range(1, len(states) + 1), "trial")
