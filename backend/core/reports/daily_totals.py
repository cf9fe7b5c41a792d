"""Leads added up: for each center, campaign and reason, and for each day and source.

Most days are read as they were added up before (`backend.core.reports.rollup`), and the leads
themselves of those that changed since.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CTE, ColumnElement, Select, Text, case, func, literal, or_, select, union_all
from sqlalchemy import cast as sql_cast
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person, visible_to
from backend.core.database.rows import epoch
from backend.core.leads import criteria
from backend.models import DailyTotal, Lead

# What is counted of leads that are alike, and where it stands once they are added up.
COLUMNS = {
    "leads": DailyTotal.leads,
    "called": DailyTotal.called,
    "trial": DailyTotal.trial,
    "joined": DailyTotal.joined,
    "lost": DailyTotal.lost,
    "5m": DailyTotal.within_5m,
    "1h": DailyTotal.within_1h,
    "1d": DailyTotal.within_1d,
    "later": DailyTotal.later,
    "none": DailyTotal.uncalled,
    "waited": DailyTotal.waited,
}
# In what leads may be alike, besides their center.
ALIKE = {"source": Lead.source, "campaign": Lead.campaign, "reason": Lead.lost_reason}
# What is asked of each group.
_ASKED = {"center": {*COLUMNS}, "campaign": {"leads", *criteria.REACHED}, "reason": {"lost"}}
# Of days whose leads are read; where they lie further apart, those between them are read too.
MOST_RUNS = 20
_DAY = 86400

Sums = Counter[str]
Run = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Cohort:
    """The leads that a person may see of some days of a zone, the last of which is among them."""

    person: Person
    first: date
    last: date
    zone: ZoneInfo
    center_id: int | None = None

    def of(self, center_id: Any) -> list[ColumnElement[bool]]:
        """What holds of a table's rows, whichever days they are of."""
        seen = visible_to(self.person, center_id=center_id)
        return [seen] if self.center_id is None else [seen, col(center_id) == self.center_id]


@dataclass(frozen=True, slots=True)
class Added:
    """The sums by what leads are alike in, and how many came in on a day from a source."""

    groups: dict[str, dict[str | None, Sums]]
    days: Counter[tuple[date, str | None]]


def add_up(session: Session, cohort: Cohort, changed: Sequence[date]) -> Added:
    """The sums of a cohort; the days that have `changed` are those to read lead by lead."""
    added = Added({"center": {}, "campaign": {}, "reason": {}}, Counter())
    runs = _runs(changed)
    for what, key, *counts in (*_kept(session, cohort, runs), *_read(session, cohort, runs)):
        # A sum of PostgreSQL's is a number of another kind.
        named = zip(COLUMNS, map(int, counts), strict=True)
        sums = {name: count for name, count in named if name in _ASKED[what]}
        added.groups[what].setdefault(key, Counter()).update(sums)
    for day, source, many in (*_kept_days(session, cohort, runs), *_days(session, cohort, runs)):
        added.days[day, source] += many
    return added


def _runs(days: Sequence[date]) -> list[Run]:
    """The days, which are in order, as those that follow one another: the first and the last."""
    runs: list[Run] = []
    for day in days:
        if runs and day - runs[-1][1] == timedelta(days=1):
            runs[-1] = runs[-1][0], day
        else:
            runs.append((day, day))
    return runs if len(runs) <= MOST_RUNS else [(runs[0][0], runs[-1][1])]


def _kept(session: Session, cohort: Cohort, runs: Sequence[Run]) -> Iterator[Sequence[Any]]:
    conditions = _kept_conditions(cohort, runs)
    each = [
        select(literal(what).label("what"), key.label("key"), *_sums(what))
        .where(*conditions, col(DailyTotal.dimension) == of)
        .group_by(key)
        for what, of, key in (
            # By source or by another: each lead of a center is in one of them.
            ("center", "source", sql_cast(col(DailyTotal.center_id), Text)),
            ("campaign", "campaign", col(DailyTotal.key)),
            ("reason", "reason", col(DailyTotal.key)),
        )
    ]
    yield from session.connection().execute(union_all(*each))


def _sums(what: str) -> list[ColumnElement[int]]:
    return [
        (func.sum(col(column)) if name in _ASKED[what] else literal(0)).label(name)
        for name, column in COLUMNS.items()
    ]


