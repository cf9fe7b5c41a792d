"""Missed targets by day: those that were missed on some days, whatever became of the leads since.

They are counted at the center where they were missed, and stay when the lead is merged or erased.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.core import times
from backend.core.calling import targets
from backend.core.calling.rules import Standard
from backend.core.database.rows import epoch
from backend.core.reports.cohort_totals import Cohort
from backend.models import MissedTarget, Target
from backend.schemas.reports import Missed, MissedOfDay

# In seconds: days begin at a multiple of it, whatever the zone.
_SLOT = 900


def of_today(
    session: Session, centers: Sequence[int | None], now: datetime, standard: Standard
) -> dict[int | None, int]:
    """Return how many targets were missed today, by center; no number for one without targets."""
    goals = targets.read(session, standard.zone)
    found = dict.fromkeys(
        (id for id in centers if id and any(goals.of(id, kind) for kind in Target)), 0
    )
    center = col(MissedTarget.center_id)
    begin = times.to_utc(now.astimezone(standard.zone).date(), standard.zone)
    query = select(center, func.count()).where(col(MissedTarget.missed_at) >= begin)
    found_today = session.connection().execute(query.group_by(center))
    return found | {id: many for id, many in found_today if id in centers}


def total(session: Session, cohort: Cohort) -> Missed:
    """Return how many targets were missed on the days of a cohort, in its zone."""
    slot = epoch(col(MissedTarget.missed_at)) // _SLOT
    query = (
        select(slot, col(MissedTarget.kind), func.count())
        .where(
            col(MissedTarget.missed_at) >= times.to_utc(cohort.first, cohort.zone),
            col(MissedTarget.missed_at)
            < times.to_utc(cohort.last + timedelta(days=1), cohort.zone),
            *cohort.conditions(col(MissedTarget.center_id)),
        )
        .group_by(slot, col(MissedTarget.kind))
    )
    counts: Counter[tuple[date, str]] = Counter()
    for number, kind, many in session.connection().execute(query):
        at = datetime.fromtimestamp(int(number) * _SLOT, UTC).astimezone(cohort.zone)
        counts[at.date(), kind] += many
    days = [
        MissedOfDay(
            day=day.isoformat(),
            first_call=counts[day, Target.FIRST_CALL],
            follow_up=counts[day, Target.FOLLOW_UP],
        )
        for day in sorted({day for day, _ in counts})
    ]
    return {
        "first_call": sum(one["first_call"] for one in days),
        "follow_up": sum(one["follow_up"] for one in days),
        "days": days,
    }
