"""Targets that were missed: one row each, which reports count, and which leads those are."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, literal_column, select
from sqlmodel import Session, col

from backend.core.alerts import announcing
from backend.core.alerts.announcing import AlertKind
from backend.core.database import upsert
from backend.models import Lead, MissedTarget, Target, User

# SQLite uses the indexes over these leads only for the indexes' own words.
IS_TIMED: ColumnElement[bool] = literal_column("lead.call_by IS NOT NULL")
IS_HANDED_OVER: ColumnElement[bool] = literal_column("lead.handed_over_at IS NOT NULL")
HAS_DATE: ColumnElement[bool] = literal_column("lead.next_followup_date IS NOT NULL")

# Who had a lead that was handed over, in a query of leads: null for the queue. Few leads were, and
# only for those the database looks.
HANDED_OVER_FROM = case(
    (
        col(Lead.handed_over_at).is_not(None),
        select(col(User.full_name))
        .select_from(MissedTarget)
        .join(User, col(User.id) == col(MissedTarget.owner_id), isouter=True)
        .where(
            col(MissedTarget.lead_id) == col(Lead.id),
            col(MissedTarget.kind) == Target.FIRST_CALL,
        )
        .order_by(col(MissedTarget.id).desc())
        .limit(1)
        .correlate(Lead)
        .scalar_subquery(),
    )
)


def record(session: Session, lead: Lead, kind: Target, due_at: datetime, now: datetime) -> bool:
    """Record that a lead's target was missed, and tell team leads.

    Returns False if that was done already.
    """
    new = upsert.insert(session, MissedTarget).values(
        lead_id=lead.id,
        kind=kind.value,
        due_at=due_at,
        missed_at=now,
        owner_id=lead.owner_id,
        center_id=lead.center_id,
    )
    added = new.on_conflict_do_nothing().returning(col(MissedTarget.id))
    is_new = session.connection().scalar(added) is not None
    if is_new:
        announcing.announce(session, AlertKind.MISSED_TARGET, lead_id=lead.id)
    return is_new


def is_recorded(kind: Target, due_at: Any) -> ColumnElement[bool]:
    """Return the condition that a lead's target at a time was missed, in a query of leads."""
    same = (
        col(MissedTarget.lead_id) == col(Lead.id),
        col(MissedTarget.kind) == kind,
        col(MissedTarget.due_at) == due_at,
    )
    return select(col(MissedTarget.id)).where(*same).correlate(Lead).exists()


def of(kind: str) -> ColumnElement[bool]:
    """Return the condition of a list of leads that are late now."""
    if kind == Target.FIRST_CALL:
        return IS_HANDED_OVER
    due = col(Lead.next_followup_date)
    return and_(HAS_DATE, is_recorded(Target.FOLLOW_UP, due))
