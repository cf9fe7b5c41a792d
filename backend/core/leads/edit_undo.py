"""Undo an edit of one lead, if nobody has changed the same fields since.

Comments stay, as when a call is undone.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person
from backend.core.error_text import lowered
from backend.core.errors import CenterNotFound, ChangeNotFound, Conflict
from backend.core.field_labels import FIELDS
from backend.core.leads import (
    changes,
    detail,
    edit_records,
    editing,
    lead_state,
    merge_records,
    restoring,
    search,
)
from backend.core.leads.history import event
from backend.models import EventKind, Lead, LeadEvent, RecentEdit, Role, User
from backend.schemas.actions import UndoneEdit

_CENTER_GONE = "This lead's previous center is archived, or you don't have access to it"
# What has no line of history of its own.
_SAID = {*lead_state.FIELDS, "lost_reason", "lost_reason_text", "trial_outcome"}
# The lines of history that tell of a change of a field; of others, those of an edit.
_KINDS = {
    "status": (EventKind.STATUS, EventKind.CALL),
    "next_followup_date": (EventKind.FOLLOW_UP,),
    "trial_at": (EventKind.TRIAL,),
    "owner_id": (EventKind.ASSIGNED,),
    "center_id": (EventKind.EDITED, EventKind.MOVED),
}


def undo(session: Session, person: Person, lead_id: int, edit_id: int) -> UndoneEdit:
    """Undo an edit. People undo their own, a team lead any.

    Raises `LeadNotFound`, `ChangeNotFound`, and `Conflict`, which says what was changed since.
    """
    lead = changes.find(session, person, lead_id)
    assert lead.id is not None
    edit = session.get(RecentEdit, edit_id, populate_existing=True)
    if (
        edit is None
        or edit.lead_id not in (lead.id, lead_id)
        or (edit.user_id != person.id and person.role != Role.TEAM_LEAD)
    ):
        raise ChangeNotFound
    now = times.now()
    if edit.undone_at is not None:
        raise Conflict("This change has already been undone")
    if edit.lead_id != lead.id:
        raise Conflict("This lead was merged into another one since then. Undo the merge first")
    if edit.at < now - edit_records.KEPT:
        raise Conflict("This change is more than a day old. Edit the lead instead")
    read = {name: getattr(lead, name) for name in edit_records.READ}
    if disputed := edit_records.disputed(edit, read):
        raise Conflict(_told(session, person, edit, disputed))
    _restore(session, person, lead, edit, now)
    edit.undone_at = now
    session.flush()
    return {"id": edit_id, "lead": detail.show(session, person, lead.id)}


def _restore(session: Session, person: Person, lead: Lead, edit: RecentEdit, now: datetime) -> None:
    assert lead.id is not None
    was = {name: before for name, (before, _) in edit.changes.items()}
    clock = was.keys() & lead_state.CLOCK
    if any(lead_state.state(lead, [name])[name] != edit.changes[name][1] for name in clock):
        # Someone has worked on the lead since, or it has a clock of its own.
        for name in clock:
            del was[name]
    if "center_id" in was:
        try:
            editing.check_center(session, person, was["center_id"])
        except CenterNotFound:
            raise Conflict(_CENTER_GONE) from None
    if edit_records.NUMBERS in was:
        _restore_numbers(session, lead.id, *edit.changes[edit_records.NUMBERS])
    said = {
        name: {"from": to, "to": before}
        for name, (before, to) in edit.changes.items()
        if name in _SAID
    }
    restoring.restore(session, lead, was, person.id, now)
    line = event(lead.id, now, EventKind.EDITED, person.id, edit_id=edit.id, undone=True, **said)
    session.add(line)
    if was.keys() & {"player_name", "phone", "email"}:
        search.forget(lead)


def _restore_numbers(
    session: Session, lead_id: int, before: list[list[Any]], after: list[list[Any]]
) -> None:
    """Restore the further numbers, except for those that an enquiry has brought since."""
    was, became = (dict(map(tuple, one)) for one in (before, after))
    now = dict(merge_records.numbers_of(session, lead_id))
    wanted = {number: by for number, by in now.items() if number not in became} | was
    merge_records.set_numbers(session, lead_id, wanted)


def _told(session: Session, person: Person, edit: RecentEdit, fields: Sequence[str]) -> str:
    """Return the sentence that says what was changed since an edit, and who did it."""
    labels = dict.fromkeys(lowered(FIELDS[name].label) for name in fields)
    *most, last = labels
    what = f"{', '.join(most)} and {last}" if most else last
    kinds = {kind for name in fields for kind in _KINDS.get(name, (EventKind.EDITED,))}
    query = (
        select(col(LeadEvent.user_id), col(User.full_name))
        .join_from(LeadEvent, User, col(User.id) == col(LeadEvent.user_id))
        .where(
            col(LeadEvent.lead_id) == edit.lead_id,
            col(LeadEvent.at) > edit.at,
            col(LeadEvent.kind).in_(kinds),
        )
        .order_by(col(LeadEvent.id).desc())
        .limit(1)
    )
    by = session.connection().execute(query).first()
    if by is None:
        return f"Something has changed the {what} since then. Edit the lead instead"
    who = "You have" if by.user_id == person.id else f"{by.full_name} has"
    return f"{who} changed the {what} since then. Edit the lead instead"
