"""Remove leads, with all that belongs to them alone."""

from collections.abc import Iterable

from sqlalchemy import delete, update
from sqlmodel import Session, col

from backend.core.alerts import withdrawing
from backend.core.database.bulk_insert import among, batches
from backend.core.leads import search
from backend.core.outbox import messages
from backend.models import (
    AliasedLead,
    Attempt,
    Comment,
    Consent,
    ImportRow,
    Lead,
    LeadEvent,
    LeadOrigin,
    MissedTarget,
    MovedLead,
    RecentEdit,
)

# What belongs to one lead alone, but for its further numbers: the database removes those with it.
OWN = (
    *(LeadOrigin, LeadEvent, Comment, Consent, AliasedLead, MovedLead),
    *(Attempt, RecentEdit, MissedTarget),
)


def remove(session: Session, leads: Iterable[int]) -> None:
    """Remove leads that nobody has worked on. Their deliveries must no longer belong to a lead.

    Their comments, if any, came with an import.
    """
    for batch in batches(sorted(leads)):
        connection = session.connection()
        withdrawing.leave_all(session, batch)
        for table in OWN:
            connection.execute(delete(table).where(among(session, col(table.lead_id), batch)))
        # SQLite may give the id to another lead: rows of older imports mustn't name that one.
        told = among(session, col(ImportRow.lead_id), batch)
        connection.execute(update(ImportRow).where(told).values(lead_id=None))
        connection.execute(delete(Lead).where(among(session, col(Lead.id), batch)))
        search.drop(session, batch)
        messages.forget_leads(session, batch)
