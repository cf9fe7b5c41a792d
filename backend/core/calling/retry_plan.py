"""When a lead that did not answer is called again: a plan of waits, as values.

A wait of minutes or hours ends within the opening hours, otherwise when they next begin. A wait of
days ends on an open day, at another part of the day: who did not answer in the morning may do so in
the evening.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from backend.core.calling.opening_hours import OpeningHours

# After a try before noon the next day's is in the evening, otherwise in the morning.
_NOON, _MORNING, _EVENING = time(13), time(10, 30), time(17, 30)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1)}


def next_try(
    plan: Sequence[str], tried: int, now: datetime, hours: OpeningHours
) -> datetime | None:
    """Return when a lead is called again after so many tries in a row; None at the plan's end.

    The plan has waits such as `30m`, `4h` and `1d`. `now` and the result are in UTC.
    """
    if tried > len(plan):
        return None
    wait = plan[max(tried, 1) - 1]
    number, unit = int(wait[:-1]), wait[-1]
    if unit == "d":
        here = now.astimezone(hours.zone)
        part = _EVENING if here.time() < _NOON else _MORNING
        return hours.next_day(here.date() + timedelta(days=number), part)
    at = now + number * _UNITS[unit]
    return hours.next_open(at.replace(second=0, microsecond=0))
