"""When a lead that did not answer is called again."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.calling.opening_hours import OpeningHours, Span
from backend.core.calling.retry_plan import next_try
from backend.core.errors import ConfigurationError
from tests.world import settings_for

ZONE = ZoneInfo("Asia/Kolkata")
PLAN = ("1h", "4h", "1d")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("tried", "now", "expected"),
    [
        (1, "2026-12-01T11:20", "2026-12-01T12:20"),
        (2, "2026-12-01T12:20:30", "2026-12-01T16:20"),
        # Too late for a call: the next morning. Too early: this one.
        (1, "2026-12-01T19:30", "2026-12-02T10:00"),
        (2, "2026-12-31T18:00", "2027-01-01T10:00"),
        (1, "2026-12-01T06:00", "2026-12-01T10:00"),
        (2, "2026-12-01T23:30", "2026-12-02T10:00"),
        # Another part of the day.
        (3, "2026-12-01T11:00", "2026-12-02T17:30"),
        (3, "2026-12-01T16:20", "2026-12-02T10:30"),
        (4, "2026-12-02T10:30", None),
    ],
)
def test_the_plan(tried: int, now: str, expected: str | None) -> None:
    assert next_try(PLAN, tried, at(now), OpeningHours(ZONE)) == (expected and at(expected))


# Open from Tuesday to Saturday, with a break; 25 December is a Friday.
SHORT_WEEK = OpeningHours(
    ZONE,
    ((), *((Span(time(9), time(12)), Span(time(15), time(17))),) * 5, ()),
    [(date(2026, 12, 25), date(2026, 12, 26))],
)


@pytest.mark.parametrize(
    ("tried", "now", "expected"),
    [
        (1, "2026-12-01T09:20", "2026-12-01T10:20"),
        # In the break, after closing, before days on which nobody calls.
        (1, "2026-12-01T11:30", "2026-12-01T15:00"),
        (2, "2026-12-01T15:00", "2026-12-02T09:00"),
        (2, "2026-12-05T15:00", "2026-12-08T09:00"),
        (2, "2026-12-24T16:30", "2026-12-29T09:00"),
        # Another part of the day, as far as there is one.
        (3, "2026-12-01T11:00", "2026-12-02T16:30"),
        (3, "2026-12-01T16:20", "2026-12-02T10:30"),
        (3, "2026-12-24T11:00", "2026-12-29T16:30"),
    ],
)
def test_the_plan_of_a_center_with_hours_of_its_own(tried: int, now: str, expected: str) -> None:
    assert next_try(PLAN, tried, at(now), SHORT_WEEK) == at(expected)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(["1m", "59m", "1h", "23h", "1d", "30d"]),
    st.sampled_from(["Asia/Kolkata", "Europe/Berlin", "America/St_Johns", "Pacific/Apia"]),
)
def test_a_try_is_later_and_at_an_hour_for_calls(now: datetime, wait: str, name: str) -> None:
    zone = ZoneInfo(name)
    found = next_try((wait,), 1, now, OpeningHours(zone))
    assert found is not None
    assert found > now - timedelta(minutes=1)
    assert time(10) <= found.astimezone(zone).time() <= time(20)
    if wait.endswith("d"):
        before, after = now.astimezone(zone).time(), found.astimezone(zone).time()
        assert (before < time(13)) != (after < time(13))


@pytest.mark.parametrize("text", ["1x", "0h", "h", "1h,,2", "1.5h", "9999d", ",", "1h " * 21])
def test_a_plan_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="RETRY_PLAN"):
        settings_for("sqlite://", retry_plan=text)
    assert settings_for("sqlite://", retry_plan="30m, 2d").retry_plan == ("30m", "2d")
