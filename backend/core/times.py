"""Read times, and convert them to UTC. A time without an offset is in the installation's zone."""

import re
from datetime import UTC, date, datetime, time, tzinfo
from zoneinfo import ZoneInfo

_DAY_FIRST = re.compile(
    r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})"
    r"(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AaPp])\.?[Mm]\.?)?)?"
)


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def to_utc(value: datetime | date, zone: tzinfo) -> datetime:
    """Return a time in UTC; a date means midnight in the zone.

    Raises `ValueError` if the result is outside the years 1 to 9999.
    """
    if not isinstance(value, datetime):
        value = datetime.combine(value, time.min)
    if value.tzinfo is None:
        value = value.replace(tzinfo=zone)
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("outside the calendar") from error


def read_iso(text: str, zone: ZoneInfo) -> datetime:
    """Parse an ISO 8601 date or date-time, and return it in UTC. Raises `ValueError`."""
    if text.isdigit() or "W" in text:
        raise ValueError("a number or a week, not a date")
    return to_utc(datetime.fromisoformat(text), zone)


def read(text: str, zone: ZoneInfo) -> datetime:
    """Parse a date, ISO or day first (`05/12/2026 4:30 PM`), and return it in UTC.

    Raises `ValueError`.
    """
    # Most dates are ISO, with the year first.
    match = None if text[:4].isdigit() else _DAY_FIRST.fullmatch(text)
    if match is None:
        return read_iso(text, zone)
    day, month, year, hour, minute, second, half = match.groups()
    hours = int(hour or 0)
    if half:
        if not 1 <= hours <= 12:
            raise ValueError("not an hour of a twelve-hour clock")
        hours = hours % 12 + (12 if half in "pP" else 0)
    moment = datetime(
        int(year), int(month), int(day), hours, int(minute or 0), int(second or 0), tzinfo=zone
    )
    return to_utc(moment, zone)
