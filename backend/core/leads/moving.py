"""Move leads from one center to another, each with a line of history.

An owner who doesn't see the other center doesn't keep them.
What is left of erased leads, their counts, moves along.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from backend.core.database import bulk_insert
from backend.core.database.bulk_insert import among, batches
from backend.core.database.json_columns import encode
from backend.core.leads import owners
from backend.models import (
    ChangedDay,
    Comment,
    ErasedLead,
    EventKind,
    Lead,
    LeadEvent,
    NotDuplicate,
)

_EVENT = ("lead_id", "at", "user_id", "kind", "data")
# What isn't anyone's work on a lead.
_NO_WORK = (EventKind.CREATED, EventKind.MOVED)


def move(
    session: Session,
    leads: Sequence[int],
    origin: int,
    into: int,
    by: int,
    now: datetime,
    undone: int | None = None,
) -> None:
    """Move leads, which are locked, from the center `origin` to the center `into`.

    `undone` is the change that this undoes; `now` is in UTC.
    """
    data = {"from": origin, "to": into} | ({} if undone is None else {"undone": undone})
    line = (now, by, EventKind.MOVED.value, encode(data))
    for batch in batches(leads):
        moved = update(Lead).where(among(session, col(Lead.id), batch))
        session.connection().execute(moved.values(center_id=into))
        bulk_insert.insert(session, "leadevent", _EVENT, [(id, *line) for id in batch])
    owners.release(session, leads, by, now)


def move_erased(session: Session, leads: Iterable[int], origin: int, into: int) -> list[int]:
    """Move the counts of those of the leads that were erased at the center `origin`.

    Returns their ids. Marks the days whose totals change: only leads have triggers for that.
    """
    moved: list[int] = []
    days: set[str] = set()
    for batch in batches(sorted(leads)):
        change = update(ErasedLead).where(
            among(session, col(ErasedLead.lead_id), batch), col(ErasedLead.center_id) == origin
        )
        at = (col(ErasedLead.lead_id), col(ErasedLead.created_time))
        for id, created in session.connection().execute(
            change.values(center_id=into).returning(*at)
        ):
            moved.append(id)
            days.add(str(created.date()))
    session.add_all(ChangedDay(day=day) for day in sorted(days))
    session.flush()
    return moved


def hold(session: Session, leads: Iterable[int], center_id: int) -> list[int]:
    """Lock those of the leads that are at a center, and return their ids in order."""
    held: list[int] = []
    for batch in batches(sorted(leads)):
        query = select(col(Lead.id)).where(
            among(session, col(Lead.id), batch), col(Lead.center_id) == center_id
        )
        locked = query.order_by(col(Lead.id)).with_for_update()
        held += [id for id in session.scalars(locked) if id is not None]
    return held


def worked_on(session: Session, leads: Collection[int]) -> set[int]:
    """Return those of the leads that anything has happened to since they came in."""
    found: set[int] = set()
    for batch in batches(sorted(leads)):
        events = select(col(LeadEvent.lead_id)).where(
            among(session, col(LeadEvent.lead_id), batch), col(LeadEvent.kind).not_in(_NO_WORK)
        )
        found.update(session.scalars(events.distinct()))
        for column in (Comment.lead_id, NotDuplicate.first_id, NotDuplicate.second_id):
            said = select(col(column)).where(among(session, col(column), batch)).distinct()
            found.update(id for id in session.scalars(said) if id is not None)
    return found
