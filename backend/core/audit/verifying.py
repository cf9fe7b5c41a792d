"""Check that the chain holds: no event was changed, removed or put in between."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core.audit import chain
from backend.core.audit.chain import Link
from backend.models import AuditEvent

# How many events are read at once.
PAGE = 5000


class Fault(StrEnum):
    """What is wrong with an event."""

    MISSING = "events before it are missing"
    OTHER_BEFORE = "it doesn't follow the event before it"
    CHANGED = "it was changed"
    OTHER_HEAD = "it isn't the event that was noted"


@dataclass(frozen=True, slots=True)
class Verified:
    """How many events were checked, the last link, and the first fault with the event that has it.

    `since` is the link that the first event follows.
    """

    events: int
    since: Link
    head: Link
    fault: Fault | None = None
    event_id: int | None = None


def verify(session: Session, noted: Link | None = None) -> Verified:
    """Check all events that are kept, and that an event that was noted before is still there."""
    since = head = chain.start(session)
    events, found = 0, noted is None or noted == since or noted.id < since.id
    while page := _page(session, head.id):
        for row in page:
            if fault := _fault(row, head):
                return Verified(events, since, head, fault, row.id)
            head = Link(row.id, row.hash)
            if noted is not None and noted.id == head.id:
                if noted != head:
                    return Verified(events, since, head, Fault.OTHER_HEAD, row.id)
                found = True
            events += 1
    if not found and noted is not None:
        return Verified(events, since, head, Fault.MISSING, noted.id)
    return Verified(events, since, head)


def _page(session: Session, after: int) -> list[AuditEvent]:
    query = select(AuditEvent).where(col(AuditEvent.id) > after).order_by(col(AuditEvent.id))
    rows = list(session.scalars(query.limit(PAGE)))
    session.expunge_all()
    return rows


def _fault(row: AuditEvent, before: Link) -> Fault | None:
    if row.id != before.id + 1:
        return Fault.MISSING
    if row.previous_hash != before.hash:
        return Fault.OTHER_BEFORE
    if row.hash != chain.hash_of(row, before.hash):
        return Fault.CHANGED
    return None
