"""When a lead that did not answer is called again: a plan of waits, as values.

A wait of minutes or hours ends within the hours in which parents are called, otherwise the next
morning. A wait of days ends at another part of the day: who did not answer in the morning may do so
in the evening.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Parents are called between these times, by the academy's clock.
OPENS, CLOSES = time(10), time(20)
# After a try before noon the next day's is in the evening, otherwise in the morning.
_NOON, _MORNING, _EVENING = time(13), time(10, 30), time(17, 30)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1)}


def next_try(plan: Sequence[str], tried: int, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when a lead is called again after so many tries in a row; None at the plan's end.

    The plan has waits such as `30m`, `4h` and `1d`. `now` and the result are in UTC.
    """
    if tried > len(plan):
        return None
    wait = plan[max(tried, 1) - 1]
    number, unit = int(wait[:-1]), wait[-1]
    here = now.astimezone(zone)
    if unit == "d":
        part = _EVENING if here.time() < _NOON else _MORNING
        return datetime.combine(here.date() + timedelta(days=number), part, zone).astimezone(UTC)
    return _within_hours((now + number * _UNITS[unit]).astimezone(zone), zone).astimezone(UTC)


def _within_hours(at: datetime, zone: ZoneInfo) -> datetime:
    """Return a time, or the next one at which parents are called."""
    if OPENS <= at.time() <= CLOSES:
        return at.replace(second=0, microsecond=0)
    day = at.date() + timedelta(days=at.time() > CLOSES)
    return datetime.combine(day, OPENS, zone)
