"""A body with several leads: it is stored as it came, then each lead becomes a delivery."""

import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core.db import Database
from backend.core.intake import claims, processing
from backend.core.intake.outcomes import Claimed, Outcome
from backend.core.settings import Settings
from backend.models import Delivery, DeliveryState

# Of more leads, the workers make what they can, and the answer doesn't wait for that.
MOST_AT_ONCE = 100

_COLUMNS = ("state", "lead_id", "reason", "details", "center_text")


def settle(db: Database, settings: Settings, parent: Claimed) -> list[Outcome]:
    """Make of the leads of a stored body what they can become. Returns the columns of each."""
    holder = secrets.token_hex(8)
    with claims.held(db, holder):
        with db.write() as session:
            ids = _unclaimed(session, parent.id)
            claimed = processing.claim_ids(session, holder, ids) if len(ids) <= MOST_AT_ONCE else []
        for one in claimed:
            processing.settle(db, settings, holder, one)
    with db.read() as session:
        return _outcomes(session, parent.id)


def _unclaimed(session: Session, parent_id: int) -> Sequence[int]:
    query = (
        select(col(Delivery.id))
        .where(
            col(Delivery.parent_id) == parent_id,
            col(Delivery.state) == DeliveryState.RECEIVED,
            col(Delivery.claimed_until).is_(None),
        )
        .order_by(col(Delivery.id))
        .with_for_update(skip_locked=True)
    )
    return [id for id in session.scalars(query) if id is not None]


def _outcomes(session: Session, parent_id: int) -> list[Outcome]:
    columns: list[Any] = [getattr(Delivery, name) for name in _COLUMNS]
    query = select(*columns).where(col(Delivery.parent_id) == parent_id).order_by(col(Delivery.id))
    return [dict(zip(_COLUMNS, row, strict=True)) for row in session.connection().execute(query)]
