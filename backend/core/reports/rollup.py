"""Leads are added up by the day, so that the figures need not read each of them.

What stands in `dailytotal` holds but for the days in `changedday`: triggers put a day there in the
transaction that changes a lead of it, whoever that is. `refresh` adds it up anew, behind the
writers' backs, and until then its leads themselves are read. So no figure is ever late, and no
writer waits for another one.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, delete, func, insert, inspect, literal, select, union_all
from sqlmodel import Session, col

from backend.core import times
from backend.core.database import locks, upsert
from backend.core.reports import daily_totals
from backend.models import ChangedDay, DailyTotal, Lead, TotalledDay

# Report are to be had of days in these years.
FIRST_YEAR, LAST_YEAR = 1971, 8999
# How many days of UTC are added up in one transaction.
BATCH = 4
_LOCK = "sums"
_ONE = timedelta(days=1)

# A day of the zone, when it begins, and when it ends.
_Day = tuple[date, datetime, datetime]
_Days = Select[date, datetime, datetime]


def changed(session: Session, first: date, last: date, zone: ZoneInfo) -> list[date]:
    """Of some days of a zone those whose sums do not hold, in order; the last is one of them."""
    days = [first + timedelta(days=day) for day in range((last - first).days + 1)]
    if any(_elsewhere(session, zone, _summed(first, last))):
        return days
    marks = select(col(ChangedDay.day)).distinct()
    # A day of the zone may have begun the day before in UTC, and may end the day after.
    near = col(ChangedDay.day).between(str(first - _ONE), str(last + _ONE))
    marked = {*session.connection().scalars(marks.where(near))}
    if not marked:
        return []
    return [day for day in days if not marked.isdisjoint(_days_of_utc(*_times(day, zone)))]


def refresh(session: Session, zone: ZoneInfo, limit: int = BATCH) -> int:
    """Adds up what has changed of the newest days. Answers how many, of UTC."""
    locks.hold(session, _LOCK)
    connection = session.connection()
    newest = select(col(ChangedDay.day)).distinct().order_by(col(ChangedDay.day).desc())
    marked = [*connection.scalars(newest.limit(limit))]
    if not marked:
        return 0
    # First: of what is committed before the leads are read, the marks stay.
    connection.execute(delete(ChangedDay).where(col(ChangedDay.day).in_(marked)))
    for day in sorted({day for text in marked for day in _days_of_zone(text, zone)}):
        _add_up(session, day, zone)
    return len(marked)


def recheck(session: Session, zone: ZoneInfo) -> None:
    """Days that begin or end at other times by now, in another zone or by other rules, changed."""
    locks.hold(session, _LOCK)
    for moved in [*_elsewhere(session, zone, _summed())]:
        _forget(session, moved)


def is_behind(session: Session) -> bool:
    return session.connection().scalar(select(col(ChangedDay.id)).limit(1)) is not None


def _summed(first: date | None = None, last: date | None = None) -> _Days:
    """The days that are added up, and where some are meant, those that may share an hour with them.

    Between the clocks of two zones there are up to 26 hours.
    """
    query = select(col(TotalledDay.day), col(TotalledDay.begins), col(TotalledDay.ends))
    if first is None or last is None:
        return query
    return query.where(col(TotalledDay.day).between(first - 2 * _ONE, last + 2 * _ONE))


def _elsewhere(session: Session, zone: ZoneInfo, query: _Days) -> Iterator[_Day]:
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
    """The days of the zone that share an hour with one of UTC, of those that figures are of."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return []
    if not FIRST_YEAR - 1 <= day.year <= LAST_YEAR + 1:
        return []
    return [
        one
        for one in (day - _ONE, day, day + _ONE)
        if FIRST_YEAR <= one.year <= LAST_YEAR and text in _days_of_utc(*_times(one, zone))
    ]


def _add_up(session: Session, day: date, zone: ZoneInfo) -> None:
    connection = session.connection()
    # Somebody may have added it up in another zone, with hours that are in no day of ours then.
    for moved in [*_elsewhere(session, zone, _summed().where(col(TotalledDay.day) == day))]:
        _forget(session, moved)
    of_the_day = col(DailyTotal.dimension).in_(daily_totals.ALIKE), col(DailyTotal.day) == day
    connection.execute(delete(DailyTotal).where(*of_the_day))
    cohort = [daily_totals.came_in(day, day, zone), col(Lead.is_test).is_(False)]
    found = daily_totals.alike(session, cohort, tuple(daily_totals.ALIKE)).c
    names = [inspect(column).key for column in daily_totals.COLUMNS.values()]
    each = [
        select(
            literal(day).label("day"),
            found.center_id,
            literal(of).label("dimension"),
            found[of].label("key"),
            *(func.sum(found[name]).label(name) for name in daily_totals.COLUMNS),
        ).group_by(found.center_id, found[of])
        for of in daily_totals.ALIKE
    ]
    into = insert(DailyTotal).from_select(
        ["day", "center_id", "dimension", "key", *names], union_all(*each)
    )
    connection.execute(into)
    # Also where there were none: who counts by other days has to know.
    begins, ends = _times(day, zone)
    summed = upsert.insert(session, TotalledDay).values(day=day, begins=begins, ends=ends)
    connection.execute(summed.on_conflict_do_nothing())


def _forget(session: Session, moved: _Day) -> None:
    """All of its hours are to be added up again."""
    day, begins, ends = moved
    connection = session.connection()
    connection.execute(delete(TotalledDay).where(col(TotalledDay.day) == day))
    marks = [{"day": text} for text in _days_of_utc(begins, ends)]
    connection.execute(insert(ChangedDay), marks)
