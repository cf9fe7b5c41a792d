"""Change several leads at once, and undo that at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person, visible_to
from backend.core.database.bulk_insert import among
from backend.core.errors import ChangeNotFound, Conflict
from backend.core.leads import detail, editing, lead_state, merged, owners, restoring
from backend.core.leads.history import event
from backend.models import BulkChange, EventKind, Lead, Role
from backend.schemas.leads import Changed, LeadsChange, Restored


def change(session: Session, person: Person, wanted: LeadsChange, zone: ZoneInfo) -> Changed:
    """Change those of the leads that the person may see. Raises `Invalid`."""
    now = times.now()
    leads = _find(session, person, wanted.ids)
    before = {lead.id: lead_state.state(lead) for lead in leads}
    for lead in leads:
        editing.set_work(session, lead, wanted, person.id, zone, now)
    if "owner_id" in wanted.model_fields_set:
        owners.assign(session, leads, wanted.owner_id, person.id, now)
    return keep(session, person, leads, before, now)


def keep(
    session: Session,
    person: Person,
    leads: Sequence[Lead],
    before: Mapping[int | None, dict[str, Any]],
    now: datetime,
) -> Changed:
    """Keep what is needed to undo a change of leads; `before` has their states by id."""
    session.flush()
    became: dict[int | None, dict[str, Any]] = {}
    for lead in leads:
        was = before[lead.id]
        if differing := lead_state.differences(was, lead_state.state(lead, was)):
            became[lead.id] = {name: to for name, (_, to) in differing.items()}
    if not became:
        return {"id": None, "changed": 0}
    last = detail.versions(session, [id or 0 for id in became])
    kept = BulkChange(
        user_id=person.id,
        at=now,
        changes=[
            {"id": id, "was": before[id], "to": to, "version": last[id or 0]}
            for id, to in became.items()
        ],
    )
    session.add(kept)
    session.flush()
    return {"id": kept.id, "changed": len(became)}


def undo(session: Session, person: Person, change_id: int) -> Restored:
    """Undo a change, except for leads that someone has worked on since.

    People undo their own changes, a team lead any. Raises `ChangeNotFound` and `Conflict`.
    """
    kept = session.get(BulkChange, change_id, with_for_update=True)
    if kept is None or (kept.user_id != person.id and person.role != Role.TEAM_LEAD):
        raise ChangeNotFound
    if kept.undone:
        raise Conflict("This change has already been undone")
    kept.undone = True
    was = {one["id"]: one for one in kept.changes}
    leads = [lead for lead in _find(session, person, list(was)) if lead.id in was]
    last = detail.versions(session, list(was))
    now = times.now()
    restored = set()
    for lead in leads:
        assert lead.id is not None
        if not _is_left(session, lead, was[lead.id], last[lead.id]):
            continue
        restoring.restore(session, lead, was[lead.id]["was"], person.id, now)
        session.add(event(lead.id, now, EventKind.EDITED, person.id, undone=change_id))
        restored.add(lead.id)
    worked_on = [id for id in was if id not in restored]
    parts = merged.current_ids(session, worked_on)
    ids = dict.fromkeys(parts.get(id, id) for id in worked_on)
    return {"restored": len(restored), "kept": [*ids]}


def _is_left(session: Session, lead: Lead, change: Mapping[str, Any], version: int) -> bool:
    """Return whether a lead is as a change has left it, apart from what was undone since."""
    if version == change["version"]:
        return True
    # A change of an earlier version doesn't say what it has changed.
    if "to" not in change or lead_state.state(lead, change["to"]) != change["to"]:
        return False
    return not restoring.worked_on(session, lead.id or 0, change["version"])


def _find(session: Session, person: Person, ids: list[int]) -> list[Lead]:
    """Return the leads that the person can see, locked; for merged ones, those they're part of."""
    if not ids:
        return []
    now = merged.current_ids(session, ids)
    query = (
        select(Lead)
        .where(among(session, col(Lead.id), [now.get(id, id) for id in ids]), visible_to(person))
        # Always in one order, so that no two wait for each other.
        .order_by(col(Lead.id))
        .with_for_update()
    )
    leads = list(session.scalars(query))
    # While this waited for the locks, a lead may have been merged.
    return leads if merged.current_ids(session, ids) == now else _find(session, person, ids)
