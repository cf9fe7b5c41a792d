"""Finds the zone of a clock by its offset or its name."""

from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from backend.core.dates.words import OFFSETS

# Offsets reach from 12 hours west to 14 hours east.
FURTHEST = 14 * 60


def fixed(minutes: int) -> tzinfo | None:
    """Return the zone with an offset, in minutes east of Greenwich; None if no zone has it."""
    return timezone(timedelta(minutes=minutes)) if abs(minutes) <= FURTHEST else None


@lru_cache(256)
def named(name: str, year: int, zone: ZoneInfo) -> tzinfo | None:
    """Return what the name of a zone means in a year, for people in the settings' zone."""
    for month in (1, 7):
        moment = datetime(year, month, 1, tzinfo=zone)
        if (moment.tzname() or "").casefold() == name:
            return timezone(moment.utcoffset() or timedelta())
    return fixed(OFFSETS[name])
