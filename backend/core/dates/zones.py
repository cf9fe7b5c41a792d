"""Find the zone of a time by its offset or name, and of a column by its name."""

import re
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from backend.core.dates.words import OFFSETS

# Offsets reach from 12 hours west to 14 hours east.
FURTHEST = 14 * 60
# `Submit Date (UTC)`, `created_at_utc`, `createdAtUTC`, `Time (GMT+5:30)`, `Created (IST)`
_OF_COLUMN = re.compile(
    r"(?:(?:(?<![a-z])(?:utc|gmt)|(?<=[a-z])(?-i:UTC|GMT|Utc|Gmt))(?![a-z])"
    r"(?:\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?)?|\(\s*([a-z]{3,4})\s*\))",
    re.IGNORECASE,
)


def fixed(minutes: int) -> tzinfo | None:
    """Return the zone with an offset, in minutes east of Greenwich; None if no zone has it."""
    return timezone(timedelta(minutes=minutes)) if abs(minutes) <= FURTHEST else None


@lru_cache(256)
def named(name: str, year: int, zone: tzinfo) -> tzinfo | None:
    """Return what the name of a zone means in a year, for people in the settings' zone."""
    for month in (1, 7):
        moment = datetime(year, month, 1, tzinfo=zone)
        if (moment.tzname() or "").casefold() == name:
            return timezone(moment.utcoffset() or timedelta())
    return fixed(OFFSETS[name])


def of_column(name: str, year: int, zone: tzinfo) -> tzinfo:
    """Return the zone that the name of a column says; the given one if it says none."""
    for found in _OF_COLUMN.finditer(name):
        sign, hours, minutes, word = found.groups()
        if word is None:
            offset = int(hours or 0) * 60 + int(minutes or 0)
            return fixed(-offset if sign == "-" else offset) or zone
        if word.casefold() in OFFSETS:
            return named(word.casefold(), year, zone) or zone
    return zone
