"""Reads the dates of a column, and learns its order from them."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from backend.core.dates import zones
from backend.core.dates.calendar import DAY_FIRST, MONTH_FIRST, YEARS, Order
from backend.core.dates.numbers import read_digits, read_number
from backend.core.dates.order import Decision, Evidence
from backend.core.dates.parts import Parts
from backend.core.dates.text import parts_of

# The plain form, of which there are millions: two numbers and a year of four digits.
_PLAIN = re.compile(
    r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([12][0-9]{3})"
    r"(?:[ T,]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?: ?([AaPp])\.?[Mm]\.?)?)?"
)
_LEAP_YEAR = 2024
_NUMBER = re.compile(r"([0-9]{5,17})([.,][0-9]+)?", re.ASCII)


def decide(
    texts: Iterable[str], default: Order = DAY_FIRST, chosen: Order | None = None
) -> Decision:
    """Return the order in which the dates of a column are written."""
    column = Column(ZoneInfo("UTC"))
    for text in texts:
        column.read(text)
    return column.evidence.decide(default, chosen)


def read(text: str, order: Order, zone: tzinfo) -> datetime | date | None:
    """Return what a text says: a time in UTC, a date if it has no clock, None if it is no date.

    A clock without an offset is in the zone. A text that can't be in the order is read in the
    other one.
    """
    return Column(zone, order).read(text)


def read_cell(cell: object, order: Order, zone: tzinfo) -> datetime | date | None:
    """Do the same for a cell of any type: a number may be Excel's, or Unix time."""
    return Column(zone, order).read(cell)


class Column:
    """The dates of one column. `order` is the one to read them in, `evidence` what they say."""

    def __init__(self, zone: tzinfo, order: Order = DAY_FIRST, until: date = date.max) -> None:
        self.order, self.evidence = order, Evidence()
        self._zone, self._until, self._newest = zone, until, date.min

    @property
    def newest(self) -> date | None:
        """The last day that was read, up to `until`; None before there is one."""
        return None if self._newest == date.min else self._newest

    def read(self, cell: object) -> datetime | date | None:
        """Return what a cell says, as the function `read` does, and take in its evidence."""
        found = self._read(cell)
        if found is not None:
            # In UTC, which is near enough.
            day = found.date() if isinstance(found, datetime) else found
            if self._newest < day <= self._until:
                self._newest = day
        return found

    def _read(self, cell: object) -> datetime | date | None:
        if isinstance(cell, str):
            return self._read_text(cell.strip())
        if isinstance(cell, datetime | date):
            self.evidence.add_typed(cell)
            return self._moment(cell) if isinstance(cell, datetime) else _day(cell)
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            return self._read_number(str(cell))
        return None

    def is_open(self, cell: object) -> bool:
        """Return whether a cell can be read in two ways."""
        if isinstance(cell, date):
            return cell.day <= 12 and cell.day != cell.month and self.evidence.is_swapped
        if not isinstance(cell, str):
            return False
        text = cell.strip()
        parts = parts_of(text) or _in_leap_year(text)
        return parts is not None and len(set(parts.days(DAY_FIRST).values())) > 1

    def read_in_year(self, text: str, year: int) -> datetime | date | None:
        """Return what a text without a year says, in this year; None for any other text."""
        parts = parts_of(text.strip(), is_yearless=True)
        return None if parts is None else self._of_parts(parts.in_year(year))

    def _read_text(self, text: str) -> datetime | date | None:
        if (text[4:5] == "-" or text[8:9] == "T") and "W" not in text:
            # ISO, as most dates are.
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                return self._read_parts(text)
            return self._moment(moment) if len(text) > 10 else _day(moment.date())
        if plain := _PLAIN.fullmatch(text):
            return self._read_plain(text, plain)
        return self._read_number(text) if _NUMBER.fullmatch(text) else self._read_parts(text)

    def _read_plain(self, text: str, plain: re.Match[str]) -> datetime | date | None:
        first, second, year, hour, minute, seconds, half = plain.groups()
        day, month = int(first), int(second)
        is_open = day <= 12 and month <= 12
        only = DAY_FIRST if month <= 12 else MONTH_FIRST
        if (self.order if is_open else only) is MONTH_FIRST:
            day, month = month, day
        hours = int(hour or 0)
        if half:
            if not 1 <= hours <= 12:
                return self._read_parts(text)
            hours = hours % 12 + (12 if half in "pP" else 0)
        try:
            wall = datetime(int(year), month, day, hours, int(minute or 0), int(seconds or 0))  # noqa: DTZ001  a wall clock
        except ValueError:
            return self._read_parts(text) if hours == 24 else None
        if is_open:
            if day != month and self.evidence.example is None:
                self.evidence.add_open(text)
        else:
            self.evidence.add_only(only, text)
        return _day(wall.date()) if hour is None else self._moment(wall)

    def _read_number(self, text: str) -> datetime | date | None:
        found = _NUMBER.fullmatch(text)
        if found is None:
            return None
        if found[2] is None and len(text) == 8:
            return self._read_parts(text)
        moment = (None if found[2] else read_digits(text)) or read_number(
            float(text.replace(",", "."))
        )
        return self._moment(moment) if isinstance(moment, datetime) else moment

    def _read_parts(self, text: str) -> datetime | date | None:
        parts = parts_of(text)
        if parts is None:
            # It is read by `read_in_year`, in the same order as the others.
            if yearless := _in_leap_year(text):
                self.evidence.add(text, yearless)
            return None
        moment = self._of_parts(parts)
        if moment is not None:
            self.evidence.add(text, parts)
        return moment

    def _of_parts(self, parts: Parts) -> datetime | date | None:
        day = parts.day(self.order)
        if day is None or parts.clock is None:
            return day
        return self._with_clock(day, parts.clock, parts)

    def _with_clock(self, day: date, clock: time, parts: Parts) -> datetime | None:
        zone: tzinfo | None = self._zone
        if parts.offset is not None:
            zone = zones.fixed(parts.offset)
        elif parts.zone is not None:
            zone = zones.named(parts.zone, day.year, self._zone)
        if zone is None:
            return None
        wall = datetime.combine(day, clock) + timedelta(days=parts.is_next_day)
        return self._moment(wall.replace(tzinfo=zone))

    def _moment(self, wall: datetime) -> datetime | None:
        """Return a time in UTC; one without an offset is in the column's zone."""
        try:
            moment = (wall if wall.tzinfo else wall.replace(tzinfo=self._zone)).astimezone(UTC)
        except OverflowError:
            return None
        return moment if moment.year in YEARS else None


def _in_leap_year(text: str) -> Parts | None:
    """Return the parts of a date without a year, in a year that has all days."""
    parts = parts_of(text, is_yearless=True)
    return None if parts is None else replace(parts.in_year(_LEAP_YEAR), weekdays=frozenset())


def _day(day: date) -> date | None:
    return day if day.year in YEARS else None
