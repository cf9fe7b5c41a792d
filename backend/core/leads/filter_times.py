"""The days and times of a filter, as they are sent."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from backend.core import times
from backend.core.errors import Invalid

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def moment(name: str, text: str, zone: ZoneInfo, *, ends: bool = False) -> datetime:
    """Return a moment, or where a day begins or ends, in UTC. Raises `Invalid`."""
    try:
        if _DAY.fullmatch(text):
            # It ends where the next one begins, also where that is 23 or 25 hours later.
            return times.to_utc(date.fromisoformat(text) + timedelta(days=ends), zone)
        return times.to_utc(datetime.fromisoformat(text.replace(" ", "+")), zone)
    except (ValueError, OverflowError):
        raise Invalid.at(
            "query", name, type="datetime", msg="Use a date such as 2026-12-05"
        ) from None


def start_of_day(now: datetime, zone: ZoneInfo, days: int = 0) -> datetime:
    """Return midnight in the zone, so many days from today, in UTC."""
    return times.to_utc(now.astimezone(zone).date() + timedelta(days=days), zone)
