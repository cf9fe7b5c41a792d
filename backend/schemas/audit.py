"""The audit trail: the input and output of its route."""

from datetime import datetime
from typing import Any

from pydantic import Field
from typing_extensions import TypedDict

from backend.schemas.fields import Id, Line, Schema


class AuditFilter(Schema):
    """The query for one page of the audit trail, newest first."""

    repeated = frozenset({"event"})

    event: list[Line] = Field([], max_length=100, description="Repeat for several values.")
    user_id: Id | None = Field(None, description="Who did it.")
    subject: Line | None = Field(None, description="What it was done to, such as `lead`.")
    subject_id: Id | None = None
    since: Line | None = Field(None, description="A day, or a date and time.")
    until: Line | None = Field(None, description="A day, which isn't included, or a date and time.")
    before: Id | None = Field(None, description="The id of the last event on the previous page.")
    limit: int = Field(50, ge=1, le=200)


class AuditLine(TypedDict):
    """An event of the audit trail.

    `user_id` is null for a stranger and for the command line. `subject` and `subject_id` say what
    it was done to, `data` has ids, codes and numbers. `address` is where a person signed in from,
    or failed to.
    """

    id: int
    at: datetime
    event: str
    user_id: int | None
    user_name: str | None
    subject: str | None
    subject_id: int | None
    address: str | None
    data: dict[str, Any]