def _kept_days(
    session: Session, cohort: Cohort, runs: Sequence[Run]
) -> Iterator[tuple[date, str | None, int]]:
    key = (col(DailyTotal.day), col(DailyTotal.key))
    query = (
        select(*key, func.sum(col(DailyTotal.leads)))
        .where(*_kept_conditions(cohort, runs), col(DailyTotal.dimension) == "source")
        .group_by(*key)
    )
    for day, source, many in session.connection().execute(query):
        yield day, source, int(many)


def _kept_conditions(cohort: Cohort, runs: Sequence[Run]) -> list[ColumnElement[bool]]:
    return [
        *cohort.of(DailyTotal.center_id),
        col(DailyTotal.day).between(cohort.first, cohort.last),
        *(~col(DailyTotal.day).between(*run) for run in runs),
    ]


def _read(session: Session, cohort: Cohort, runs: Sequence[Run]) -> Iterator[Sequence[Any]]:
    """The sums of the leads of some days: they are read once for all of them."""
    if not runs:
        return
    found = alike(session, _conditions(cohort, runs), ("campaign", "reason")).c
    sums = [func.sum(found[name]).label(name) for name in COLUMNS]
    each = [
        select(literal(what).label("what"), key.label("key"), *sums).group_by(key)
        for what, key in (
            ("center", sql_cast(found.center_id, Text)),
            ("campaign", found.campaign),
            ("reason", found.reason),
        )
    ]
    yield from session.connection().execute(union_all(*each))


def alike(session: Session, conditions: Sequence[ColumnElement[bool]], names: Sequence[str]) -> CTE:
    """How many leads of one center, and alike in what is named, came how far and were called when.

    `waited` is the sum of the seconds until they were called.
    """
    leads: Select[Any] = select(
        col(Lead.center_id),
        *(criteria.value(ALIKE[name]).label(name) for name in names),
        criteria.waited().label("seconds"),
        *(col(at).label(stage) for stage, at in criteria.REACHED.items()),
    ).where(*conditions)
    if session.get_bind().dialect.name == "sqlite":
        # Else it puts the expression of the seconds in each place that names them.
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
            # Who had been called before the lead came in again waited for nothing.
            func.sum(case((each.seconds > 0, each.seconds), else_=0)).label("waited"),
        )
        .group_by(*key)
        .cte("alike")
    )


def _conditions(cohort: Cohort, runs: Sequence[Run]) -> list[ColumnElement[bool]]:
    within = [came_in(first, last, cohort.zone) for first, last in runs]
    return [*cohort.of(Lead.center_id), col(Lead.is_test).is_(False), or_(*within)]


def came_in(first: date, last: date, zone: ZoneInfo) -> ColumnElement[bool]:
    """Whether a lead came in on these days of a zone. Raises `ValueError` off the calendar."""
    begins, ends = times.to_utc(first, zone), times.to_utc(last + timedelta(days=1), zone)
    return (col(Lead.created_time) >= begins) & (col(Lead.created_time) < ends)


def _days(
    session: Session, cohort: Cohort, runs: Sequence[Run]
) -> Iterator[tuple[date, str | None, int]]:
    if not runs:
        return
    first, last = runs[0][0], runs[-1][1]
    number = _day_number(first, last, cohort.zone).label("day")
    source = criteria.value(Lead.source).label("source")
    query: Select[Any] = (
        select(number, source, func.count())
        .where(*_conditions(cohort, runs))
        .group_by(number, source)
    )
    for day, key, many in session.connection().execute(query):
        yield first + timedelta(days=int(day)), key, many


def _day_number(first: date, last: date, zone: ZoneInfo) -> ColumnElement[Any]:
    """The days since the first one on the clocks of the zone, which SQLite does not know.

    They begin where those of the list do: a run of days of 24 hours is counted off, and a day on
    which the clocks change is one of its own.
    """
    many = (last - first).days + 1
    begins = [
        int(times.to_utc(first + timedelta(days=day), zone).timestamp()) for day in range(many + 1)
    ]
    lengths = [end - begin for begin, end in pairwise(begins)]
    seconds = epoch(col(Lead.created_time))
    runs: list[tuple[ColumnElement[bool], ColumnElement[int]]] = []
    for day, length in enumerate(lengths):
        if day > 0 and lengths[day - 1] == length == _DAY:
            continue
        since = (seconds - begins[day]) // _DAY + day if length == _DAY else literal(day)
        runs.append((seconds >= begins[day], since))
    (_, begin), *later = runs
    return case(*reversed(later), else_=begin) if later else begin
