"""Reads numbers that stand for dates: Excel's days, Unix time, digits without separators."""

from datetime import UTC, date, datetime, timedelta

# Day 0 of Excel's count, for all days since March 1900.
EXCEL = datetime(1899, 12, 30)  # noqa: DTZ001  a wall clock, as the spreadsheet has it
# The serials of 1927 to 2173: less is a year or an age.
SERIALS = range(10_000, 100_000)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Unix times of 2000 to 2100, in seconds.
SECONDS = range(946_684_800, 4_102_444_800)
# Of what Unix time is counted: how many are a second, and how many microseconds is one.
UNITS = ((1, 1_000_000), (1_000, 1_000), (1_000_000, 1))


def read_number(number: float) -> datetime | date | None:
    """Return what a number stands for: a day, a wall clock without a zone, or a time in UTC."""
    whole = int(number)
    if whole in SERIALS:
        # A float has a tenth of a millisecond to spare: seconds are what was typed.
        moment = EXCEL + timedelta(seconds=round(number * 86_400))
        return moment.date() if number == whole else moment
    for parts, microseconds in UNITS:
        if whole // parts in SECONDS:
            return EPOCH + timedelta(microseconds=round(number * microseconds))
    return None


def read_digits(digits: str) -> datetime | None:
    """Return the wall clock of `20261205103000` or `202612051030`."""
    if len(digits) not in (12, 14):
        return None
    try:
        return datetime.strptime(digits.ljust(14, "0"), "%Y%m%d%H%M%S")  # noqa: DTZ007  a wall clock
    except ValueError:
        return None
