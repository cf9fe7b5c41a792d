"""The figures of a report: leads by day and source, the funnel, and the time to the first call.

A report covers a cohort: the leads created in a range of days. The stages they reached come from
their history (`Lead.called_at` and so on), not from their status today. Test leads are excluded.
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
from backend.core.leads import call_filter, criteria
from backend.core.leads.criteria import LeadCriteria
from backend.core.reports import calls, cohort_totals, missed_targets, rollup
from backend.core.reports.cohort_totals import COLUMNS, Cohort, Totals
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
# The longest range of a report, in days.
LONGEST = 3 * 366
# How many centers, campaigns and reasons a report lists: those with the most leads.
MOST = 100


def show(session: Session, person: Person, wanted: ReportFilter, zone: ZoneInfo) -> Report:
    """Return the report on the leads that a person can see. Days are in the given zone.

    Raises `Invalid`.
    """
    cohort = cohort_of(person, wanted, zone)
    changed = rollup.changed(session, cohort.first, cohort.last, zone)
    found = cohort_totals.total(session, cohort, changed)
    groups = found.groups
    total: Totals = Counter(dict.fromkeys(COLUMNS, 0))
    for totals in groups["center"].values():
        total.update(totals)
    called = total["called"]
    lost = {key: totals for key, totals in groups["reason"].items() if totals["lost"]}
    return {
        "from": cohort.first.isoformat(),
        "to": cohort.last.isoformat(),
        "days": _days(found.days),
        "funnel": [
            Stage(stage=stage, count=total[stage]) for stage in ("leads", *criteria.REACHED)
        ],
        "first_call": [Bucket(within=name, count=total[name]) for name in criteria.FIRST_CALLS],
        "first_call_average_s": round(total["waited"] / called) if called else None,
        "centers": [
            cast(OfCenter, {"center_id": key and int(key)} | _measures(totals))
            for key, totals in _largest(groups["center"], "leads")
        ],
        "campaigns": [
            cast(OfCampaign, {"campaign": key} | _measures(totals))
            for key, totals in _largest(groups["campaign"], "leads")
        ],
        "reasons": [
            Reason(reason=key, count=totals["lost"]) for key, totals in _largest(lost, "lost")
        ],
        "calls": calls.total(session, cohort),
        "missed": missed_targets.total(session, cohort),
    }


def _measures(totals: Totals) -> dict[str, int]:
    return {name: totals[name] for name in ("leads", *criteria.REACHED)}


def _largest(groups: dict[str | None, Totals], by: str) -> list[tuple[str | None, Totals]]:
    """Return the groups with the highest totals, the highest first."""
    order = sorted(groups.items(), key=lambda one: (-one[1][by], one[0] is None, one[0] or ""))
    return order[:MOST]


def _days(counts: Counter[tuple[date, str | None]]) -> list[Day]:
    order = sorted(counts.items(), key=lambda one: (one[0][0], one[0][1] or ""))
    return [Day(day=day.isoformat(), source=source, leads=count) for (day, source), count in order]


def count(session: Session, person: Person, wanted: CountsFilter) -> Counts:
    """Return the number of leads with each status, among those a person can see."""
    leads = LeadCriteria(centers=() if wanted.center_id is None else (wanted.center_id,))
    conditions = leads.conditions(person, in_order=False)
    query = select(col(Lead.status), func.count()).where(*conditions).group_by(col(Lead.status))
    counts = dict.fromkeys(map(str, Status), 0)
    connection = session.connection()
    # Count all leads by one index and subtract the test leads by another: faster than a filter.
    for status, number in connection.execute(query):
        counts[status] = number
    for status, number in connection.execute(query.where(criteria.IS_TEST)):
        counts[status] -= number
    unreachable = connection.scalar(
        select(func.count()).where(
            call_filter.IS_UNREACHABLE, col(Lead.is_test).is_(False), *conditions
        )
    )
    return {"statuses": counts, "unreachable": unreachable or 0}


def cohort_of(person: Person, wanted: ReportFilter, zone: ZoneInfo) -> Cohort:
    """Return the leads that a report covers. Raises `Invalid`."""
    last = _day("to", wanted.to) or times.now().astimezone(zone).date()
    first = _day("from", wanted.from_)
    if first is None and last.year > 1:
        first = last - timedelta(days=DEFAULT_DAYS - 1)
    if first is None or not (
        0 <= (last - first).days < LONGEST
        and rollup.FIRST_YEAR <= first.year <= last.year <= rollup.LAST_YEAR
    ):
        raise Invalid.at("query", "from", msg="Choose a range of at most three years")
    return Cohort(person, first, last, zone, wanted.center_id)


def _day(name: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid.at("query", name, type="date", msg="Use a date such as 2026-12-05") from None
