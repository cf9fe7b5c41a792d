"""Times as the clocks on the walls of a zone show them, worked out by the database.

SQLite knows no zones, and what PostgreSQL knows of them may be older than what Python knows: a time
that came in by one and went out by the other would move. So the offsets are Python's on both, for
the years that nearly all times are of. A time of any other year, and a text in SQLite's column that
is no time, are left to `finish`: they come out of the database in UTC, unchanged, marked.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import SQLColumnExpression, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

# The years whose times the database works out: from the first moment on, up to the second.
FIRST, END = datetime(2010, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
# The mark of a time that is left to `finish`.
LEFT = "Z"

# A zone changes its clocks for longer than this.
_SHORTEST = timedelta(days=1)
# "2026-12-05 00:00:00", which is as much of a time as SQLite's column must have.
_SHORTEST_TEXT = 19

# From a moment in UTC on, the offset in seconds.
Change = tuple[datetime, int]


@lru_cache
def changes(zone: ZoneInfo) -> Sequence[Change]:
    """Return the offsets that hold between `FIRST` and `END`, the oldest first."""
    found = [(FIRST, _offset(FIRST, zone))]
    day = FIRST
    while day < END:
        following = day + _SHORTEST
        if (offset := _offset(following, zone)) != found[-1][1]:
            found.append((_change(day, following, zone), offset))
        day = following
    return found


def _offset(moment: datetime, zone: ZoneInfo) -> int:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return round(offset.total_seconds())


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the first second of the new offset, which lies between the two."""
    old, low, high = _offset(before, zone), 0, round((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(before + timedelta(seconds=middle), zone) == old:
            low = middle
        else:
            high = middle
    return before + timedelta(seconds=high)


class shown(FunctionElement[Any]):  # noqa: N801  a function of SQL, named as one
    """A column of times on the clock of a zone: a text on SQLite, a `timestamp` on PostgreSQL.

    What is left to `finish` is marked on SQLite; on PostgreSQL it is null, and `left` has it.
    """

    type = NullType()
    inherit_cache = True

    def __init__(self, column: SQLColumnExpression[Any], zone: str) -> None:
        # The zone as a part of the text: the statement is kept by it.
        super().__init__(column, literal_column(zone))


class left(FunctionElement[Any]):  # noqa: N801  a function of SQL, named as one
    """The times of a column that `shown` leaves to `finish`, marked. PostgreSQL's alone."""

    type = NullType()
    inherit_cache = True

    def __init__(self, column: SQLColumnExpression[Any]) -> None:
        super().__init__(column)


@compiles(shown, "sqlite")
def _sqlite(element: shown, compiler: SQLCompiler, **kw: Any) -> str:
    column, zone = element.clauses
    text = compiler.process(column, **kw)
    first, end = (f"'{moment:%Y-%m-%d %H:%M:%S}'" for moment in (FIRST, END))
    offset = _ladder(
        changes(ZoneInfo(str(zone))),
        lambda moment: f"{text} < '{moment:%Y-%m-%d %H:%M:%S}'",
        lambda seconds: f"'{seconds:+d} seconds'",
    )
    marked = f"{text} || '{LEFT}'"
    digits = "[0-9]" * 6
    return (
        f"CASE WHEN {text} IS NULL THEN NULL"
        f" WHEN {text} < {first} OR {text} >= {end} THEN {marked}"
        f" WHEN substr({text}, 20) = '.000000'"
        f" THEN coalesce(replace(datetime({text}, {offset}), ' ', 'T'), {marked})"
        # Without the fraction, which it would round.
        f" WHEN substr({text}, 20) GLOB '.{digits}'"
        f" THEN coalesce(replace(datetime(substr({text}, 1, 19), {offset}), ' ', 'T')"
        f" || substr({text}, 20), {marked})"
        f" ELSE {marked} END"
    )


@compiles(shown, "postgresql")
def _postgresql(element: shown, compiler: SQLCompiler, **kw: Any) -> str:
    column, zone = element.clauses
    time = compiler.process(column, **kw)
    offset = _ladder(
        changes(ZoneInfo(str(zone))),
        lambda moment: f"{time} < '{moment:%Y-%m-%dT%H:%M:%SZ}'",
        lambda seconds: f"interval '{seconds} seconds'",
    )
    return f"CASE WHEN {_within(time)} THEN timezone('UTC', {time} + {offset}) END"


@compiles(left, "postgresql")
def _left(element: left, compiler: SQLCompiler, **kw: Any) -> str:
    (column,) = element.clauses
    time = compiler.process(column, **kw)
    # By way of JSON: a timestamp is made a text in the style that the connection has.
    text = f"trim('\"' FROM to_json(timezone('UTC', {time}))::text)"
    return f"CASE WHEN {_within(time)} THEN NULL ELSE {text} || '{LEFT}' END"


def _within(time: str) -> str:
    first, end = (f"'{moment:%Y-%m-%dT%H:%M:%SZ}'" for moment in (FIRST, END))
    return f"{time} >= {first} AND {time} < {end}"


def _ladder(
    steps: Sequence[Change], is_before: Callable[[datetime], str], offset: Callable[[int], str]
) -> str:
    """Return the offset of a time as SQL: each question halves what is left."""
    if len(steps) == 1:
        return offset(steps[0][1])
    middle = len(steps) // 2
    older, newer = (_ladder(half, is_before, offset) for half in (steps[:middle], steps[middle:]))
    return f"CASE WHEN {is_before(steps[middle][0])} THEN {older} ELSE {newer} END"


def finish(text: str | None, zone: ZoneInfo) -> str | None:
    """Return what `shown` has left: a marked time in UTC, on the clock of the zone.

    A time that would be outside the calendar, in the year 0 or 10000, stays in UTC; a
    text that is no time stays what it is.
    """
    if text is None or not text.endswith(LEFT):
        return text
    text = text.removesuffix(LEFT)
    if len(text) < _SHORTEST_TEXT:
        return text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        moment = moment.astimezone(zone)
    except OverflowError:
        moment = moment.replace(tzinfo=UTC) - (moment.utcoffset() or timedelta())
    return moment.replace(tzinfo=None).isoformat()
