"""Restore what a change of a lead has changed, and find out whether someone worked on it since.

An undo adds lines of history, and so a version. What was done and then undone isn't work: a change
of several leads that came before it can still be undone.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlmodel import Session, col

from backend.core.database.bulk_insert import among
from backend.core.leads import attempt_counts, changes, lead_state, merge_records, owners
from backend.models import Attempt, BulkChange, EventKind, Lead, LeadEvent, RecentEdit

# By the name that the line of an undo has for it: what was undone.
_UNDONE: dict[str, Any] = {"call_id": Attempt, "edit_id": RecentEdit, "undone": BulkChange}


def restore(session: Session, lead: Lead, was: Mapping[str, Any], by: int, now: datetime) -> None:
    """Restore columns of a locked lead, as `lead_state` has them, with the lines of history."""
    wanted = merge_records.decode(was)
    tries_since = lead.tries_since
    # What follows from a status is restored with it, and what else follows is as it is.
    state = {name: getattr(lead, name) for name in lead_state.WORK} | wanted
    if "center_id" in wanted:
        # Who may own the lead depends on it.
        lead.center_id = wanted["center_id"]
    changes.set_status(session, lead, state["status"], by, now)
    changes.set_follow_up(session, lead, state["next_followup_date"], by, now)
    changes.set_trial(session, lead, state["trial_at"], by, now)
    if "owner_id" in wanted:
        owners.restore(session, lead, wanted["owner_id"], by, now)
    del state["owner_id"]
    for name, value in state.items():
        setattr(lead, name, value)
    if lead.tries_since != tries_since:
        attempt_counts.set_counts(session, lead)


def worked_on(session: Session, lead_id: int, since: int) -> bool:
    """Return whether a lead's history has a line since that one which isn't undone."""
    query = (
        select(col(LeadEvent.at), col(LeadEvent.user_id), col(LeadEvent.kind), col(LeadEvent.data))
        .where(col(LeadEvent.lead_id) == lead_id, col(LeadEvent.id) > since)
        .order_by(col(LeadEvent.id))
    )
    lines = session.connection().execute(query).all()
    # All lines of a change have its time and its person.
    undone: set[tuple[datetime, int | None]] = set()
    ids: dict[str, set[int]] = {}
    for line in lines:
        said = orjson.loads(line.data) if line.kind in (EventKind.EDITED, EventKind.CALL) else {}
        if said.get("undone"):
            undone.add((line.at, line.user_id))
            name = next(one for one in _UNDONE if one in said)
            ids.setdefault(name, set()).add(said[name])
    for name, some in ids.items():
        undone |= _made(session, _UNDONE[name], some)
    return any((line.at, line.user_id) not in undone for line in lines)


def _made(session: Session, table: Any, ids: Iterable[int]) -> set[tuple[datetime, int | None]]:
    query = select(table.at, table.user_id).where(among(session, col(table.id), sorted(ids)))
    return {(at, user_id) for at, user_id in session.connection().execute(query)}
