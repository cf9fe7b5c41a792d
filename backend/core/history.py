"""What happened to a lead, a line for each change, written in the change's own transaction."""

from datetime import datetime
from typing import Any

import orjson

from backend.models import EventKind, LeadEvent


def event(
    lead_id: int, at: datetime, kind: EventKind, user_id: int | None = None, **data: Any
) -> LeadEvent:
    """A line of history; `at` is in UTC, `data` must fit into JSON."""
    return LeadEvent(lead_id=lead_id, at=at, user_id=user_id, kind=kind, data=encode(data))


def encode(data: dict[str, Any]) -> str:
    return orjson.dumps(data, option=orjson.OPT_UTC_Z).decode()
