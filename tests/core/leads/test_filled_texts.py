"""What the placeholders of a WhatsApp text stand for."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from backend.core.leads import filled_texts

KOLKATA = ZoneInfo("Asia/Kolkata")


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2026, 12, 5, 11, 0, tzinfo=UTC), "Saturday, 5 December at 4:30 pm"),
        (datetime(2026, 12, 5, 11, 30, tzinfo=UTC), "Saturday, 5 December at 5 pm"),
        # It's the next day in India already.
        (datetime(2026, 12, 5, 18, 35, tzinfo=UTC), "Sunday, 6 December at 12:05 am"),
        (datetime(2026, 12, 6, 6, 30, tzinfo=UTC), "Sunday, 6 December at 12 pm"),
    ],
)
def test_a_trial_as_people_say_it(at: datetime, said: str) -> None:
    assert filled_texts.spoken(at, KOLKATA) == said


@pytest.mark.parametrize(
    ("message", "filled"),
    [
        ("Hello :-}", "Hello :-}"),
        ("{name}, {name}!", "{center}, {center}!"),
        ("{name} at {center}", "{center} at Tellapur"),
        ("{trial}", None),
        ("{caller}", None),
    ],
)
def test_nothing_is_left_open_or_filled_twice(message: str, filled: str | None) -> None:
    values = {"name": "{center}", "center": "Tellapur", "trial": None}
    assert filled_texts.fill(message, values) == filled
