"""The messages of the outbox, with their states.

waiting ──► sent
   │  ╲───► waiting       an error; tried again at `due_at`
   ├──────► dismissed     there is no longer anyone to tell
   └──────► failed        refused, or after many attempts
failed ──► waiting (retried by a person); waiting, failed ──► dismissed (by a person)
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import delete, func, insert, select, update
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person
from backend.core.database import rows, upsert
from backend.core.database.bulk_insert import among, batches
from backend.core.database.rows import written
from backend.core.errors import Conflict, NotFound
from backend.core.reasons import two_columns
from backend.models import MessageState, OutboxMessage, User
from backend.schemas.outbox import MessageFilter, MessageRow

TABLE = "outboxmessage"
_OPEN = (MessageState.WAITING, MessageState.FAILED)


class MessageNotFound(NotFound):
    """There is no such message in the outbox, or it was removed since."""

    detail = "Message not found"


def row(channel: str, kind: str, **more: Any) -> dict[str, Any]:
    """Return the columns of a message that is due now; `more` are others of `OutboxMessage`."""
    now = times.now()
    due = {"created_at": now, "due_at": now, "state": MessageState.WAITING.value}
    return {"channel": channel, "kind": kind, **due, **more}


def put(session: Session, *found: Mapping[str, Any]) -> None:
    """Add messages, each a `row` with the same columns; of those with one `key` only the first."""
    if not found:
        return
    if any("key" in one for one in found):
        statement = upsert.insert(session, OutboxMessage).on_conflict_do_nothing()
        session.connection().execute(statement, list(found))
    else:
        session.connection().execute(insert(OutboxMessage), list(found))


_SHOWN: tuple[Any, ...] = (
    col(OutboxMessage.id),
    col(OutboxMessage.channel),
    col(OutboxMessage.kind),
    col(OutboxMessage.state),
    written(col(OutboxMessage.created_at)).label("created_at"),
    written(col(OutboxMessage.due_at)).label("due_at"),
    col(OutboxMessage.attempts),
    col(OutboxMessage.reason),
    col(OutboxMessage.details).label("message"),
    col(OutboxMessage.user_id),
    col(User.full_name).label("person"),
    col(OutboxMessage.lead_id),
)


def list_page(session: Session, wanted: MessageFilter) -> list[MessageRow]:
    """Return messages, the newest first; `before` is the id of the last one that was seen."""
    query = select(*_SHOWN).join(User, col(User.id) == col(OutboxMessage.user_id), isouter=True)
    query = query.order_by(col(OutboxMessage.id).desc()).limit(wanted.limit)
    if wanted.state is not None:
        query = query.where(col(OutboxMessage.state) == wanted.state)
    if wanted.before is not None:
        query = query.where(col(OutboxMessage.id) < wanted.before)
    found = rows.fetch(session, query)
    for one in found:
        one["message"] = two_columns.message(one["reason"], one["message"])
    return cast(list[MessageRow], found)


def retry(session: Session, message_id: int) -> None:
    """Make a message due now, as if it had just come. Raises `MessageNotFound` and `Conflict`."""
    message = _find_open(session, message_id)
    message.state = MessageState.WAITING
    message.due_at, message.attempts = times.now(), 0
    # A worker that has it at this moment finds that its claim has ended.
    message.claimed_until = message.held_by = message.reason = message.details = None
    message.settled_at = None


def dismiss(session: Session, by: Person, message_id: int) -> None:
    """Close a message that is no longer needed. Raises `MessageNotFound` and `Conflict`."""
    message = _find_open(session, message_id)
    message.state, message.closed_by = MessageState.DISMISSED, by.id
    message.settled_at = times.now()
    message.claimed_until = message.held_by = None


def _find_open(session: Session, message_id: int) -> OutboxMessage:
    message = session.get(OutboxMessage, message_id, with_for_update=True)
    if message is None:
        raise MessageNotFound
    if message.state not in _OPEN:
        raise Conflict(f"This message is {message.state}: it can't be retried or dismissed")
    return message


def counts(session: Session) -> dict[str, int]:
    """Return how many messages wait, and how many have failed and wait for a person."""
    state = col(OutboxMessage.state)
    query = select(state, func.count()).where(state.in_(_OPEN)).group_by(state)
    found = {one: int(count) for one, count in session.connection().execute(query)}
    return {one.value: found.get(one, 0) for one in _OPEN}


def waiting_by_kind(session: Session) -> dict[str, int]:
    """Return how many messages of each kind wait."""
    kind = col(OutboxMessage.kind)
    is_waiting = col(OutboxMessage.state) == MessageState.WAITING
    query = select(kind, func.count()).where(is_waiting).group_by(kind)
    return {one: int(count) for one, count in session.connection().execute(query)}


def forget_leads(session: Session, leads: list[int]) -> None:
    """Remove the messages about leads that are being removed."""
    for batch in batches(leads):
        own = among(session, col(OutboxMessage.lead_id), batch)
        session.connection().execute(delete(OutboxMessage).where(own))


def known_keys(session: Session, keys: Iterable[str]) -> set[str]:
    """Return those of some keys that messages have."""
    found: set[str] = set()
    for batch in batches(keys):
        query = select(col(OutboxMessage.key)).where(col(OutboxMessage.key).in_(batch))
        found.update(key for key in session.connection().scalars(query) if key is not None)
    return found


def hold_back(session: Session, receiver: str, until: datetime) -> None:
    """Let all messages to a receiver wait until a time, since it has asked for that."""
    session.connection().execute(
        update(OutboxMessage)
        .where(
            col(OutboxMessage.state) == MessageState.WAITING,
            col(OutboxMessage.receiver) == receiver,
            col(OutboxMessage.due_at) < until,
        )
        .values(due_at=until)
    )
