"""Remove leads, with all that belongs to them alone."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, func, update
from sqlmodel import Session, col

from backend.core import times
from backend.core.alerts import withdrawing
from backend.core.database.bulk_insert import REMOVED_LEADS, among, batches
from backend.core.database.upsert import insert
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
    RetentionMark,
)

# What belongs to one lead alone, but for its further numbers: the database removes those with it.
OWN = (
    *(LeadOrigin, LeadEvent, Comment, Consent, AliasedLead, MovedLead),
    *(Attempt, RecentEdit, MissedTarget),
)


def remove(session: Session, leads: Iterable[int], *, but_events_from: int | None = None) -> None:
    """Remove leads. Their deliveries must no longer belong to a lead.

    Lines of history from the id `but_events_from` on stay. SQLite gives the ids of rows that were
    the last ones again; while a newer line stays, it doesn't give those of the lines before.
    """
    for batch in batches(sorted(leads)):
        connection = session.connection()
        keep_ids(connection, batch)
        withdrawing.leave_all(session, batch)
        for table in OWN:
            own = delete(table).where(among(session, col(table.lead_id), batch))
            if table is LeadEvent and but_events_from is not None:
                own = own.where(col(LeadEvent.id) < but_events_from)
            connection.execute(own)
        told = among(session, col(ImportRow.lead_id), batch)
        connection.execute(update(ImportRow).where(told).values(lead_id=None))
        connection.execute(delete(Lead).where(among(session, col(Lead.id), batch)))
        search.drop(session, batch)
        messages.forget_leads(session, batch)


def keep_ids(connection: Connection, ids: Sequence[int]) -> None:
    """Let no other lead get the ids of leads that are being removed; PostgreSQL doesn't anyway."""
    if connection.dialect.name != "sqlite":
        return
    mark = {"name": REMOVED_LEADS, "last_id": max(ids), "at": times.now()}
    kept = insert(connection, RetentionMark).values(mark)
    higher = func.max(col(RetentionMark.last_id), kept.excluded.last_id)
    connection.execute(
        kept.on_conflict_do_update(index_elements=["name"], set_={"last_id": higher})
    )
