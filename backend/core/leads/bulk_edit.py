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
from backend.core.leads import changes, detail, editing, merged, owners
from backend.core.leads.history import event
from backend.models import BulkChange, EventKind, Lead, Role
from backend.schemas.leads import Changed, LeadsChange, Restored

# What an undo restores, including how far a lead came.
_KEPT = (
    "status", "next_followup_date", "trial_at", "lost_reason",
    "called_at", "trialled_at", "joined_at", "lost_at",
    "attended_at", "trial_outcome", "lost_reason_text",
    "unreachable_since", "tries_since", "wrong_phone", "owner_id",
    "player_age_category", "source",
)  # fmt: skip
_TEXTS = {
    "status", "lost_reason", "trial_outcome", "lost_reason_text", "wrong_phone",
    "player_age_category", "source",
}  # fmt: skip
_TIMES = frozenset(_KEPT) - _TEXTS - {"owner_id"}


def change(session: Session, person: Person, wanted: LeadsChange, zone: ZoneInfo) -> Changed:
    """Change those of the leads that the person may see. Raises `Invalid`."""
    now = times.now()
    leads = _find(session, person, wanted.ids)
    before = {lead.id: state(lead) for lead in leads}
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
    changed = [lead for lead in leads if state(lead) != before[lead.id]]
    last = detail.versions(session, [lead.id or 0 for lead in changed])
    kept = BulkChange(
        user_id=person.id,
        at=now,
        changes=[
            {"id": lead.id, "was": before[lead.id], "version": last[lead.id or 0]}
            for lead in changed
        ],
    )
    session.add(kept)
    session.flush()
    assert kept.id is not None
    return {"id": kept.id, "changed": len(changed)}


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
    restored = 0
    for lead in leads:
        assert lead.id is not None
        if last[lead.id] != was[lead.id]["version"]:
            continue
        # A change of owners alone has nothing else.
        restore(session, lead, state(lead) | was[lead.id]["was"], person.id)
        session.add(event(lead.id, now, EventKind.EDITED, person.id, undone=change_id))
        restored += 1
    seen = {lead.id for lead in leads}
    worked_on = [id for id in was if id not in seen or last[id] != was[id]["version"]]
    parts = merged.current_ids(session, worked_on)
    return {"restored": restored, "kept": [*dict.fromkeys(parts.get(id, id) for id in worked_on)]}


def restore(session: Session, lead: Lead, was: dict[str, Any], by: int) -> None:
    """Restore what `state` has returned of a lead, with the lines of history."""
    state: dict[str, Any] = {
        name: datetime.fromisoformat(value) if name in _TIMES and value else value
        for name, value in was.items()
    }
    now = times.now()
    changes.set_status(session, lead, state["status"], by, now)
    changes.set_follow_up(session, lead, state["next_followup_date"], by, now)
    changes.set_trial(session, lead, state["trial_at"], by, now)
    # A change of an earlier version has fewer columns.
    if "owner_id" in state:
        owners.restore(session, lead, state.pop("owner_id"), by, now)
    for name in state.keys() & {*_KEPT}:
        setattr(lead, name, state[name])


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


def state(lead: Lead) -> dict[str, Any]:
    """Return what can be restored of a lead, as JSON has it."""
    state = {name: getattr(lead, name) for name in _KEPT}
    return {
        name: value.isoformat() if name in _TIMES and value is not None else value
        for name, value in state.items()
    }
