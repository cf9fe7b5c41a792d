"""Count calls, messages and conversations by day, center and person.

Unlike the rest of a report, which follows the leads created on some days, these are the attempts
that were made on them, to any lead. Undone ones and those to test leads don't count.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select, union_all
from sqlmodel import Session, col

from backend.core.database.rows import epoch, id_in
from backend.core.leads.attempt_counts import ANSWERED
from backend.core.leads.work_filter import within
from backend.core.reports.cohort_totals import Cohort
from backend.models import Attempt, ErasedAttempt, ErasedLead, Lead, User
from backend.schemas.reports import Calls, CallsOfCenter, CallsOfDay, CallsOfPerson

# How many centers and people are listed: those with the most attempts.
MOST = 100
# In seconds: days begin at a multiple of it, whatever the zone.
_SLOT = 900


class _Tally:
    """Attempts and conversations by a key."""

    def __init__(self) -> None:
        self.counts: dict[Any, list[int]] = {}

    def add(self, key: Any, attempts: int, conversations: int) -> None:
        both = self.counts.setdefault(key, [0, 0])
        both[0] += attempts
        both[1] += conversations

    def most(self) -> Iterable[tuple[Any, int, int]]:
        order = sorted(self.counts.items(), key=lambda one: (-one[1][0], one[0] or 0))
        return [(key, *both) for key, both in order[:MOST]]


def total(session: Session, cohort: Cohort) -> Calls:
    """Return the attempts and conversations on the days of a cohort, in its zone."""
    days, centers, people = _Tally(), _Tally(), _Tally()
    for slot, center_id, user_id, attempts, conversations in _counted(session, cohort):
        at = datetime.fromtimestamp(int(slot) * _SLOT, UTC).astimezone(cohort.zone)
        for tally, key in ((days, at.date()), (centers, center_id), (people, user_id)):
            tally.add(key, int(attempts), int(conversations))
    known = col(User.id).in_([id for id in people.counts if id is not None])
    query = select(col(User.id), col(User.full_name)).where(known)
    names = {one.id: one.full_name for one in session.connection().execute(query)}
    return {
        "attempts": sum(attempts for attempts, _ in days.counts.values()),
        "conversations": sum(conversations for _, conversations in days.counts.values()),
        "days": [
            CallsOfDay(day=day.isoformat(), attempts=attempts, conversations=conversations)
            for day, (attempts, conversations) in sorted(days.counts.items())
        ],
        "centers": [
            CallsOfCenter(center_id=id, attempts=attempts, conversations=conversations)
            for id, attempts, conversations in centers.most()
        ],
        "people": [
            CallsOfPerson(
                user_id=id,
                full_name=names.get(id),
                attempts=attempts,
                conversations=conversations,
            )
            for id, attempts, conversations in people.most()
        ],
    }


def _counted(session: Session, cohort: Cohort) -> Iterable[Any]:
    """Return attempts and conversations by quarter of an hour, center and person."""
    standing = col(Attempt.undone_at).is_(None)
    of_leads = _of(cohort, Attempt, Lead, col(Lead.id) == col(Attempt.lead_id), standing)
    erased = col(ErasedLead.id) == col(ErasedAttempt.erased_id)
    of_erased = _of(cohort, ErasedAttempt, ErasedLead, erased)
    return session.connection().execute(union_all(of_leads, of_erased))


def _of(
    cohort: Cohort, attempt: Any, lead: Any, joined: ColumnElement[bool], *more: ColumnElement[bool]
) -> Select[Any]:
    key = (epoch(attempt.at) // _SLOT, id_in(lead.center_id), attempt.user_id)
    answered = func.count(case((attempt.outcome.in_(ANSWERED), 1)))
    return (
        select(*key, func.count(), answered)
        .join_from(attempt, lead, joined)
        .where(
            *within(attempt.at, *cohort.period()),
            lead.is_test.is_(False),
            *cohort.conditions(lead.center_id),
            *more,
        )
        .group_by(*key)
    )
