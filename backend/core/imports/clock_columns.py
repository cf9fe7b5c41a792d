"""Join the date and the time of day if they are in separate columns: `Date` and `Time`.

The two columns belong together by their names: `Lead date` and `Lead time`, or any date of a field
and `Time`. In a row, they are joined if one cell is a day and the other one a time of day.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from backend.core.dates.text import parts_of
from backend.core.sheets import Cell, Record, Table
from backend.core.sheets.formulas import restore
from backend.core.sheets.table import close
from backend.core.vocabulary import synonyms
from backend.core.vocabulary.folding import words

_FIELDS = ("created_time", "next_followup_date")
_DATE, _TIME = ("date", "on", "day"), ("time", "at")
# A day that is only there to read a clock beside it.
_ANY_DAY = "2020-02-20"
_MIDNIGHT = time()
_EPOCH = datetime(2020, 2, 20)  # noqa: DTZ001  a wall clock


class Pair(NamedTuple):
    """The places of a date and its clock, and of the one that their time is put into."""

    day: int
    clock: int
    into: int


def join(table: Table) -> Table:
    """Return a table with one column for each time."""
    found = pairs(table.columns)
    return replace(table, rows=_joined(table.rows, found)) if found else table


def pairs(names: Sequence[str]) -> list[Pair]:
    """Return the columns that belong together, by their names."""
    said = [words(restore(name)) for name in names]
    found: list[Pair] = []
    for day, name in enumerate(said):
        before = _without(name, _DATE)
        if before is None:
            continue
        clocks = [at for at, one in enumerate(said) if _without(one, _TIME) in (before, "")]
        # Of several, the one of the same name.
        clocks.sort(key=lambda at: _without(said[at], _TIME) != before)
        if clocks and clocks[0] != day and (into := _field_of(names, day, clocks[0])) is not None:
            found.append(Pair(day, clocks[0], into))
    # A clock belongs to one date.
    return list({pair.clock: pair for pair in reversed(found)}.values())


def _without(name: str, ends: Sequence[str]) -> str | None:
    """Return what is before the last word of a name, or None unless that is one of the ends."""
    before, _, last = name.rpartition(" ")
    return before if last in ends else None


def _field_of(names: Sequence[str], day: int, clock: int) -> int | None:
    """Return the one of two columns that is believed more to be a field's time."""
    known = {at: found for at in (day, clock) if (found := synonyms.known(names[at]))}
    fields = {at: tier for at, (field, tier) in known.items() if field in _FIELDS}
    return min(fields, key=lambda at: (fields[at], at != day)) if fields else None


def _joined(rows: Iterator[Record], found: Sequence[Pair]) -> Generator[Record]:
    try:
        for number, cells in rows:
            for pair in found:
                moment = _moment(cells[pair.day], cells[pair.clock])
                if moment is not None:
                    cells = list(cells)
                    cells[pair.day] = cells[pair.clock] = None
                    cells[pair.into] = moment
            yield number, cells
    finally:
        close(rows)


def _moment(day: Cell, clock: Cell) -> Cell:
    """Return a day and a time of day as one cell, or None if they aren't that."""
    at = _clock(clock)
    if at is None:
        return None
    if isinstance(day, datetime):
        return datetime.combine(day, at) if day.time() == _MIDNIGHT else None
    if isinstance(day, date):
        return datetime.combine(day, at)
    if not isinstance(day, str):
        return None
    text = restore(day).strip()
    parts = parts_of(text) or parts_of(text, is_yearless=True)
    return f"{text} {at:%H:%M:%S}" if parts and parts.clock is None else None


def _clock(cell: Cell) -> time | None:
    if isinstance(cell, time):
        return cell
    if isinstance(cell, timedelta):
        is_of_day = timedelta() <= cell < timedelta(days=1)
        return (_EPOCH + cell).time() if is_of_day else None
    if not isinstance(cell, str) or not cell.strip()[:1].isdecimal():
        return None
    parts = parts_of(f"{_ANY_DAY} {restore(cell).strip()}")
    return parts.clock if parts and len(parts.numbers) == 3 and not parts.is_next_day else None
