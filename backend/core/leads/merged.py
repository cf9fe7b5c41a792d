"""Find where a merged lead is now. Its id stays valid: it means the lead that it was merged into.

`merging` and `unmerging` write the records.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core.database.bulk_insert import among, batches
from backend.models import LeadMerge

_ACTIVE = col(LeadMerge.undone_at).is_(None)


def current_id(session: Session, lead_id: int) -> int | None:
    """Return the lead that a merged lead is part of now, or None if it isn't merged."""
    query = select(col(LeadMerge.current_id)).where(col(LeadMerge.merged_id) == lead_id, _ACTIVE)
    return session.connection().scalar(query)


def current_ids(session: Session, leads: Iterable[int]) -> dict[int, int]:
    """Return the leads that merged leads are part of now, for those of `leads` that are merged."""
    found: dict[int, int] = {}
    for batch in batches(sorted(set(leads))):
        query = select(col(LeadMerge.merged_id), col(LeadMerge.current_id)).where(
            among(session, col(LeadMerge.merged_id), batch), _ACTIVE
        )
        found.update((merged, now) for merged, now in session.connection().execute(query))
    return found


def parts(session: Session, leads: Collection[int]) -> dict[int, int]:
    """Return the leads that were merged into `leads`, each with the one that it's part of now."""
    found: dict[int, int] = {}
    for batch in batches(sorted(set(leads))):
        query = select(col(LeadMerge.merged_id), col(LeadMerge.current_id)).where(
            among(session, col(LeadMerge.current_id), batch), _ACTIVE
        )
        found.update((merged, now) for merged, now in session.connection().execute(query))
    return found


def by_leadgen_id(session: Session, leadgen_id: str) -> int | None:
    """Return the lead that the merged lead with one of Meta's ids is part of now."""
    query = select(col(LeadMerge.current_id)).where(col(LeadMerge.leadgen_id) == leadgen_id)
    return session.connection().scalar(query.order_by(col(LeadMerge.id)).limit(1))
