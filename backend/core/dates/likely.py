"""Says which times an enquiry can have: none in the future, and none from long ago."""

from datetime import UTC, datetime, timedelta

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
# Clocks of other computers are wrong by hours, and a day begins earlier in the east.
SLACK = timedelta(days=1)


def is_likely(moment: datetime, now: datetime) -> bool:
    """Return whether an enquiry can have come in at a moment. Both have a zone."""
    return EARLIEST <= moment <= now + SLACK
