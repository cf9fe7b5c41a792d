"""Keep daily totals of leads, so that reports needn't count each lead.

The rows of `dailytotal` are valid except for the days listed in `changedday`. Database triggers add
a day to that list in every transaction that changes one of its leads. `refresh` recomputes those
days in the background. Until then, reports count the leads of those days directly. So reports are
never out of date, and writers never wait for each other.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Date,
    Insert,
    Select,
    bindparam,
    delete,
    func,
    insert,
    inspect,
    literal,
    select,
    union_all,
)
from sqlmodel import Session, col

from backend.core import times
from backend.core.database import locks, upsert
from backend.core.reports import cohort_totals
from backend.models import ChangedDay, DailyTotal, TotalledDay

# The years that reports cover.
FIRST_YEAR, LAST_YEAR = 1971, 8999
# How many UTC days are recomputed in one transaction.
BATCH = 4
_LOCK = "sums"
_ONE = timedelta(days=1)

# A day in the zone, when it begins, and when it ends.
_Day = tuple[date, datetime, datetime]
_Days = Select[date, datetime, datetime]


def changed(session: Session, first: date, last: date, zone: ZoneInfo) -> list[date]:
    """Return the days with outdated totals, in order.

    `first` and `last` are both included, and are days in the zone.
    """
    days = [first + timedelta(days=day) for day in range((last - first).days + 1)]
    if any(_moved(session, zone, _stored_days(first, last))):
        return days
    marks = select(col(ChangedDay.day)).distinct()
    # A day in the zone can begin on the previous day in UTC, or end on the next one.
    near = col(ChangedDay.day).between(str(first - _ONE), str(last + _ONE))
    marked = {*session.connection().scalars(marks.where(near))}
    if not marked:
        return []
    return [day for day in days if not marked.isdisjoint(_days_of_utc(*_times(day, zone)))]


def refresh(session: Session, zone: ZoneInfo, limit: int = BATCH) -> int:
    """Recompute the newest changed days, up to `limit` UTC days. Return how many there were."""
    locks.hold(session, _LOCK)
    connection = session.connection()
    newest = select(col(ChangedDay.day)).distinct().order_by(col(ChangedDay.day).desc())
    marked = [*connection.scalars(newest.limit(limit))]
    if not marked:
        return 0
    # Delete the marks before reading the leads, so that a change made in between stays marked.
    connection.execute(delete(ChangedDay).where(col(ChangedDay.day).in_(marked)))
    for day in sorted({day for text in marked for day in _days_of_zone(text, zone)}):
        _recompute(session, day, zone)
    return len(marked)


def recheck(session: Session, zone: ZoneInfo) -> None:
    """Mark the days that start or end at another moment, because the zone or its rules changed."""
    locks.hold(session, _LOCK)
    for moved in [*_moved(session, zone, _stored_days())]:
        _forget(session, moved)


def is_behind(session: Session) -> bool:
    """Return whether any day needs to be recomputed."""
    return session.connection().scalar(select(col(ChangedDay.id)).limit(1)) is not None


def _stored_days(first: date | None = None, last: date | None = None) -> _Days:
    """Return the query for the days with stored totals, or those that may overlap a range.

    The clocks of two zones differ by up to 26 hours.
    """
    query = select(col(TotalledDay.day), col(TotalledDay.begins), col(TotalledDay.ends))
    if first is None or last is None:
        return query
    return query.where(col(TotalledDay.day).between(first - 2 * _ONE, last + 2 * _ONE))


def _moved(session: Session, zone: ZoneInfo, query: _Days) -> Iterator[_Day]:
    for day, begins, ends in session.connection().execute(query):
        if (begins, ends) != _times(day, zone):
            yield day, begins, ends


def _times(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    return times.to_utc(day, zone), times.to_utc(day + _ONE, zone)


def _days_of_utc(begins: datetime, ends: datetime) -> Iterator[str]:
    day, last = begins.date(), (ends - timedelta(microseconds=1)).date()
    while day <= last:
        yield str(day)
        day += _ONE


def _days_of_zone(text: str, zone: ZoneInfo) -> Iterable[date]:
    """Return the days in the zone that overlap a UTC day, within the years of reports."""
    try:
        day = date.fromisoformat(text)
    except (ValueError, TypeError):
        # SQLite keeps any text or bytes that a script stores as a time.
        return []
    if not FIRST_YEAR - 1 <= day.year <= LAST_YEAR + 1:
        return []
    return [
        one
        for one in (day - _ONE, day, day + _ONE)
        if FIRST_YEAR <= one.year <= LAST_YEAR and text in _days_of_utc(*_times(one, zone))
    ]


def _recompute(session: Session, day: date, zone: ZoneInfo) -> None:
    connection = session.connection()
    # A server with another zone may have stored this day: its hours then belong to other days too.
    for moved in [*_moved(session, zone, _stored_days().where(col(TotalledDay.day) == day))]:
        _forget(session, moved)
    old = col(DailyTotal.dimension).in_(cohort_totals.DIMENSIONS), col(DailyTotal.day) == day
    connection.execute(delete(DailyTotal).where(*old))
    begins, ends = _times(day, zone)
    times_of_day = {"of_day": day, "begins": begins, "ends": ends}
    connection.execute(_total(session.get_bind().dialect.name), times_of_day)
    # Store the day even without leads: servers with another zone need to know its bounds.
    stored = upsert.insert(session, TotalledDay).values(day=day, begins=begins, ends=ends)
    connection.execute(stored.on_conflict_do_nothing())


@cache
def _total(dialect: str) -> Insert:
    """Return the statement that stores the totals of a day: it takes longer to make than to run."""
    dimensions = tuple(cohort_totals.DIMENSIONS)
    grouped = cohort_totals.group_leads(dialect, _of_day, dimensions).c
    names = [inspect(column).key for column in cohort_totals.COLUMNS.values()]
    each = [
        select(
            bindparam("of_day", type_=Date).label("day"),
            grouped.center_id,
            literal(dimension).label("dimension"),
            grouped[dimension].label("key"),
            *(func.sum(grouped[name]).label(name) for name in cohort_totals.COLUMNS),
        ).group_by(grouped.center_id, grouped[dimension])
        for dimension in dimensions
    ]
    columns = ["day", "center_id", "dimension", "key", *names]
    return insert(DailyTotal).from_select(columns, union_all(*each))


def _of_day(model: Any) -> list[ColumnElement[bool]]:
    created = col(model.created_time)
    within = (created >= bindparam("begins")) & (created < bindparam("ends"))
    return [within, col(model.is_test).is_(False)]


def _forget(session: Session, moved: _Day) -> None:
    """Remove a stored day, and mark all its hours to be recomputed."""
    day, begins, ends = moved
    connection = session.connection()
    connection.execute(delete(TotalledDay).where(col(TotalledDay.day) == day))
    marks = [{"day": text} for text in _days_of_utc(begins, ends)]
    connection.execute(insert(ChangedDay), marks)
