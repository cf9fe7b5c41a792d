"""The counts of a lead's attempts, which its row has so that lists can filter and sort by them.

They are always counted from the rows of `Attempt`, in the transaction of a change: a lead has few.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlmodel import Session, col

from backend.models import Attempt, Lead, Outcome, Status

# Someone spoke to the parent.
ANSWERED = frozenset({Outcome.SPOKE, Outcome.CALL_BACK})
# A message is neither a call nor an answer: it doesn't count as a try of the retry plan.
MESSAGES = frozenset({Outcome.WHATSAPP})
UNANSWERED = frozenset(Outcome) - ANSWERED - MESSAGES
# A lead with one of these is called, or is not to be called any more: it isn't unreachable.
_NOT_UNREACHABLE = frozenset({Status.NEW, Status.JOINED, Status.DEAD})


class Tried(NamedTuple):
    """When an attempt was made, and how it went."""

    at: datetime
    outcome: str


def count(tried: Sequence[Tried], since: datetime | None) -> dict[str, Any]:
    """Return the lead's columns for its attempts, in order; tries before `since` don't count."""
    last = tried[-1] if tried else None
    return {
        "attempts": len(tried),
        "unanswered": _in_a_row(reversed(tried), since),
        "last_attempt_at": last and last.at,
        "last_outcome": last and last.outcome,
    }


def _in_a_row(newest_first: Iterable[Tried], since: datetime | None) -> int:
    tries = 0
    for one in newest_first:
        if one.outcome in ANSWERED or (since is not None and one.at < since):
            break
        tries += one.outcome in UNANSWERED
    return tries


def of_lead(session: Session, lead_id: int) -> list[Tried]:
    """Return the attempts of a lead, the oldest first, without those that were undone."""
    query = (
        select(col(Attempt.at), col(Attempt.outcome))
        .where(col(Attempt.lead_id) == lead_id, col(Attempt.undone_at).is_(None))
        .order_by(col(Attempt.at), col(Attempt.id))
    )
    return [Tried(*row) for row in session.connection().execute(query)]


def set_counts(session: Session, lead: Lead) -> None:
    """Count a locked lead's attempts again."""
    assert lead.id is not None
    session.flush()
    for name, value in count(of_lead(session, lead.id), lead.tries_since).items():
        setattr(lead, name, value)


def recount(session: Session, lead_id: int) -> None:
    """Count the attempts of a lead whose rows have moved, and keep what follows from them true."""
    columns = (col(Lead.tries_since), col(Lead.status), col(Lead.next_followup_date))
    query = select(*columns, col(Lead.called_at), col(Lead.unreachable_since))
    lead = session.connection().execute(query.where(col(Lead.id) == lead_id)).one()
    tried = of_lead(session, lead_id)
    values = count(tried, lead.tries_since)
    if is_settled(lead.status, lead.next_followup_date):
        values["unreachable_since"] = None
    calls = [one.at for one in tried if one.outcome not in MESSAGES]
    if lead.called_at is None and calls:
        values["called_at"] = calls[0]
    session.connection().execute(update(Lead).where(col(Lead.id) == lead_id).values(**values))


def is_settled(status: str, next_date: datetime | None) -> bool:
    """Return whether it's known when a lead is called next, or that it isn't."""
    return next_date is not None or status in _NOT_UNREACHABLE
