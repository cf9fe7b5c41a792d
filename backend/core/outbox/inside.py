"""Pass messages on within the database: each once, in one transaction with what it becomes.

Such a message is gone once it's passed on. Those that come together are passed on together; if
that fails, one by one, so that one that can't be passed on doesn't hold up the others.
"""

import logging
from collections.abc import Callable, Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

from backend.core import times
from backend.core.db import Database, low_priority
from backend.core.outbox import sending
from backend.core.outbox.channels import Message, Result
from backend.core.reasons import Reason, ReasonCode
from backend.models import MessageState, OutboxMessage

log = logging.getLogger("tofa.work")

BATCH = 200
# Passes messages on in a session.
Pass = Callable[[Session, Sequence[Message]], None]


def run_once(db: Database, channel: str, pass_on: Pass) -> int:
    """Pass on messages of a channel that are due. Returns how many there were."""
    with db.read() as session:
        ids = _due(session, channel)
    if not ids:
        return 0
    try:
        return _pass_on(db, channel, pass_on, None)
    except OperationalError:
        raise  # the database's fault
    except Exception:
        log.info("Messages of the outbox are passed on one by one", exc_info=True)
    for id in ids:
        try:
            _pass_on(db, channel, pass_on, id)
        except OperationalError:
            raise
        except Exception:
            log.exception("Message %s of the outbox can't be passed on", id)
            _put_off(db, id)
    return len(ids)


def _pass_on(db: Database, channel: str, pass_on: Pass, id: int | None) -> int:
    with low_priority(), db.write() as session:
        ids = _due(session, channel, id, lock=True)
        own = col(OutboxMessage.id).in_(ids)
        query = select(OutboxMessage).where(own).order_by(col(OutboxMessage.id))
        found = [_read(one) for one in session.scalars(query)]
        if found:
            pass_on(session, found)
            session.connection().execute(delete(OutboxMessage).where(own))
    return len(found)


def _due(session: Session, channel: str, id: int | None = None, *, lock: bool = False) -> list[int]:
    query = select(col(OutboxMessage.id)).where(
        col(OutboxMessage.state) == MessageState.WAITING,
        col(OutboxMessage.channel) == channel,
        col(OutboxMessage.due_at) <= times.now(),
    )
    if id is not None:
        query = query.where(col(OutboxMessage.id) == id)
    if lock:
        query = query.with_for_update(skip_locked=True)
    query = query.order_by(col(OutboxMessage.due_at), col(OutboxMessage.id)).limit(BATCH)
    return [*session.connection().scalars(query)]


def _read(one: OutboxMessage) -> Message:
    assert one.id is not None
    return Message(
        one.id,
        one.channel,
        one.kind,
        one.attempts,
        user_id=one.user_id,
        lead_id=one.lead_id,
        delivery_id=one.delivery_id,
        data=one.data or {},
    )


def _put_off(db: Database, id: int) -> None:
    """Try a message again later, unless it has been tried often."""
    own = col(OutboxMessage.id) == id, col(OutboxMessage.state) == MessageState.WAITING
    with low_priority(), db.write() as session:
        one = session.scalar(select(OutboxMessage).where(*own).with_for_update())
        if one is not None:
            tried = Message(id, one.channel, one.kind, one.attempts + 1)
            failed = Result.again(Reason(ReasonCode.ERROR))
            change = {"attempts": tried.attempts} | sending.outcome(tried, failed, times.now())
            session.connection().execute(update(OutboxMessage).where(*own).values(**change))
