"""A lead from a form, in the flat form that the academy's own pages send."""

from sqlmodel import Session

from backend.core import times
from backend.core.centers import Directory
from backend.core.history import event
from backend.models import EventKind, Lead
from backend.schemas.leads import FlatLead, Received, Refused


def receive(session: Session, flat: FlatLead) -> Received | Refused:
    phone = (flat.phone_number or "").strip()
    tag = (flat.nearest_center or "").strip()
    if not phone:
        return _refused("Phone number is required")
    if not tag:
        return _refused("Center/Location is required")
    center_id = Directory.read(session).find(tag)
    if center_id is None:
        return _refused(f"Center '{tag}' not found")
    now = times.now()
    lead = Lead(
        created_time=now,
        player_name=_given(flat.full_name),
        player_age_category=_given(flat.player_age_category),
        phone=phone,
        email=_given(flat.email_address),
        address=_given(flat.address_and_pincode),
        center_id=center_id,
    )
    session.add(lead)
    session.flush()
    assert lead.id is not None
    session.add(event(lead.id, now, EventKind.CREATED, source="webhook"))
    return {"status": "success", "message": "Lead created successfully", "lead_id": lead.id}


def _given(text: str | None) -> str | None:
    return (text or "").strip() or None


def _refused(message: str) -> Refused:
    return {"status": "error", "message": message}
