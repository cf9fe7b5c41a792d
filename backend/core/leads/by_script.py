"""What the models do for scripts that add, change or delete a `Lead` through a session.

The core itself gives its leads their keys, and removes leads in bulk.
"""

from sqlalchemy import Connection, delete, insert, inspect, or_, update
from sqlalchemy.orm import object_session
from sqlmodel import Session, col

from backend.core import installation, phones
from backend.core.leads import lead_phones, match_keys, removing, search
from backend.models import (
    Alert,
    Delivery,
    ImportRow,
    Lead,
    LeadClaim,
    LeadPhone,
    NotDuplicate,
    OutboxMessage,
    WaitingLead,
)


def fill_keys(lead: Lead) -> None:
    """Give a new lead the keys that it lacks. Raises `ConfigurationError`."""
    if lead.phone and lead.phone_key is None and lead.phone_issue is None:
        phone = phones.read(lead.phone, installation.settings().phone_region)
        lead.phone_key, lead.phone_extension = phone.e164, phone.extension
        lead.phone_issue = phone.issue.value if phone.issue else None
    lead.name_key = lead.name_key or match_keys.name_key(lead.player_name)
    lead.email_key = lead.email_key or match_keys.email_key(lead.email)


def renew_keys(lead: Lead) -> None:
    """Renew the keys of a lead's new name, phone or email, unless the script gives them, too.

    Raises `ConfigurationError`.
    """
    attributes = inspect(lead).attrs
    columns = ("player_name", "name_key", "phone", "phone_key", "phone_issue", "email", "email_key")
    changed = {name for name in columns if attributes[name].history.has_changes()}
    if not changed:
        return
    if "phone" in changed and not changed & {"phone_key", "phone_issue"}:
        session = object_session(lead)
        assert isinstance(session, Session)
        before = next(iter(attributes["phone"].history.deleted or ()), None)
        lead_phones.change(session, lead, before, installation.settings().phone_region)
    if "player_name" in changed and "name_key" not in changed:
        lead.name_key = match_keys.name_key(lead.player_name)
    if "email" in changed and "email_key" not in changed:
        lead.email_key = match_keys.email_key(lead.email)
    search.forget(lead)


def add_phones(connection: Connection, lead: Lead) -> None:
    """Add the further numbers of a new lead."""
    # A plain number, as nearly all are, has no others.
    if not lead.phone or lead.phone == lead.phone_key or lead.phone_key is None:
        return
    others = phones.read(lead.phone, installation.settings().phone_region).others
    if others:
        rows = [{"lead_id": lead.id, "phone_key": number} for number in others]
        connection.execute(insert(LeadPhone), rows)


def remove_rows(connection: Connection, lead_id: int) -> None:
    """Remove what belongs to a lead that is being deleted; deliveries and imports forget it."""
    removing.keep_ids(connection, [lead_id])
    for table in (*removing.OWN, LeadPhone, LeadClaim, WaitingLead, Alert, OutboxMessage):
        connection.execute(delete(table).where(col(table.lead_id) == lead_id))
    pair = or_(col(NotDuplicate.first_id) == lead_id, col(NotDuplicate.second_id) == lead_id)
    connection.execute(delete(NotDuplicate).where(pair))
    for kept in (Delivery, ImportRow):
        forget = update(kept).where(col(kept.lead_id) == lead_id).values(lead_id=None)
        connection.execute(forget)
    search.drop_from(connection, [lead_id])
