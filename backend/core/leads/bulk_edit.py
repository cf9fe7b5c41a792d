"""Change several leads at once, and undo that at once."""

from collections.abc import Sequence
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
from backend.schemas.leads import Changed, LeadsChange, Restored, WorkChange

# What an undo restores, including how far a lead came.
_KEPT = (
    "status", "next_followup_date", "trial_at", "lost_reason",
    "called_at", "trialled_at", "joined_at", "lost_at",
    "attended_at", "trial_outcome", "lost_reason_text",
    "unreachable_since", "tries_since", "wrong_phone", "owner_id",
)  # fmt: skip
_TEXTS = {"status", "lost_reason", "trial_outcome", "lost_reason_text", "wrong_phone"}
_TIMES = frozenset(_KEPT) - _TEXTS - {"owner_id"}


def change(session: Session, person: Person, wanted: LeadsChange, zone: ZoneInfo) -> Changed:
    """Change those of the leads that the person may see. Raises `Invalid`."""
    leads = _find(session, person, wanted.ids)
    kept = apply(session, leads, wanted, person.id, zone)
    session.add(kept)
    session.flush()
    assert kept.id is not None
    return {"id": kept.id, "changed": len(kept.changes)}


def apply(
    session: Session, leads: Sequence[Lead], wanted: WorkChange, by: int, zone: ZoneInfo
) -> BulkChange:
    """Change locked leads. Return the change by which that can be undone. Raises `Invalid`."""
    now = times.now()
    before = {lead.id: state(lead) for lead in leads}
    comments: dict[int, int] = {}
    for lead in leads:
        assert lead.id is not None
        editing.set_work(session, lead, wanted, by, zone, now)
        if wanted.comment:
            comments[lead.id] = changes.add_comment(session, lead, wanted.comment, by, now)
    if "owner_id" in wanted.model_fields_set:
        owners.assign(session, leads, wanted.owner_id, by, now)
    session.flush()
    last = detail.versions(session, [lead.id or 0 for lead in leads])
    kept = []
    for lead in leads:
        id = lead.id or 0
        if state(lead) != before[id] or id in comments:
            one = {"id": id, "was": _changed(before[id], state(lead)), "version": last[id]}
            kept.append(one | ({"comment": comments[id]} if id in comments else {}))
    return BulkChange(user_id=by, at=now, changes=kept)


def _changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return what a lead's columns were that have changed."""
    return {name: value for name, value in before.items() if value != after[name]}


def undo(session: Session, person: Person, change_id: int) -> Restored:
    """Undo a change, except for leads that someone has worked on since.

    People undo their own changes, a team lead any. Raises `ChangeNotFound` and `Conflict`.
    """
    kept = session.get(BulkChange, change_id, with_for_update=True)
    if kept is None or (kept.user_id != person.id and person.role != Role.TEAM_LEAD):
        raise ChangeNotFound
    if kept.undone:
        raise Conflict("This change has already been undone")
    return take_back(session, person, kept)


def take_back(session: Session, person: Person, kept: BulkChange) -> Restored:
    """Undo a locked change, except for leads that someone has worked on since."""
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
        # What has not changed isn't kept.
        restore(session, lead, state(lead) | was[lead.id]["was"], person.id)
        if "comment" in was[lead.id]:
            changes.remove_comment(session, lead.id, was[lead.id]["comment"])
        session.add(event(lead.id, now, EventKind.EDITED, person.id, undone=kept.id))
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
