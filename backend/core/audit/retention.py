"""Remove the oldest events when their time is over, so that the chain still holds.

An anchor keeps the number and the hash of the last event that is removed: the first one that is
kept follows it. The database refuses an anchor for an event that is less than 30 days old, and
to remove an event without an anchor.
"""

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, select
from sqlmodel import Session, col

from backend.core import times
from backend.core.audit.chain import Link, start
from backend.core.audit.events import Event
from backend.core.audit.trail import record
from backend.core.db import Database, low_priority
from backend.models import AuditAnchor, AuditEvent

# How many events are removed in one step.
STEP = 1000
# How long the oldest event may be over its time: each time that some are removed leaves an anchor,
# and an event, so once a day is enough.
_GRACE = timedelta(days=1)
# A clock that ran ahead has written events of the future: they don't keep older ones forever.
_AHEAD = timedelta(days=1)


def shorten(db: Database, days: int) -> int:
    """Remove events that are older than so many days, in one step. Returns how many."""
    with db.read() as session:
        if not (_left_behind(session) or _last_over(session, days)):
            return 0
    with low_priority(), db.write() as session:
        if not _left_behind(session) and (last := _last_over(session, days)):
            session.add(AuditAnchor(event_id=last.id, hash=last.hash, at=times.now()))
            session.flush()
            record(session, Event.TRAIL_SHORTENED, by=None, through=last.id)
        return _remove(session)


def _left_behind(session: Session) -> bool:
    """Return whether there are events that the newest anchor covers."""
    first = session.scalar(select(func.min(col(AuditEvent.id))))
    return first is not None and first <= start(session).id


def _last_over(session: Session, days: int) -> Link | None:
    """Return the last of the oldest events whose time is over, about once a day."""
    now = times.now()
    over = now - timedelta(days=days)
    oldest = session.scalar(select(func.min(col(AuditEvent.at))))
    if oldest is None or oldest > over - _GRACE:
        return None
    kept = _first_kept(session, over, now)
    query = select(col(AuditEvent.id), col(AuditEvent.hash)).where(col(AuditEvent.at) < over)
    if kept is not None:
        query = query.where(col(AuditEvent.id) < kept)
    row = session.connection().execute(query.order_by(col(AuditEvent.id).desc()).limit(1)).first()
    return Link(row[0], row[1]) if row else None


def _first_kept(session: Session, over: datetime, now: datetime) -> int | None:
    at = col(AuditEvent.at)
    query = select(col(AuditEvent.id)).where(and_(at >= over, at <= now + _AHEAD))
    return session.scalar(query.order_by(col(AuditEvent.id)).limit(1))


def _remove(session: Session) -> int:
    covered = (
        select(col(AuditEvent.id))
        .where(col(AuditEvent.id) <= start(session).id)
        .order_by(col(AuditEvent.id))
        .limit(STEP)
    )
    ids = list(session.scalars(covered))
    if ids:
        session.connection().execute(delete(AuditEvent).where(col(AuditEvent.id) <= ids[-1]))
    return len(ids)
