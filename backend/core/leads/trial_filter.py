"""Which leads have a trial, in the words of a list's filter."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_
from sqlmodel import col

from backend.models import Lead, TrialOutcome

# The trials that are yet to come, and those that were and whose outcome nobody has noted.
UPCOMING, OVERDUE, NONE = "upcoming", "overdue", "none"
HAS_INDEX = (UPCOMING, OVERDUE)


def trial(which: str, now: datetime) -> ColumnElement[bool]:
    """Return the condition that a lead's trial is one of the filter's kinds."""
    at = col(Lead.trial_at)
    if which == NONE:
        return at.is_(None)
    outcome = col(Lead.trial_outcome)
    if which in HAS_INDEX:
        is_open = and_(at.is_not(None), outcome.is_(None))
        return and_(is_open, at >= now if which == UPCOMING else at < now)
    return outcome == TrialOutcome(which)
