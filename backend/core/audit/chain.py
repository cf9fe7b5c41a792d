"""The chain: each event has a number without gaps, the hash of the one before, and its own.

Chained at once, in the transaction of what happened, by the last statements before its commit. An
event can so neither be lost nor be written without what it tells of. On PostgreSQL a lock makes
those who record wait for one another, for as long as an insert and a commit take; a request that
records nothing never waits. On SQLite there is one writer anyway.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import Session, col

from backend.core import times
from backend.core.database import locks
from backend.models import AuditAnchor, AuditEvent

# The hash before the first event.
GENESIS = "0" * 64
_LOCK = "audit trail"


@dataclass(frozen=True, slots=True)
class Entry:
    """An event that is to be appended."""

    event: str
    user_id: int | None
    subject: str | None
    subject_id: int | None
    address: str | None
    data: str | None


@dataclass(frozen=True, slots=True)
class Link:
    """The number and the hash of an event, after which the next one comes."""

    id: int
    hash: str


def hash_of(row: Any, previous_hash: str) -> str:
    """Return the hash of an event: SHA-256 over a JSON list in ASCII, without spaces."""
    at: datetime = row.at.astimezone(UTC)
    fields = [
        row.id,
        at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        row.event,
        row.user_id,
        row.subject,
        row.subject_id,
        row.address,
        row.data,
        previous_hash,
    ]
    return sha256(json.dumps(fields, separators=(",", ":")).encode()).hexdigest()


def encode(data: dict[str, Any]) -> str | None:
    """Return data as JSON text, always the same for the same data; None if there is none."""
    return json.dumps(data, separators=(",", ":"), sort_keys=True) if data else None


def append(session: Session, entries: Sequence[Entry]) -> None:
    """Append events. Nobody else can until the transaction ends: commit at once."""
    locks.hold(session, _LOCK)
    last, now = end(session), times.now()
    rows = []
    for entry in entries:
        event = AuditEvent(
            id=last.id + 1,
            at=now,
            event=entry.event,
            user_id=entry.user_id,
            subject=entry.subject,
            subject_id=entry.subject_id,
            address=entry.address,
            data=entry.data,
            previous_hash=last.hash,
            hash="",
        )
        last = Link(event.id, hash_of(event, last.hash))
        event.hash = last.hash
        rows.append(event.model_dump())
    session.connection().execute(insert(AuditEvent), rows)


def end(session: Session) -> Link:
    """Return the last link of the chain."""
    query = select(col(AuditEvent.id), col(AuditEvent.hash)).order_by(col(AuditEvent.id).desc())
    row = session.connection().execute(query.limit(1)).first()
    return Link(row[0], row[1]) if row else start(session)


def start(session: Session) -> Link:
    """Return the link that the first kept event follows: the newest anchor, or the genesis."""
    query = select(col(AuditAnchor.event_id), col(AuditAnchor.hash))
    row = (
        session.connection()
        .execute(query.order_by(col(AuditAnchor.event_id).desc()).limit(1))
        .first()
    )
    return Link(row[0], row[1]) if row else Link(0, GENESIS)
