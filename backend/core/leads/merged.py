"""Find where a merged lead is now. Its id stays valid: it means the lead that it was merged into.

`merging` and `unmerging` write the records.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core.access import Person, visible_to
from backend.core.database.bulk_insert import among, batches
from backend.core.errors import Invalid, LeadNotFound
from backend.models import Lead, LeadMerge

T = TypeVar("T")

_ACTIVE = col(LeadMerge.undone_at).is_(None)


def current_id(session: Session, lead_id: int) -> int | None:
    """Return the lead that a merged lead is part of now, or None if it isn't merged."""
    query = select(col(LeadMerge.current_id)).where(col(LeadMerge.merged_id) == lead_id, _ACTIVE)
    return session.connection().scalar(query)


def resolve(session: Session, lead_id: int, read: Callable[[int], T | None]) -> T:
    """Return what `read` finds of a lead; of a merged lead, of the one that it's part of now.

    `read` returns None for a lead that isn't there, or that the person can't see. Raises
    `LeadNotFound`. For a lead to change, see `changes.lock`.
    """
    found = read(lead_id)
    if found is None and (now := current_id(session, lead_id)) is not None:
        found = read(now)
    if found is None:
        raise LeadNotFound
    return found


def current_ids(session: Session, leads: Iterable[int]) -> dict[int, int]:
    """Return the leads that merged leads are part of now, for those of `leads` that are merged."""
    return _find(session, col(LeadMerge.merged_id), leads)


def parts(session: Session, leads: Collection[int]) -> dict[int, int]:
    """Return the leads that were merged into `leads`, each with the one that it's part of now."""
    return _find(session, col(LeadMerge.current_id), leads)


def _find(session: Session, column: Any, leads: Iterable[int]) -> dict[int, int]:
    """Return the current id of each merged lead of which `column` is one of `leads`."""
    found: dict[int, int] = {}
    for batch in batches(sorted(set(leads))):
        query = select(col(LeadMerge.merged_id), col(LeadMerge.current_id)).where(
            among(session, column, batch), _ACTIVE
        )
        found.update((merged, now) for merged, now in session.connection().execute(query))
    return found


def two(
    session: Session,
    person: Person,
    first_id: int,
    second: tuple[str, int],
    *,
    lock: bool = False,
) -> tuple[int, int]:
    """Return the ids of two different leads that a person can see, as they are now.

    `second` is the name of its field, and its id. Raises `Invalid` if both are one lead, and
    `LeadNotFound`.
    """
    name, second_id = second
    now = current_ids(session, (first_id, second_id))
    this, other = now.get(first_id, first_id), now.get(second_id, second_id)
    if this == other:
        raise Invalid.at("body", name, msg="Choose two different leads")
    query = select(col(Lead.id)).where(col(Lead.id).in_((this, other)), visible_to(person))
    # Always in one order, so that no two wait for each other.
    query = query.order_by(col(Lead.id))
    found = session.connection().execute(query.with_for_update() if lock else query).all()
    if len(found) != 2:
        raise LeadNotFound
    return this, other


def by_leadgen_id(session: Session, leadgen_id: str) -> int | None:
    """Return the lead that the merged lead with one of Meta's ids is part of now."""
    query = select(col(LeadMerge.current_id)).where(col(LeadMerge.leadgen_id) == leadgen_id)
    return session.connection().scalar(query.order_by(col(LeadMerge.id)).limit(1))
