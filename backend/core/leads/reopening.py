"""Undo what an import's repeat enquiries have changed in leads, apart from adding to their history.

A lost lead is `New` again, and a rule may have given it to someone else; one that couldn't be
reached is due now. The import's lines of history keep what was there before that, for an undo.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from backend.core.database.bulk_insert import among
from backend.core.leads import merge_records, owners
from backend.models import EventKind, Lead, LeadEvent, Status, User, WaitingLead

_KINDS = (EventKind.STATUS, EventKind.FOLLOW_UP, EventKind.ASSIGNED)
# What an unreachable lead loses when it's due now.
_TRIES = ("unreachable_since", "tries_since")
# A clock that runs until someone calls: for a lead that was lost or unreachable there was none.
_NO_CLOCK: dict[str, Any] = {"call_by": None, "handed_over_at": None}


def before(session: Session, lead_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return what the lines of history keep of unreachable leads, by lead."""
    columns = [getattr(Lead, name) for name in _TRIES]
    query = select(col(Lead.id), *columns).where(among(session, col(Lead.id), lead_ids))
    return {
        id: {"was": merge_records.encode(dict(zip(_TRIES, values, strict=True)))}
        for id, *values in session.connection().execute(query)
    }


def undo(
    session: Session, import_id: int, lead_ids: Sequence[int], by: int | None, at: datetime
) -> None:
    """Make locked leads that an import has reopened what they were, and remove the lines of that.

    An owner who may not own the lead any more doesn't get it back: it's the queue's.
    """
    own = col(LeadEvent.import_id) == import_id, among(session, col(LeadEvent.lead_id), lead_ids)
    query = (
        select(*(col(LeadEvent.id), col(LeadEvent.lead_id), col(LeadEvent.kind)))
        .add_columns(col(LeadEvent.data))
        .where(*own, col(LeadEvent.kind).in_(_KINDS))
        .order_by(col(LeadEvent.id))
    )
    # By kind and lead, the data of the first line: it tells what was there before the import.
    found: dict[str, dict[int, dict[str, Any]]] = {kind: {} for kind in _KINDS}
    first: dict[int, int] = {}
    for line_id, lead_id, kind, data in session.connection().execute(query):
        found[kind].setdefault(lead_id, orjson.loads(data))
        first.setdefault(lead_id, line_id or 0)
    _close(session, sorted(found[EventKind.STATUS]))
    _give_up(session, found[EventKind.FOLLOW_UP])
    given = found[EventKind.ASSIGNED]
    plan = {id: _owner_before(session, id, first[id], said) for id, said in given.items()}
    owners.give_back(session, plan)
    session.connection().execute(delete(LeadEvent).where(*own))
    owners.release(session, sorted(plan), by, at)


def _close(session: Session, lead_ids: Sequence[int]) -> None:
    """Make leads dead again: nobody waits to be given one."""
    change = update(Lead).where(among(session, col(Lead.id), lead_ids))
    session.connection().execute(change.values(status=Status.DEAD, **_NO_CLOCK))
    waits = among(session, col(WaitingLead.lead_id), lead_ids)
    session.connection().execute(delete(WaitingLead).where(waits))


def _give_up(session: Session, due: Mapping[int, Mapping[str, Any]]) -> None:
    """Make leads unreachable again that are due now."""
    for id, said in due.items():
        change = update(Lead).where(col(Lead.id) == id, col(Lead.next_followup_date).is_not(None))
        # An import of an older version doesn't tell since when.
        since: dict[str, Any] = {"unreachable_since": col(Lead.tries_since)}
        if "was" in said:
            since = merge_records.decode(said["was"])
        values = {"next_followup_date": None, **_NO_CLOCK, **since}
        session.connection().execute(change.values(**values))


def _owner_before(
    session: Session, lead_id: int, line_id: int, said: Mapping[str, Any]
) -> int | None:
    """Return the owner that a lead had before a line of history that says who got it."""
    if "from_id" in said or said["from"] is None:
        owner_id: int | None = said.get("from_id")
        return owner_id
    # An import of an older version has the name only.
    query = (
        select(col(LeadEvent.data))
        .where(
            col(LeadEvent.lead_id) == lead_id,
            col(LeadEvent.kind) == EventKind.ASSIGNED,
            col(LeadEvent.id) < line_id,
        )
        .order_by(col(LeadEvent.id).desc())
        .limit(1)
    )
    earlier = session.connection().scalar(query)
    if earlier is not None:
        last = orjson.loads(earlier)
        if last["to"] == said["from"]:
            named: int | None = last["owner_id"]
            return named
    return _only(session.scalars(select(col(User.id)).where(col(User.full_name) == said["from"])))


def _only(ids: Iterable[int | None]) -> int | None:
    """Return the one id, or None if there are several."""
    found = [*ids]
    return found[0] if len(found) == 1 else None
