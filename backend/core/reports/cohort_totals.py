"""Count the leads of a report: by center, campaign and lost reason, and by day and source.

Most days come from the stored daily totals (`backend.core.reports.rollup`). For days that have
changed since their totals were stored, the leads themselves are counted, together with the counts
that are kept of erased leads.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CTE, ColumnElement, Select, Text, case, func, literal, or_, select, union_all
from sqlalchemy import cast as sql_cast
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person, visible_to
from backend.core.database.rows import by_hand, epoch, id_in
from backend.core.leads import criteria
from backend.models import DailyTotal, ErasedLead, Lead

# The measures of a group of leads, and the columns that store them.
COLUMNS = {
    "leads": DailyTotal.leads,
    "called": DailyTotal.called,
    "trial": DailyTotal.trial,
    "attended": DailyTotal.attended,
    "joined": DailyTotal.joined,
    "lost": DailyTotal.lost,
    "5m": DailyTotal.within_5m,
    "1h": DailyTotal.within_1h,
    "1d": DailyTotal.within_1d,
    "later": DailyTotal.later,
    "none": DailyTotal.uncalled,
    "waited": DailyTotal.waited,
}
# What leads are grouped by, in addition to their center.
DIMENSIONS = {"source": "source", "campaign": "campaign", "reason": "lost_reason"}
# Both have the columns that are counted.
_COUNTED = (Lead, ErasedLead)
# Conditions on the leads that are counted, or on what is left of them.
Conditions = Callable[[Any], Sequence[ColumnElement[bool]]]
# The measures that a report shows for each kind of group.
_SHOWN = {"center": {*COLUMNS}, "campaign": {"leads", *criteria.REACHED}, "reason": {"lost"}}
# The most runs of changed days in one query. With more, the days between them are counted too.
MOST_RUNS = 20
# In seconds.
_DAY = 86400

Totals = Counter[str]
# The first and last day of consecutive days.
Run = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Cohort:
    """The leads that a person can see, created from the first to the last day in a zone."""

    person: Person
    first: date
    last: date
    zone: ZoneInfo
    center_id: int | None = None

    def period(self) -> tuple[datetime, datetime]:
        """Return when its days begin, and when they end."""
        ends = times.to_utc(self.last + timedelta(days=1), self.zone)
        return times.to_utc(self.first, self.zone), ends

    def conditions(self, center_id: Any, *, in_order: bool = False) -> list[ColumnElement[bool]]:
        """Return the conditions on a table's center column, without those on the days.

        Set `in_order` for rows that are found by another index.
        """
        visible = visible_to(self.person, in_order=in_order, center_id=center_id)
        center = by_hand(col(center_id)) if in_order else col(center_id)
        return [visible] if self.center_id is None else [visible, center == self.center_id]


@dataclass(frozen=True, slots=True)
class CohortTotals:
    """The totals of each group, and the number of leads by day and source."""

    groups: dict[str, dict[str | None, Totals]]
    days: Counter[tuple[date, str | None]]


def total(session: Session, cohort: Cohort, changed: Sequence[date]) -> CohortTotals:
    """Return the totals of a cohort. Leads of the `changed` days, in order, are counted one by one.

    All other days come from the stored totals.
    """
    totals = CohortTotals({"center": {}, "campaign": {}, "reason": {}}, Counter())
    runs = _runs(changed)
    for group, key, *counts in (*_stored(session, cohort, runs), *_counted(session, cohort, runs)):
        # PostgreSQL returns a sum as a decimal.
        measures = zip(COLUMNS, map(int, counts), strict=True)
        shown = {name: count for name, count in measures if name in _SHOWN[group]}
        totals.groups[group].setdefault(key, Counter()).update(shown)
    stored_days, counted_days = _stored_days(session, cohort, runs), _days(session, cohort, runs)
    for day, source, count in (*stored_days, *counted_days):
        totals.days[day, source] += count
    return totals


def _runs(days: Sequence[date]) -> list[Run]:
    """Group the days, which are in order, into runs of consecutive days."""
    runs: list[Run] = []
    for day in days:
        if runs and day - runs[-1][1] == timedelta(days=1):
            runs[-1] = runs[-1][0], day
        else:
            runs.append((day, day))
    return runs if len(runs) <= MOST_RUNS else [(runs[0][0], runs[-1][1])]


def _stored(session: Session, cohort: Cohort, runs: Sequence[Run]) -> Iterator[Sequence[Any]]:
    conditions = _stored_conditions(cohort, runs)
    each = [
        select(literal(group).label("group"), key.label("key"), *_sums(group))
        .where(*conditions, col(DailyTotal.dimension) == dimension)
        .group_by(key)
        for group, dimension, key in (
            # Any dimension would do for the centers: each contains every lead once.
            ("center", "source", sql_cast(id_in(col(DailyTotal.center_id)), Text)),
            ("campaign", "campaign", col(DailyTotal.key)),
            ("reason", "reason", col(DailyTotal.key)),
        )
    ]
    yield from session.connection().execute(union_all(*each))


def _sums(group: str) -> list[ColumnElement[int]]:
    return [
        (func.sum(col(column)) if name in _SHOWN[group] else literal(0)).label(name)
        for name, column in COLUMNS.items()
    ]


def _stored_days(
    session: Session, cohort: Cohort, runs: Sequence[Run]
) -> Iterator[tuple[date, str | None, int]]:
    key = (col(DailyTotal.day), col(DailyTotal.key))
    query = (
        select(*key, func.sum(col(DailyTotal.leads)))
        .where(*_stored_conditions(cohort, runs), col(DailyTotal.dimension) == "source")
        .group_by(*key)
    )
    for day, source, count in session.connection().execute(query):
        yield day, source, int(count)


def _stored_conditions(cohort: Cohort, runs: Sequence[Run]) -> list[ColumnElement[bool]]:
    return [
        *cohort.conditions(DailyTotal.center_id),
        col(DailyTotal.day).between(cohort.first, cohort.last),
        *(~col(DailyTotal.day).between(*run) for run in runs),
    ]


def _counted(session: Session, cohort: Cohort, runs: Sequence[Run]) -> Iterator[Sequence[Any]]:
    """Count the leads of the changed days. All groups share one scan of the leads."""
    if not runs:
        return
    conditions = _conditions(cohort, runs)
    dialect = session.get_bind().dialect.name
    grouped = group_leads(dialect, conditions, ("campaign", "reason")).c
    sums = [func.sum(grouped[name]).label(name) for name in COLUMNS]
    each = [
        select(literal(group).label("group"), key.label("key"), *sums).group_by(key)
        for group, key in (
            ("center", sql_cast(grouped.center_id, Text)),
            ("campaign", grouped.campaign),
            ("reason", grouped.reason),
        )
    ]
    yield from session.connection().execute(union_all(*each))


def group_leads(dialect: str, conditions: Conditions, names: Sequence[str]) -> CTE:
    """Return a query that groups leads by center and the named dimensions, with all `COLUMNS`.

    `waited` is the total time from enquiry to first call, in seconds.
    """
    leads = union_all(*(_to_count(model, conditions, names) for model in _COUNTED))
    if dialect == "sqlite":
        # Without this, SQLite repeats the expression for the seconds wherever it is used.
        leads = leads.offset(0)
    each = leads.subquery().c
    key = (each.center_id, *(each[name] for name in names))
    within = {name: criteria.first_call(name, each.seconds) for name in criteria.FIRST_CALLS}
    return (
        select(
            *key,
            func.count().label("leads"),
            *(func.count(each[stage]).label(stage) for stage in criteria.REACHED),
            *(func.count(case((bucket, 1))).label(name) for name, bucket in within.items()),
            # Leads called before they enquired again have a negative time: count it as zero.
            func.sum(case((each.seconds > 0, each.seconds), else_=0)).label("waited"),
        )
        .group_by(*key)
        .cte("grouped")
    )


def _to_count(model: Any, conditions: Conditions, names: Sequence[str]) -> Select[Any]:
    return select(
        id_in(col(model.center_id)).label("center_id"),
        *(criteria.value(getattr(model, DIMENSIONS[name])).label(name) for name in names),
        criteria.waited(model).label("seconds"),
        *(col(getattr(model, name)).label(stage) for stage, name in criteria.REACHED_AT.items()),
    ).where(*conditions(model))


def _conditions(cohort: Cohort, runs: Sequence[Run]) -> Conditions:
    def conditions(model: Any) -> list[ColumnElement[bool]]:
        within = [created_within(first, last, cohort.zone, model) for first, last in runs]
        visible = cohort.conditions(model.center_id)
        return [*visible, col(model.is_test).is_(False), or_(*within)]

    return conditions


def created_within(
    first: date, last: date, zone: ZoneInfo, model: Any = Lead
) -> ColumnElement[bool]:
    """Return the condition that a lead was created from the first to the last day in a zone.

    Raises `ValueError` for days outside the calendar.
    """
    begins, ends = times.to_utc(first, zone), times.to_utc(last + timedelta(days=1), zone)
    return (col(model.created_time) >= begins) & (col(model.created_time) < ends)


def _days(
    session: Session, cohort: Cohort, runs: Sequence[Run]
) -> Iterator[tuple[date, str | None, int]]:
    if not runs:
        return
    first, last = runs[0][0], runs[-1][1]
    conditions = _conditions(cohort, runs)
    for model in _COUNTED:
        number = _day_number(model, first, last, cohort.zone).label("day")
        source = criteria.value(model.source).label("source")
        query: Select[Any] = (
            select(number, source, func.count()).where(*conditions(model)).group_by(number, source)
        )
        for day, key, count in session.connection().execute(query):
            yield first + timedelta(days=int(day)), key, count


def _day_number(model: Any, first: date, last: date, zone: ZoneInfo) -> ColumnElement[Any]:
    """Return the SQL expression for the number of days since the first one, in the zone.

    SQLite has no time zones, so the days are computed here. Consecutive 24-hour days share one
    expression; a day on which the clocks change gets its own.
    """
    count = (last - first).days + 1
    begins = [
        int(times.to_utc(first + timedelta(days=day), zone).timestamp()) for day in range(count + 1)
    ]
    lengths = [end - begin for begin, end in pairwise(begins)]
    seconds = epoch(col(model.created_time))
    runs: list[tuple[ColumnElement[bool], ColumnElement[int]]] = []
    for day, length in enumerate(lengths):
        if day > 0 and lengths[day - 1] == length == _DAY:
            continue
        number = (seconds - begins[day]) // _DAY + day if length == _DAY else literal(day)
        runs.append((seconds >= begins[day], number))
    (_, begin), *later = runs
    return case(*reversed(later), else_=begin) if later else begin
