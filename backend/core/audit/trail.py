"""Record events: they are appended by the last statements of the transaction they belong to."""

from typing import Any

from sqlalchemy import event as hooks
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session

from backend.core.audit import chain
from backend.core.audit.chain import Entry
from backend.core.audit.events import Event, Subject

_KEY = "audit trail"
_Kept = list[tuple[SessionTransaction | None, Entry]]


def record(
    session: Session,
    event: Event,
    *,
    by: int | None,
    subject: Subject | None = None,
    subject_id: int | None = None,
    address: str | None = None,
    **data: Any,
) -> None:
    """Record an event in a unit of work that writes: it is kept if that is committed.

    `by` is the id of the person, None for the command line and for strangers. `data` has ids, codes
    and numbers, and nothing that a person has written.
    """
    kept: _Kept | None = session.info.get(_KEY)
    if kept is None:
        kept = session.info[_KEY] = []
        hooks.listen(session, "before_commit", _append)
    what = subject.value if subject is not None else None
    entry = Entry(event.value, by, what, subject_id, address, chain.encode(data))
    kept.append((session.get_transaction(), entry))


def _append(session: Session) -> None:
    """Append what was recorded in this transaction; what was rolled back is forgotten."""
    if session.in_nested_transaction():
        return
    kept: _Kept = session.info[_KEY]
    now = session.get_transaction()
    entries = [entry for transaction, entry in kept if transaction is now]
    kept.clear()
    if entries:
        session.flush()
        chain.append(session, entries)
