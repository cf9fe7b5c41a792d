"""The history of a lead: a line for each change, written in the transaction of the change."""

from datetime import datetime
from typing import Any

from backend.core.database.json_columns import encode
from backend.models import EventKind, LeadEvent


def event(
    lead_id: int, at: datetime, kind: EventKind, user_id: int | None = None, **data: Any
) -> LeadEvent:
    """Return a line of history; `at` is in UTC, `data` must fit into JSON."""
    return LeadEvent(lead_id=lead_id, at=at, user_id=user_id, kind=kind, data=encode(data))
