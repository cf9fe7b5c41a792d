"""Change or delete several leads at once, and undo such a change."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person, visible_to
from backend.core.database.bulk_insert import among
from backend.core.errors import ChangeNotFound, Conflict
from backend.core.leads import (
    changes,
    deleting,
    detail,
    editing,
    first_calls,
    lead_state,
    merged,
    owners,
    restoring,
)
from backend.core.leads.history import event
from backend.core.settings import Settings
from backend.models import BulkChange, EventKind, Lead, Role
from backend.schemas.leads import Changed, LeadsChange, Restored, WorkChange

_NO_COMMENTS: Mapping[int | None, int] = MappingProxyType({})


def change(session: Session, person: Person, wanted: LeadsChange, zone: ZoneInfo) -> Changed:
    """Change or delete those of the leads that the person may see.

    Raises `Forbidden` and `Invalid`.
    """
    deleting.prepare(session, person, wanted)
    leads = _find(session, person, wanted.ids)
    kept = apply(session, leads, wanted, person.id, zone)
    return save(session, kept)


def apply(
    session: Session, leads: Sequence[Lead], wanted: WorkChange, by: int, zone: ZoneInfo
) -> BulkChange:
    """Change or delete locked leads. Return the change by which that can be undone.

    Raises `Invalid`.
    """
    now = times.now()
    if wanted.delete:
        return deleting.delete(session, leads, by, now)
    before = {lead.id: lead_state.state(lead) for lead in leads}
    comments: dict[int | None, int] = {}
    for lead in leads:
        editing.set_work(session, lead, wanted, by, zone, now)
        if wanted.comment:
            comments[lead.id] = changes.add_comment(session, lead, wanted.comment, by, now)
    if "owner_id" in wanted.model_fields_set:
        others = [lead for lead in leads if lead.owner_id != wanted.owner_id]
        owners.assign(session, others, wanted.owner_id, by, now)
        first_calls.restart(session, others, zone, now)
    return what_changed(session, leads, before, by, now, comments)


def what_changed(
    session: Session,
    leads: Sequence[Lead],
    before: Mapping[int | None, dict[str, Any]],
    by: int,
    now: datetime,
    comments: Mapping[int | None, int] = _NO_COMMENTS,
) -> BulkChange:
    """Return what is needed to undo a change of leads.

    `before` has their states and `comments` the ids of those that were added, by the leads' ids.
    """
    session.flush()
    became: dict[int | None, dict[str, Any]] = {}
    for lead in leads:
        was = before[lead.id]
        differing = lead_state.differences(was, lead_state.state(lead, was))
        if differing or lead.id in comments:
            became[lead.id] = {name: to for name, (_, to) in differing.items()}
    last = detail.versions(session, [id or 0 for id in became])
    kept: list[dict[str, Any]] = []
    for id, to in became.items():
        was = {name: before[id][name] for name in to}
        one = {"id": id, "was": was, "to": to, "version": last[id or 0]}
        kept.append(one | ({"comment": comments[id]} if id in comments else {}))
    return BulkChange(user_id=by, at=now, changes=kept)


def save(session: Session, kept: BulkChange) -> Changed:
    """Save a change so that it can be undone, unless it has changed nothing."""
    if not kept.changes:
        return {"id": None, "changed": 0}
    session.add(kept)
    session.flush()
    return {"id": kept.id, "changed": len(kept.changes)}


def undo(session: Session, settings: Settings, person: Person, change_id: int) -> Restored:
    """Undo a change, except for leads that someone has worked on since.

    People undo their own changes, a team lead any. Raises `ChangeNotFound`, `Conflict`, and
    `Forbidden` for a deletion.
    """
    kept = session.get(BulkChange, change_id, with_for_update=True)
    if kept is None or (kept.user_id != person.id and person.role != Role.TEAM_LEAD):
        raise ChangeNotFound
    if kept.undone:
        raise Conflict("This change has already been undone")
    return take_back(session, settings, person, kept)


def take_back(session: Session, settings: Settings, person: Person, kept: BulkChange) -> Restored:
    """Undo a locked change, except for leads that someone has worked on since.

    Raises `Forbidden` for a deletion.
    """
    if deleting.is_deletion(kept):
        back = deleting.restore(session, person, kept, settings.erasure_secret)
    else:
        back = _restore(session, person, kept)
    kept.undone = True
    others = [one["id"] for one in kept.changes if one["id"] not in back]
    parts = merged.current_ids(session, others)
    ids = dict.fromkeys(parts.get(id, id) for id in others)
    return {"restored": len(back), "kept": [*ids]}


def _restore(session: Session, person: Person, kept: BulkChange) -> set[int]:
    """Restore leads as they were before a change. Return the ids of those that are."""
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
        if "comment" in was[lead.id]:
            changes.remove_comment(session, lead.id, was[lead.id]["comment"])
        session.add(event(lead.id, now, EventKind.EDITED, person.id, undone=kept.id))
        restored.add(lead.id)
    return restored


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
