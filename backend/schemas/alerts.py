"""Alerts: the input and output of their routes."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StrictBool
from typing_extensions import TypedDict

from backend.schemas.fields import BodyId, Id, Line, Schema


class AlertFilter(Schema):
    """The query for a page of alerts, newest first."""

    before: Id | None = Field(None, description="The id of the last item on the previous page.")
    limit: int = Field(30, ge=1, le=100)


class SeenAlerts(Schema):
    """Alerts that were seen."""

    ids: Annotated[list[BodyId], Field(max_length=100)] | None = Field(
        None, description="Their ids; without them, all."
    )


class Unseen(TypedDict):
    """How many alerts a person hasn't seen, up to 100, and the id of the newest of them."""

    unseen: int
    newest: int | None


class AlertOut(TypedDict):
    """An alert. `count` is of how many things it tells, `lead_id` the lead if it's about one."""

    id: int
    kind: str
    at: datetime
    count: int
    seen: bool
    lead_id: int | None
    player_name: str | None
    center_id: int | None


class AlertSettings(TypedDict):
    """Whether you get summaries by email, and whether this installation can send emails."""

    summaries: bool
    can_email: bool


class AlertSettingsChange(Schema):
    """A change to them. Fields that are missing stay as they are."""

    summaries: StrictBool | None = Field(
        None, description="Whether you want them; null for what is usual for your role."
    )


class BrowserKeys(Schema):
    """The keys of a browser's push subscription, in base64url."""

    p256dh: Line
    auth: Line


class Browser(Schema):
    """A browser that shows alerts: its push subscription, as `PushSubscription.toJSON` has it."""

    endpoint: Line
    keys: BrowserKeys


class BrowserEndpoint(Schema):
    """The browser to remove."""

    endpoint: Line


class PushKey(TypedDict):
    """The key with which browsers subscribe to alerts, in base64url."""

    key: str
