"""Rename an entry's old text on leads to its new one, as a bulk edit that can be undone.

An entry of a center's list is for that center's leads; one of the list of all centers is for the
leads of all that have no list of their own.
"""

from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person, visible_to
from backend.core.errors import Invalid
from backend.core.leads import bulk_edit, choice_editing, lead_state
from backend.core.leads.choices import COLUMNS, FIXED
from backend.core.leads.history import event
from backend.models import Choice, ChoiceKind, EventKind, Lead, Source
from backend.schemas.choices import LeadsQuery, LeadsRenamed, LeadsWith

# How many leads one request changes, as many as a bulk edit.
MOST = 1000


def count(session: Session, person: Person, wanted: LeadsQuery) -> LeadsWith:
    """Return how many leads of a list have a text."""
    conditions = _conditions(person, ChoiceKind(wanted.kind), wanted.center_id, wanted.was)
    return {"leads": _count(session, conditions)}


def rename(session: Session, person: Person, choice_id: int, was: str) -> LeadsRenamed:
    """Give leads that have a text the one of an entry, at most `MOST` of them.

    Raises `ChoiceNotFound`, and `Invalid` for a text that says how a lead came in, or `Other`.
    """
    choice = choice_editing.find(session, choice_id)
    kind = ChoiceKind(choice.kind)
    if was in FIXED.get(kind, ()) or (kind is ChoiceKind.SOURCE and was in {*Source}):
        raise Invalid.at("body", "was", msg="Leads with this text keep it")
    conditions = _conditions(person, kind, choice.center_id, was)
    name = COLUMNS[kind].key
    query = select(Lead).where(*conditions).order_by(col(Lead.id)).limit(MOST).with_for_update()
    leads = list(session.scalars(query)) if was != choice.text else []
    before = {lead.id: lead_state.state(lead, (*lead_state.WORK, name)) for lead in leads}
    now = times.now()
    for lead in leads:
        assert lead.id is not None
        edited = {name: {"from": was, "to": choice.text}}
        session.add(event(lead.id, now, EventKind.EDITED, person.id, **edited))
        setattr(lead, name, choice.text)
    changed = bulk_edit.what_changed(session, leads, before, person.id, now)
    kept = bulk_edit.save(session, changed)
    left = _count(session, conditions) if leads else 0
    return {"id": kept["id"], "changed": kept["changed"], "left": left}


def _conditions(
    person: Person, kind: ChoiceKind, center_id: int | None, was: str
) -> list[ColumnElement[bool]]:
    center: Any = col(Lead.center_id)
    if center_id is not None:
        of_list = center == center_id
    else:
        own = select(col(Choice.center_id)).where(
            col(Choice.kind) == kind,
            col(Choice.center_id).is_not(None),
            col(Choice.removed_at).is_(None),
        )
        of_list = or_(center.is_(None), center.not_in(own))
    return [COLUMNS[kind] == was, of_list, visible_to(person)]


def _count(session: Session, conditions: list[ColumnElement[bool]]) -> int:
    return session.connection().scalar(select(func.count(col(Lead.id))).where(*conditions)) or 0
