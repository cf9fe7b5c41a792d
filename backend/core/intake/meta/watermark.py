"""How far each form of Meta's has been read by the backfill, and which forms there are.

The watermark of a form is the newest lead that a whole read has seen, less some minutes, for leads
don't appear in the order of their times; never the time of the read.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import times
from backend.core.database import upsert
from backend.core.intake.meta import notifications
from backend.models import Delivery, DeliveryState, Form, LeadOrigin

# How far before the newest lead a read begins.
OVERLAP = timedelta(minutes=10)
# How long Meta keeps a lead.
KEPT = timedelta(days=90)


def known_forms(session: Session) -> list[str]:
    """Return the forms that any lead or notification has named.

    Dismissed deliveries don't count: Meta's own button for a test sends invented ids.
    """
    connection = session.connection()
    found: set[str | None] = set()
    for column in (col(Form.id), col(LeadOrigin.form_id)):
        found.update(connection.scalars(select(column).distinct()))
    of_deliveries = select(col(Delivery.form_id)).where(col(Delivery.form_id).is_not(None))
    named = connection.scalars(of_deliveries.distinct())
    for form_id in set(named) - found:
        open_or_done = select(col(Delivery.id)).where(
            col(Delivery.form_id) == form_id, col(Delivery.state) != DeliveryState.DISMISSED
        )
        if connection.scalar(open_or_done.limit(1)) is not None:
            found.add(form_id)
    return sorted(id for id in found if id and notifications.as_id(id))


def begin(session: Session, form_id: str) -> datetime:
    """Return the time (UTC) from which a form is read."""
    form = session.get(Form, form_id)
    oldest = times.now() - KEPT
    if form is None or form.backfilled_until is None:
        return oldest
    return max(form.backfilled_until - OVERLAP, oldest)


def move(session: Session, form_id: str, newest: datetime) -> None:
    """Move the watermark of a form, never back."""
    statement = upsert.insert(session, Form).values(
        id=form_id, questions=[], mapping={}, backfilled_until=newest, seen_at=times.now()
    )
    further = col(Form.backfilled_until).is_(None) | (col(Form.backfilled_until) < newest)
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=["id"], set_={"backfilled_until": newest}, where=further
        )
    )
