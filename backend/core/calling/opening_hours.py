"""When parents are called: the opening hours of a center, as values.

Hours and holidays are on the academy's clocks; the moments that come out are in UTC.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby, takewhile
from typing import NamedTuple
from zoneinfo import ZoneInfo

# How far ahead an open day is looked for: nobody is closed for longer than a year.
MOST_DAYS = 400
# The last moment of a day for a call that should be late in it.
_BEFORE_CLOSING = timedelta(minutes=30)


class Span(NamedTuple):
    """Some hours of a day in which calls are made; it begins before it ends."""

    opens: time
    closes: time


class Opening(NamedTuple):
    """Hours of one day, in UTC."""

    day: date
    begins: datetime
    ends: datetime


# Monday first, as `date.weekday` counts.
Week = tuple[tuple[Span, ...], ...]
EVERY_DAY: Week = ((Span(time(10), time(20)),),) * 7


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """The week of a center, and its holidays as first and last days."""

    zone: ZoneInfo
    week: Week = EVERY_DAY
    holidays: Sequence[tuple[date, date]] = ()

    def openings(self, since: date) -> Iterator[Opening]:
        """Yield the hours of a day and of those that follow it, in order."""
        for number in range(MOST_DAYS):
            day = since + timedelta(days=number)
            if self.is_holiday(day):
                continue
            for opens, closes in self.week[day.weekday()]:
                begins = datetime.combine(day, opens, self.zone).astimezone(UTC)
                ends = datetime.combine(day, closes, self.zone).astimezone(UTC)
                # An hour may not exist on the day on which the clocks change.
                if begins < ends:
                    yield Opening(day, begins, ends)

    def is_holiday(self, day: date) -> bool:
        """Return whether a day is one of the holidays."""
        return any(first <= day <= last for first, last in self.holidays)

    def is_open(self, at: datetime) -> bool:
        """Return whether a moment is within the hours; their last moment isn't."""
        here = at.astimezone(self.zone)
        if self.is_holiday(here.date()):
            return False
        clock = here.time()
        return any(opens <= clock < closes for opens, closes in self.week[here.weekday()])

    def of_day(self, day: date) -> list[Opening]:
        """Return the hours of one day; none if it's closed."""
        return list(takewhile(lambda one: one.day == day, self.openings(day)))

    def next_open(self, at: datetime) -> datetime:
        """Return a moment if it is within the hours, otherwise the next one that is."""
        for opening in self.openings(at.astimezone(self.zone).date()):
            if at <= opening.ends:
                return max(at, opening.begins)
        return at

    def first_at_work(self, at: datetime) -> datetime | None:
        """Return a moment if people are at work then, else the next one; None if there is none."""
        for opening in self.openings(at.astimezone(self.zone).date()):
            if at < opening.ends:
                return max(at, opening.begins)
        return None

    def after(self, at: datetime, minutes: int) -> datetime | None:
        """Return when so many minutes of the hours have passed since a moment; None for never."""
        left = timedelta(minutes=minutes)
        for opening in self.openings(at.astimezone(self.zone).date()):
            at = max(at, opening.begins)
            if at + left <= opening.ends:
                return at + left
            left -= max(opening.ends - at, timedelta())
            at = max(at, opening.ends)
        return None

    def next_day(self, since: date, clock: time) -> datetime:
        """Return a time of the first open day, as near to the clock's time as its hours are."""
        found = next(groupby(self.openings(since), key=lambda one: one.day), None)
        if found is None:
            return datetime.combine(since, clock, self.zone).astimezone(UTC)
        day, hours = found[0], list(found[1])
        at = datetime.combine(day, clock, self.zone).astimezone(UTC)
        for opening in hours:
            if at <= opening.ends:
                return max(at, opening.begins)
        return max(hours[-1].begins, hours[-1].ends - _BEFORE_CLOSING)
