"""Who must not be contacted: left out of the call queue and of exports, and shown everywhere."""

from sqlalchemy import ColumnElement
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person
from backend.core.leads import changes
from backend.core.leads.history import event
from backend.models import EventKind, Lead


def allowed() -> ColumnElement[bool]:
    """Return the condition that a lead may be contacted: for everything that calls or sends."""
    return col(Lead.do_not_contact).is_(False)


def set_allowed(session: Session, person: Person, lead_id: int, *, allowed: bool) -> int:
    """Set whether a lead may be contacted. Returns its id. Raises `LeadNotFound`."""
    lead = changes.find(session, person, lead_id)
    change(session, person, lead, allowed=allowed)
    session.flush()
    assert lead.id is not None
    return lead.id


def change(session: Session, person: Person, lead: Lead, *, allowed: bool) -> None:
    """Change a locked lead, with a line in its history."""
    if lead.do_not_contact == allowed:
        lead.do_not_contact = not allowed
        changes.worked_on(lead)
        assert lead.id is not None
        kind = EventKind.CONTACT_ALLOWED if allowed else EventKind.DO_NOT_CONTACT
        session.add(event(lead.id, times.now(), kind, person.id))
