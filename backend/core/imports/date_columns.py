"""Read the date columns of a file, each in its order of day and month (`core.dates`).

The order of a column is known once all its rows are read. A plan counts the rows first, and looks
at their dates then. An upload reads its rows in the usual order, and once more if a column turns
out to be in another: few are.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from backend.core import dates, times
from backend.core.dates import DAY_FIRST, Basis, Decision, Order
from backend.core.imports.columns import Columns
from backend.core.reasons import Reason, ReasonCode
from backend.core.sheets import Cell
from backend.schemas.imports import DateColumn

FIELDS = ("created_time", "birth_date", "next_followup_date")

# How far ahead a follow-up can be.
_FURTHEST = timedelta(days=5 * 365)
# How long ago a call may have been due whose day has no year: a year later, the lead would wait.
_OVERDUE = timedelta(days=90)
# What callers write beside the day of the next call, and the end of the hours for it.
_BESIDE = re.compile(
    r"\b(?:call(?: ?back)?|follow ?up|f/?u|after|before|around|approx|early|late|morning|evening"
    r"|eve|afternoon|noon|night|sharp|only|again)\b\.?",
    re.IGNORECASE,
)
_HOURS = re.compile(
    r"(\d{1,2}(?:[:.]\d{2})?) ?(?:-|to) ?\d{1,2}(?:[:.]\d{2})? ?([ap]\.?m)\b", re.IGNORECASE
)

UNREADABLE_DATE = Reason(ReasonCode.UNREADABLE_DATE)
UNLIKELY_DATE = Reason(ReasonCode.UNLIKELY_DATE)


class DateColumns:
    """The date columns of a file, by place.

    Times without an offset are in the zone, or in that of the column's name: `Submit Date (UTC)`.
    """

    def __init__(
        self,
        columns: Columns,
        zone: ZoneInfo,
        chosen: Order | None = None,
        now: datetime | None = None,
    ) -> None:
        self._header, self._chosen = columns, chosen
        self._now = now or times.now()
        self._zones = {
            at: dates.zone_of_column(columns.names[at], self._now.year, zone)
            for at, field in sorted(columns.fields.items())
            if field in FIELDS
        }
        self._columns = {
            at: dates.Column(one, chosen or DAY_FIRST, self._last_day(at))
            for at, one in self._zones.items()
        }
        self._decided: dict[int, Decision] = {}
        # The columns whose dates are in both orders: an open one is a doubt.
        self._mixed: set[int] = set()
        # The newest day of each column with dates without a year, when one was read.
        self._seen_from: dict[int, date | None] = {}

    def look(self, cells: Sequence[Cell]) -> None:
        """Take in the dates of a row, to decide their order."""
        for at, column in self._columns.items():
            column.read(cells[at])

    def settle(self) -> bool:
        """Decide the orders; return whether rows that were read before may be read otherwise."""
        was = self._mixed, {at: column.order for at, column in self._columns.items()}
        for at, column in self._columns.items():
            decided = self._decided[at] = column.evidence.decide(DAY_FIRST, self._chosen)
            column.order = decided.order
            if decided.basis is Basis.MIXED and (decided.example or column.evidence.is_swapped):
                self._mixed = self._mixed | {at}
        is_other = any(self._columns[at].newest != day for at, day in self._seen_from.items())
        now = self._mixed, {at: column.order for at, column in self._columns.items()}
        return is_other or was != now

    def created(self, at: int, cell: Cell) -> tuple[datetime | None, Reason | None]:
        """Return when an enquiry came in, in UTC, and what is wrong with the cell.

        A time that can't be an enquiry's isn't believed.
        """
        read = self._moment(at, cell)
        if read is None:
            return self._assumed(at, cell) or (None, UNREADABLE_DATE)
        if not dates.is_likely(read, self._now):
            return None, UNLIKELY_DATE
        return read, self._doubt(at, cell)

    def day(self, at: int, cell: Cell) -> tuple[date | None, Reason | None]:
        """Return the day of a birth, and a doubt about it. None has come yet in the future."""
        read = self._columns[at].read(cell)
        zone = self._zones[at]
        day = None if read is None else _day_of(read, zone)
        if day is None or day > self._now.astimezone(zone).date():
            return None, None
        return day, self._doubt(at, cell)

    def moment(self, at: int, cell: Cell) -> tuple[datetime | None, Reason | None]:
        """Return when to call next, in UTC, and a doubt about it.

        Nobody plans that for decades ahead: a year such as 2083 is of another calendar, or a slip.
        """
        read = self._moment(at, cell)
        if read is None and isinstance(cell, str):
            bare = _without_words(cell)
            read = self._moment(at, bare)
            if read is None and (found := self._assumed(at, bare)):
                return found
        if read is None or not dates.is_likely(read, self._now + _FURTHEST):
            return None, None
        return read, self._doubt(at, cell)

    def told(self) -> list[DateColumn]:
        """Return what was decided of each column, as the API answers it."""
        return [
            {
                "column": self._header.names[at],
                "field": self._header.fields[at],
                "order": decided.order.value,
                "basis": decided.basis.value,
                "example": decided.example,
                "read_as": self._example(at, decided),
                "against": list(decided.against),
            }
            for at, decided in self._decided.items()
        ]

    def _moment(self, at: int, cell: Cell) -> datetime | None:
        read = self._columns[at].read(cell)
        if read is None or isinstance(read, datetime):
            return read
        try:
            return times.to_utc(read, self._zones[at])
        except ValueError:
            return None

    def _assumed(self, at: int, cell: Cell) -> tuple[datetime, Reason] | None:
        """Return the time of a date without a year, and which one that is assumed to be.

        It is near the column's newest date that has one. In a column without any, an enquiry came
        in on the last such day, and the next call is on the next one, unless it is only overdue.
        A birth may be in any year.
        """
        is_created = self._header.fields[at] == "created_time"
        if not isinstance(cell, str) or self._header.fields[at] == "birth_date":
            return None
        zone, column = self._zones[at], self._columns[at]
        today = self._now.astimezone(zone).date()
        near = self._seen_from[at] = column.newest
        year = (near or today).year
        found = {
            _day_of(read, zone): read
            for one in (year - 1, year, year + 1)
            if (read := column.read_in_year(cell, one)) is not None
        }
        days = [one for one in found if not is_created or one <= today]
        if near is not None:
            day = min(days, key=lambda one: abs(one - near), default=None)
        elif is_created:
            day = max(days, default=None)
        else:
            day = min((one for one in days if one >= today - _OVERDUE), default=None)
        if day is None:
            return None
        read = found[day]
        told = {"column": self._header.names[at].strip(), "date": day.isoformat()}
        moment = read if isinstance(read, datetime) else times.to_utc(read, zone)
        return moment, Reason(ReasonCode.ASSUMED_YEAR, told)

    def _last_day(self, at: int) -> date:
        """Return the last day that a date of a column can be."""
        is_planned = self._header.fields[at] == "next_followup_date"
        return (self._now + (_FURTHEST if is_planned else dates.SLACK)).date()

    def _doubt(self, at: int, cell: Cell) -> Reason | None:
        if at not in self._mixed or not self._columns[at].is_open(cell):
            return None
        return Reason(ReasonCode.AMBIGUOUS_DATE, {"column": self._header.names[at].strip()})

    def _example(self, at: int, decided: Decision) -> str | None:
        if decided.example is None:
            return None
        zone = self._zones[at]
        read = dates.read(decided.example, decided.order, zone)
        if read is None and (found := self._assumed(at, decided.example)):
            read = found[0]
        return None if read is None else _day_of(read, zone).isoformat()


def _day_of(read: datetime | date, zone: tzinfo) -> date:
    return read.astimezone(zone).date() if isinstance(read, datetime) else read


def _without_words(text: str) -> str:
    """Return the day and time in a note of the next call: `call after 05/12/2026, 5-6 pm`."""
    return _BESIDE.sub(" ", _HOURS.sub(r"\1 \2", text)).strip(" ,-()")
