"""Send what is due to the outside: each message at least once.

`run_once` may run in any number of processes and threads at once. Each claims some messages for a
while, sends them without a transaction, and settles each in a transaction of its own. A worker that
fails gives its claims back; those of one that dies run out, and the messages are sent again: their
receivers know them by their ids. No receiver gets more than a few places of a batch, so that one
that is slow or down doesn't keep the others waiting.
"""

import logging
import random
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlmodel import Session, col

from backend.core import times
from backend.core.claims import Claims
from backend.core.db import Database, low_priority
from backend.core.outbox import messages
from backend.core.outbox.channels import Message, Result, Send
from backend.core.reasons import Reason, ReasonCode
from backend.core.reasons.two_columns import columns
from backend.core.settings import Settings
from backend.models import MessageState, OutboxMessage

log = logging.getLogger("tofa.work")

# How long a worker has its messages for itself. A claim that ends later than the longest one was
# made by a clock that ran ahead, and does not count.
CLAIM = timedelta(seconds=120)
LONGEST_CLAIM = timedelta(hours=1)
BATCH = 32
AT_ONCE = 8
# The most places that one receiver gets in a batch.
OF_RECEIVER = 8
# In seconds: the first wait after an error, doubled at each try, and the longest. With so many
# tries that's about half a day.
FIRST_WAIT = 15.0
LONGEST_WAIT = 2 * 3600.0
TRIES = 14

_claims = Claims(OutboxMessage, (MessageState.WAITING,))


def run_once(
    db: Database,
    settings: Settings,
    channels: Mapping[str, Send],
    limit: int = BATCH,
    at_once: int = AT_ONCE,
) -> int:
    """Claim messages that are due, send and settle them. Returns how many were claimed."""
    _claims.give_back(db)
    # Look first, so that no writer has to wait: mostly there is nothing to do.
    with db.read() as session:
        if not _due(session, channels, 1):
            return 0
    holder = secrets.token_hex(8)
    with _claims.held(db, holder):
        with low_priority(), db.write() as session:
            claimed = claim(session, holder, channels, limit)
        for one, result in _send(db, settings, channels, claimed, at_once):
            settle(db, holder, one, result)
    return len(claimed)


def _send(
    db: Database,
    settings: Settings,
    channels: Mapping[str, Send],
    claimed: Sequence[Message],
    at_once: int,
) -> Iterator[tuple[Message, Result]]:
    """Yield the results, each as soon as it is there."""
    held_back: dict[str | None, Result] = {}

    def send(one: Message) -> Result:
        if (refusal := held_back.get(one.receiver)) is not None:
            return refusal
        try:
            result = channels[one.channel](db, settings, one)
        except Exception:
            log.exception("Message %s of the outbox can't be sent", one.id)
            return Result.again(Reason(ReasonCode.ERROR))
        if result.holds_all and one.receiver is not None:
            held_back[one.receiver] = result
        return result

    if at_once == 1 or len(claimed) <= 1:
        yield from ((one, send(one)) for one in claimed)
        return
    with ThreadPoolExecutor(min(at_once, len(claimed))) as threads:
        sent = {threads.submit(send, one): one for one in claimed}
        for future in as_completed(sent):
            yield sent[future], future.result()


def claim(
    session: Session, holder: str, channels: Iterable[str], limit: int = BATCH
) -> list[Message]:
    """Claim up to `limit` messages that are due."""
    found = session.connection().execute(
        update(OutboxMessage)
        .where(col(OutboxMessage.id).in_(_due(session, channels, limit, lock=True)))
        .values(
            held_by=holder,
            claimed_until=times.now() + CLAIM,
            attempts=col(OutboxMessage.attempts) + 1,
        )
        .returning(
            col(OutboxMessage.id),
            col(OutboxMessage.channel),
            col(OutboxMessage.kind),
            col(OutboxMessage.attempts),
            col(OutboxMessage.user_id),
            col(OutboxMessage.lead_id),
            col(OutboxMessage.delivery_id),
            col(OutboxMessage.data),
            col(OutboxMessage.receiver),
            col(OutboxMessage.key),
        )
    )
    made: Iterable[Any] = ({**row._mapping, "data": row.data or {}} for row in found)
    return sorted((Message(**one) for one in made), key=lambda one: one.id)


def is_free(now: datetime) -> ColumnElement[bool]:
    """Return the condition that no worker has a message."""
    until = col(OutboxMessage.claimed_until)
    return or_(until.is_(None), until < now, until > now + LONGEST_CLAIM)


def _due(session: Session, channels: Iterable[str], limit: int, *, lock: bool = False) -> list[int]:
    """Return the ids of messages that are due; with `lock`, those of other workers are skipped."""
    now = times.now()
    is_waiting = col(OutboxMessage.state) == MessageState.WAITING, is_free(now)
    place = func.row_number().over(
        partition_by=(col(OutboxMessage.channel), col(OutboxMessage.receiver)),
        order_by=(col(OutboxMessage.due_at), col(OutboxMessage.id)),
    )
    numbered = (
        select(col(OutboxMessage.id), place.label("place"))
        .where(*is_waiting, col(OutboxMessage.channel).in_([*channels]))
        .where(col(OutboxMessage.due_at) <= now)
        .subquery()
    )
    first = select(numbered.c.id).where(numbered.c.place <= OF_RECEIVER)
    ids = [*session.connection().scalars(first.order_by(numbered.c.place).limit(limit))]
    if not lock or not ids:
        return ids
    # What another worker has claimed meanwhile isn't waiting for one any more.
    free = select(col(OutboxMessage.id)).where(col(OutboxMessage.id).in_(ids), *is_waiting)
    return [*session.connection().scalars(free.with_for_update(skip_locked=True))]


def settle(db: Database, holder: str, one: Message, result: Result) -> bool:
    """Write the result of a message. Returns False if its claim has ended."""
    now = times.now()
    with low_priority(), db.write() as session:
        written = session.connection().execute(
            update(OutboxMessage)
            .where(col(OutboxMessage.id) == one.id, col(OutboxMessage.held_by) == holder)
            .values(held_by=None, claimed_until=None, **outcome(one, result, now))
        )
        if result.holds_all and one.receiver is not None:
            messages.hold_back(session, one.receiver, now + timedelta(seconds=result.wait or 0))
    return written.rowcount == 1


def outcome(one: Message, result: Result, now: datetime) -> dict[str, Any]:
    """Return the columns that say how the last attempt of a message went."""
    reason = result.reason
    said = columns(reason.code, reason) if reason else {"reason": None, "details": None}
    if result.state != MessageState.WAITING:
        return {"state": result.state, "settled_at": now, **said}
    if result.holds_all:
        wait = timedelta(seconds=result.wait or 0)
        return {"attempts": one.attempts - 1, "due_at": now + wait, **said}
    if one.attempts >= TRIES:
        return {"state": MessageState.FAILED, "settled_at": now, **said}
    return {"due_at": now + timedelta(seconds=delay(one.attempts)), **said}


def delay(attempts: int) -> float:
    """Return the seconds to wait after so many tries, with jitter, so that retries spread out."""
    full = min(FIRST_WAIT * 2.0 ** min(attempts - 1, 30), LONGEST_WAIT)
    return full * random.uniform(0.5, 1.0)  # noqa: S311  not a secret
