"""A claim ends with its holder: what that hasn't settled when it fails is due again at once.

If the database can't be written to at that moment, it is given back before the process claims
anything else. Only the claims of a process that has died have to run out.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, and_, select, update
from sqlmodel import Session, col

from backend.core import times
from backend.core.db import Database
from backend.core.intake.retry_policy import LONGEST_WAIT
from backend.models import Delivery, DeliveryState

log = logging.getLogger("tofa.work")

# What is due later than this was planned by a clock that ran ahead.
LATEST = timedelta(seconds=LONGEST_WAIT) + timedelta(hours=1)
_CLAIMED = (DeliveryState.RECEIVED, DeliveryState.RETRYING)

# The holders whose claims are still to be given back.
_left: WeakKeyDictionary[Database, set[str]] = WeakKeyDictionary()


@contextmanager
def held(db: Database, holder: str) -> Iterator[None]:
    """Give back what `holder` has claimed and not settled, if the block fails."""
    try:
        yield
    except BaseException:
        _left.setdefault(db, set()).add(holder)
        try:
            give_back(db)
        except Exception:
            log.info("Claims can't be given back now; the next run does that", exc_info=True)
        raise


def give_back(db: Database) -> None:
    """Give back what holders that have failed couldn't. Raises what the database raises."""
    holders = list(_left.get(db, ()))
    if not holders:
        return
    with db.write() as session:
        session.connection().execute(
            update(Delivery)
            # By the state: it has an index, and few deliveries aren't settled.
            .where(col(Delivery.state).in_(_CLAIMED), col(Delivery.held_by).in_(holders))
            # The try doesn't count.
            .values(held_by=None, claimed_until=None, attempts=col(Delivery.attempts) - 1)
        )
    _left[db].difference_update(holders)


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
