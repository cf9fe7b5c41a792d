"""Times: which texts are read, and that they stay the same moment."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core import times

KOLKATA = ZoneInfo("Asia/Kolkata")
ZONES = st.sampled_from(["Asia/Kolkata", "UTC", "Europe/Berlin", "America/St_Johns"]).map(ZoneInfo)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
CALENDAR = (datetime(1900, 1, 3), datetime(9999, 12, 29))  # noqa: DTZ001  bounds have no zone
NAIVE = st.datetimes(*CALENDAR)
AWARE = st.datetimes(*CALENDAR, timezones=OFFSETS)


@given(AWARE, ZONES)
def test_a_time_with_an_offset_is_independent_of_the_zone(time: datetime, zone: ZoneInfo) -> None:
    assert times.read(time.isoformat(), zone) == time
    assert times.read_iso(time.isoformat(" "), zone) == time
    assert times.read_iso(time.isoformat(), zone).tzinfo is UTC


@given(NAIVE, ZONES)
def test_a_time_without_an_offset_is_in_the_zone(time: datetime, zone: ZoneInfo) -> None:
    read = times.read_iso(time.isoformat(), zone)
    assert read == time.replace(tzinfo=zone).astimezone(UTC)
    shown = read.astimezone(zone).replace(tzinfo=None)
    # The hour that is skipped in spring doesn't exist in the zone.
    assert shown == time or abs(shown - time) <= timedelta(hours=1)


@given(NAIVE)
def test_day_first_is_the_same_as_iso(time: datetime) -> None:
    time = time.replace(microsecond=0)
    expected = times.read_iso(time.isoformat(), KOLKATA)
    day = f"{time.day}/{time.month}/{time.year:04}"
    for separator in "/.-":
        written = f"{day.replace('/', separator)} {time:%H:%M:%S}"
        assert times.read(written, KOLKATA) == expected
    half = f"{time:%I:%M:%S} {'am' if time.hour < 12 else 'pm'}"
    assert times.read(f"{day} {half}", KOLKATA) == expected
    assert times.read(day, KOLKATA) == times.to_utc(time.date(), KOLKATA)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("05/12/2026", "2026-12-04T18:30"),
        ("5.12.2026 00:00", "2026-12-04T18:30"),
        ("31-12-2026, 23:59:59", "2026-12-31T18:29:59"),
        ("05/12/2026 12:00 AM", "2026-12-04T18:30"),
        ("05/12/2026 12:30 p.m.", "2026-12-05T07:00"),
        ("05/12/2026 4:30PM", "2026-12-05T11:00"),
        ("2026-12-05", "2026-12-04T18:30"),
        ("2026-12-05T16:30:00Z", "2026-12-05T16:30"),
        ("2026-08-20T08:49:14+0000", "2026-08-20T08:49:14"),
        ("2026-08-20T08:49:14-05:30", "2026-08-20T14:19:14"),
    ],
)
def test_formats(text: str, utc: str) -> None:
    assert times.read(text, KOLKATA) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "tomorrow", "12/25/2026", "31/02/2026", "00/01/2026", "05/12/26", "2026/12/05",
        "05/12/2026 13:00 PM", "05/12/2026 00:30 AM", "05/12/2026 24:00", "05/12/2026 10:60",
        "20261205", "2026-W49-6", "2026W496", "1700000000", "46361.5", "0001-01-01",
        "9999-12-31T23:59:59-23:59", "05/12/0000", "NaN", "1e5",
    ],
)  # fmt: skip
def test_invalid_dates(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the text is never shown
        times.read(text, KOLKATA)


@given(st.text(max_size=40))
def test_any_other_text_is_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert times.read(text, KOLKATA).tzinfo is UTC


def test_hours_in_which_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    skipped = times.read("29/03/2026 02:30", berlin)
    twice = times.read("25/10/2026 02:30", berlin)
    assert skipped == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert twice == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_date_is_midnight_in_the_zone() -> None:
    assert times.to_utc(date(2026, 12, 5), KOLKATA) == datetime(2026, 12, 4, 18, 30, tzinfo=UTC)


def test_now_is_in_utc() -> None:
    assert times.now().tzinfo is UTC
