"""Hand over new leads that nobody called in time: a missed target means another owner.

The first time it goes to someone who is present at its center and hasn't missed it yet, with a time
of their own; after that, or if nobody else is there, to a team lead, without one. While someone has
the lead in hand it stays with them, late as it is. A follow-up that is late stays with its owner.

Each lead is locked, and changed only if it is still late then, so any number of workers may do this
at once. What a handover writes is one transaction: the row of the missed target, the lead's new
owner, the line of its history, and what tells people of both.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlmodel import Session, col

from backend.core import times
from backend.core.calling import presence, targets
from backend.core.calling.rules import Standard
from backend.core.calling.targets import Targets
from backend.core.db import Database, low_priority
from backend.core.leads import contact, filter_times, lead_claims, missed, owners
from backend.core.leads.missed import HAS_DATE, IS_TIMED
from backend.core.leads.owner_filter import IS_OPEN, IS_OWNED
from backend.core.settings import Settings
from backend.models import Lead, MissedTarget, Role, Status, Target, User

# How many leads one step looks at.
STEP = 20
# How long someone who has missed a lead doesn't get it back, and a late follow-up is looked for.
_WEEK = timedelta(days=7)


def run(db: Database, settings: Settings) -> int:
    """Hand over leads that nobody has called in time. Returns how many were looked at."""
    now = times.now()
    with db.read() as session:
        ids = list(session.connection().scalars(_late(select(col(Lead.id)), now)))
    if not ids:
        return 0
    with low_priority(), db.write() as session:
        locked = _late(select(Lead), now).where(col(Lead.id).in_(ids))
        leads = session.scalars(locked.with_for_update(skip_locked=True)).all()
        turn = _Turn.of(session, Standard.of(settings), leads, now)
        for lead in leads:
            turn.treat(lead)
    return len(ids)


def run_follow_ups(db: Database, settings: Settings) -> int:
    """Record follow-ups that are late. Returns how many were found."""
    now = times.now()
    with db.read() as session:
        found = _late_follow_ups(session, targets.read(session, settings.zone), now)
    if not found:
        return 0
    with low_priority(), db.write() as session:
        query = select(Lead).where(col(Lead.id).in_(list(found)), IS_OWNED, IS_OPEN)
        for lead in session.scalars(query.with_for_update(skip_locked=True)):
            due = lead.next_followup_date
            if due is not None and due == found[lead.id or 0]:
                missed.record(session, lead, Target.FOLLOW_UP, due, now)
    return len(found)


def _late(query: Any, now: datetime) -> Any:
    """Return a query for leads whose time is over, but for those that someone has in hand.

    Of those it has the ones whose missed target isn't recorded yet.
    """
    is_known = missed.is_recorded(Target.FIRST_CALL, col(Lead.call_by))
    is_open = or_(~lead_claims.is_held(now), ~is_known)
    late = query.where(IS_TIMED, col(Lead.call_by) <= now, is_open)
    return late.order_by(col(Lead.call_by), col(Lead.id)).limit(STEP)


@dataclass(slots=True)
class _Turn:
    """What one step knows: who is present, who has missed which lead, who got how many today."""

    session: Session
    standard: Standard
    now: datetime
    goals: Targets
    held: set[int]
    had: dict[int, set[int | None]]
    given: Counter[int]
    team_leads: Sequence[int]
    present: dict[int, list[int]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, session: Session, standard: Standard, leads: Iterable[Lead], now: datetime
    ) -> "_Turn":
        ids = [lead.id for lead in leads]
        connection = session.connection()
        held = select(col(Lead.id)).where(col(Lead.id).in_(ids), lead_claims.is_held(now))
        had: dict[int, set[int | None]] = {}
        missed_by = select(col(MissedTarget.lead_id), col(MissedTarget.owner_id)).where(
            col(MissedTarget.lead_id).in_(ids),
            col(MissedTarget.kind) == Target.FIRST_CALL,
            col(MissedTarget.missed_at) > now - _WEEK,
        )
        for lead_id, owner_id in connection.execute(missed_by):
            had.setdefault(lead_id, set()).add(owner_id)
        to = col(MissedTarget.handed_to)
        today = col(MissedTarget.missed_at) >= filter_times.start_of_day(now, standard.zone)
        given = select(to, func.count()).where(today, to.is_not(None)).group_by(to)
        is_lead = (col(User.role) == Role.TEAM_LEAD, col(User.disabled).is_(False))
        team_leads = select(col(User.id)).where(*is_lead).order_by(col(User.id))
        return cls(
            session,
            standard,
            now,
            targets.read(session, standard.zone),
            held={id for id in connection.scalars(held) if id is not None},
            had=had,
            given=Counter({id: many for id, many in connection.execute(given) if id is not None}),
            team_leads=[id for id in connection.scalars(team_leads) if id is not None],
        )

    def treat(self, lead: Lead) -> None:
        """Record that a lead wasn't called in time, and hand it over unless it's in hand."""
        assert lead.id is not None
        assert lead.call_by is not None
        measure = self.goals.of(lead.center_id, Target.FIRST_CALL)
        if measure is None or not _is_called(lead):
            lead.call_by = lead.handed_over_at = None
            return
        missed.record(self.session, lead, Target.FIRST_CALL, lead.call_by, self.now)
        if lead.id in self.held:
            return
        present = self._present(lead.center_id or 0, measure)
        heir = self._next(lead, set(present) - {*self.team_leads})
        if heir is not None and lead.handed_over_at is None:
            hand_over(self.session, lead, heir, measure.by(self.now), self.now)
        else:
            there = {*self.team_leads} & {*present}
            heir = self._next(lead, there) or self._next(lead, self.team_leads)
            if heir is None:
                lead.call_by = None
                return
            hand_over(self.session, lead, heir, None, self.now)
        self.given[heir] += 1

    def _present(self, center_id: int, measure: targets.Measure) -> list[int]:
        """Return who is at work at a center, now or when it opens next."""
        if center_id not in self.present:
            at = measure.hours.first_at_work(self.now) or self.now
            found = presence.present(
                self.session, [center_id], at, self.standard, with_team_leads=True
            )
            self.present[center_id] = found[center_id]
        return self.present[center_id]

    def _next(self, lead: Lead, people: Iterable[int]) -> int | None:
        """Return who has got the fewest today of those who haven't missed the lead."""
        had = self.had.get(lead.id or 0, set()) | {lead.owner_id}
        able = sorted(id for id in people if id not in had)
        return min(able, key=self.given.__getitem__, default=None)


