"""The outbox: the input and output of its routes."""

from datetime import datetime
from typing import Literal

from pydantic import Field
from typing_extensions import TypedDict

from backend.schemas.fields import Id, Schema

MessageStateName = Literal["waiting", "sent", "failed", "dismissed"]


class MessageId(Schema):
    """The path parameter of one message."""

    id: Id


class MessageFilter(Schema):
    """The query for a page of messages, newest first."""

    state: MessageStateName | None = None
    before: Id | None = Field(None, description="The id of the last item on the previous page.")
    limit: int = Field(50, ge=1, le=500)


class MessageRow(TypedDict):
    """A message that is to be told or sent, such as an email. Times are UTC.

    `channel` is how it's told, `kind` what, and `person` whose it is. `reason` is a code, `message`
    its text.
    """

    id: int
    channel: str
    kind: str
    state: str
    created_at: datetime
    due_at: datetime
    attempts: int
    reason: str | None
    message: str | None
    user_id: int | None
    person: str | None
    lead_id: int | None
