"""The history of a lead: the input and output of its route."""

from datetime import datetime
from typing import Any

from pydantic import Field
from typing_extensions import TypedDict

from backend.schemas.fields import Id, Schema


class HistoryFilter(Schema):
    """The query for one page of a lead's history, newest first."""

    before: Id | None = Field(None, description="The id of the last event on the previous page.")
    limit: int = Field(50, ge=1, le=200)


class HistoryLine(TypedDict):
    """An event in a lead's history. `who` is null if no person made the change."""

    id: int
    at: datetime
    kind: str
    who: str | None
    data: dict[str, Any]