def _is_called(lead: Lead) -> bool:
    """Return whether a lead is to be called at all, such as after a script has changed it."""
    is_new = lead.status == Status.NEW or lead.next_followup_date is not None
    is_closed = lead.status in (Status.JOINED, Status.DEAD)
    is_real = lead.center_id is not None and not lead.is_test
    return is_new and is_real and not is_closed and not lead.do_not_contact


def hand_over(
    session: Session, lead: Lead, to: int, call_by: datetime | None, now: datetime
) -> None:
    """Give a locked lead, whose missed target is recorded, to someone who calls it by a time."""
    due_at = lead.call_by
    # The time tells it from an assignment by hand.
    owners.pass_on(session, [lead], to, None, now, missed=due_at)
    session.connection().execute(
        update(MissedTarget)
        .where(
            col(MissedTarget.lead_id) == lead.id,
            col(MissedTarget.kind) == Target.FIRST_CALL,
            col(MissedTarget.due_at) == due_at,
        )
        .values(handed_to=to)
    )
    lead.call_by, lead.handed_over_at = call_by, now
    session.flush()


def _late_follow_ups(session: Session, goals: Targets, now: datetime) -> dict[int, datetime]:
    """Return the ids of leads whose follow-up is late, with its date."""
    due = col(Lead.next_followup_date)
    found: dict[int, datetime] = {}
    for measure, centers in goals.each(Target.FOLLOW_UP):
        # Hours of a center are no longer than hours of the clock.
        first = max(now - _WEEK, measure.since or now)
        last = now - timedelta(minutes=measure.minutes)
        query = (
            select(col(Lead.id), due)
            .where(
                HAS_DATE,
                due >= first,
                due <= last,
                IS_OWNED,
                IS_OPEN,
                contact.allowed(),
                col(Lead.is_test).is_(False),
                _at(goals, centers),
                ~missed.is_recorded(Target.FOLLOW_UP, due),
            )
            .order_by(due, col(Lead.id))
            .limit(STEP)
        )

        for id, at in session.connection().execute(query):
            assert id is not None
            assert at is not None
            end = measure.by(at)
            # Those that follow were due later.
            if end is None or end > now:
                break
            found[id] = at
    return found


def _at(goals: Targets, centers: Iterable[int] | None) -> ColumnElement[bool]:
    """Return the condition that a lead is at some centers; None is those without their own."""
    own = col(Lead.center_id)
    return own.not_in(goals.own) if centers is None else own.in_(list(centers))
