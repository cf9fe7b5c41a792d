"""Forms that used to bring leads, and have brought none for three times their usual gap."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median_high

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import times
from backend.models import Form, Lead, LeadOrigin
from backend.schemas.health import SilentForm

# A form is silent after so many times its usual gap, and never before three hours.
TIMES = 3
LEAST_GAP = timedelta(hours=1)
# The usual gap is that of so many of a form's newest leads; there must be at least three.
NEWEST = 500
FEWEST = 3


def silent_forms(session: Session) -> list[SilentForm]:
    """Return the forms that are silent now."""
    now = times.now()
    found: list[SilentForm] = []
    for form in session.scalars(select(Form).order_by(col(Form.id))):
        gap = usual_gap(_times(session, form.id))
        newest = form.newest_lead_at
        if gap is not None and newest is not None and now - newest > TIMES * max(gap, LEAST_GAP):
            found.append(
                {
                    "form_id": form.id,
                    "newest_lead_at": newest,
                    "usual_gap_seconds": int(gap.total_seconds()),
                }
            )
    return found


def usual_gap(moments: Sequence[datetime]) -> timedelta | None:
    """Return the longest gap of a usual day: the median over the days, so that nights are usual.

    Days are counted back from the newest lead. None where there are too few leads to tell.
    """
    if len(moments) < FEWEST:
        return None
    ordered = sorted(moments)
    longest: dict[int, timedelta] = {}
    for earlier, later in pairwise(ordered):
        day = (ordered[-1] - later).days
        longest[day] = max(longest.get(day, timedelta(0)), later - earlier)
    return median_high(longest.values())


def _times(session: Session, form_id: str) -> list[datetime]:
    """Return when Meta made the newest leads of a form, and not when they came in."""
    query = (
        select(col(Lead.created_time))
        .join(LeadOrigin, col(LeadOrigin.lead_id) == col(Lead.id))
        .where(col(LeadOrigin.form_id) == form_id, col(Lead.is_test).is_(False))
        .order_by(col(LeadOrigin.lead_id).desc())
        .limit(NEWEST)
    )
    return list(session.scalars(query))
