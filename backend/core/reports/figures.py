"""What became of the leads: by day and source, how far each cohort came, how soon they were called.

A cohort is the leads that came in within some days; how far they came is told by their history
(`Lead.called_at` and the like), and not by what they are today. Test leads are left out.
"""

from collections import Counter
from datetime import date, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person
from backend.core.errors import Invalid
from backend.core.leads import criteria
from backend.core.leads.criteria import LeadCriteria
from backend.core.reports import rollup
from backend.core.reports.daily_totals import COLUMNS, Cohort, Sums, add_up
from backend.models import Lead, Status
from backend.schemas.reports import (
    Bucket,
    Counts,
    CountsFilter,
    Day,
    OfCampaign,
    OfCenter,
    Reason,
    Report,
    ReportFilter,
    Stage,
)

DEFAULT_DAYS = 30
# In days: what is asked for at once.
LONGEST = 3 * 366
# Of campaigns and reasons, those with the most leads.
MOST = 100


def show(session: Session, person: Person, wanted: ReportFilter, zone: ZoneInfo) -> Report:
    """The figures of the leads that a person may see; days are those of the zone.

    Raises `Invalid`.
    """
    cohort = _cohort(person, wanted, zone)
    days = rollup.changed(session, cohort.first, cohort.last, zone)
    added = add_up(session, cohort, days)
    found = added.groups
    total: Sums = Counter(dict.fromkeys(COLUMNS, 0))
    for sums in found["center"].values():
        total.update(sums)
    called = total["called"]
    lost = {key: sums for key, sums in found["reason"].items() if sums["lost"]}
    return {
        "from": cohort.first.isoformat(),
        "to": cohort.last.isoformat(),
        "days": _days(added.days),
        "funnel": [
            Stage(stage=stage, count=total[stage]) for stage in ("leads", *criteria.REACHED)
        ],
        "first_call": [Bucket(within=name, count=total[name]) for name in criteria.FIRST_CALLS],
        "first_call_average_s": round(total["waited"] / called) if called else None,
        "centers": [
            cast(OfCenter, {"center_id": key and int(key)} | _measured(sums))
            for key, sums in _most(found["center"], "leads")
        ],
        "campaigns": [
            cast(OfCampaign, {"campaign": key} | _measured(sums))
            for key, sums in _most(found["campaign"], "leads")
        ],
        "reasons": [Reason(reason=key, count=sums["lost"]) for key, sums in _most(lost, "lost")],
    }


def _measured(sums: Sums) -> dict[str, int]:
    return {name: sums[name] for name in ("leads", *criteria.REACHED)}


def _most(found: dict[str | None, Sums], by: str) -> list[tuple[str | None, Sums]]:
    """Those with the most, the first ahead."""
    order = sorted(found.items(), key=lambda one: (-one[1][by], one[0] is None, one[0] or ""))
    return order[:MOST]


def _days(found: Counter[tuple[date, str | None]]) -> list[Day]:
    order = sorted(found.items(), key=lambda one: (one[0][0], one[0][1] or ""))
    return [Day(day=day.isoformat(), source=source, leads=many) for (day, source), many in order]


def count(session: Session, person: Person, wanted: CountsFilter) -> Counts:
    """How many leads have each status, of all that a person may see."""
    asked = LeadCriteria(centers=() if wanted.center_id is None else (wanted.center_id,))
    conditions = asked.conditions(person, in_order=False)
    query = select(col(Lead.status), func.count()).where(*conditions).group_by(col(Lead.status))
    counted = dict.fromkeys(map(str, Status), 0)
    connection = session.connection()
    # All of them by one index, and the few tests by another, which costs less than to ask of each.
    for status, many in connection.execute(query):
        counted[status] = many
    for status, many in connection.execute(query.where(criteria.IS_TEST)):
        counted[status] -= many
    return {"statuses": counted}


def _cohort(person: Person, wanted: ReportFilter, zone: ZoneInfo) -> Cohort:
    last = _day("to", wanted.to) or times.now().astimezone(zone).date()
    first = _day("from", wanted.from_)
    if first is None and last.year > 1:
        first = last - timedelta(days=DEFAULT_DAYS - 1)
    if first is None or not (
        0 <= (last - first).days < LONGEST
        and rollup.FIRST_YEAR <= first.year <= last.year <= rollup.LAST_YEAR
    ):
        raise Invalid.at("query", "from", msg="Choose at most three years, the first day first")
    return Cohort(person, first, last, zone, wanted.center_id)


def _day(name: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid.at("query", name, type="date", msg="Use a date such as 2026-12-05") from None
