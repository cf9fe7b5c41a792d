"""The claims of deliveries, and what a clock that ran ahead has planned: see `core.claims`."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, select, update
from sqlmodel import Session, col

from backend.core import times
from backend.core.claims import Claims
from backend.core.intake.retry_policy import LONGEST_WAIT
from backend.models import Delivery, DeliveryState

# What is due later than this was planned by a clock that ran ahead.
LATEST = timedelta(seconds=LONGEST_WAIT) + timedelta(hours=1)

_claims = Claims(Delivery, (DeliveryState.RECEIVED, DeliveryState.RETRYING))
held = _claims.held
give_back = _claims.give_back


def recheck_due(session: Session) -> int:
    """Make due now what a clock that ran ahead has planned for later. Returns how many."""
    now = times.now()
    late = update(Delivery).where(_is_late(now))
    return session.connection().execute(late.values(due_at=now)).rowcount


def is_planned_too_late(session: Session) -> bool:
    """Return whether `recheck_due` has anything to do."""
    query = select(col(Delivery.id)).where(_is_late(times.now()))
    return session.scalar(query.limit(1)) is not None


def _is_late(now: datetime) -> ColumnElement[bool]:
    late = col(Delivery.due_at) > now + LATEST
    return and_(col(Delivery.state) == DeliveryState.RETRYING, late)
