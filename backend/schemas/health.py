"""Health: the output of its routes."""

from datetime import date, datetime

from typing_extensions import TypedDict


class Alive(TypedDict):
    """The process is running, or its database is usable."""

    status: str


class GraphHealth(TypedDict):
    """Whether leads can be fetched from Meta, why not, and the end of a pause (UTC).

    `reason` is a code, `message` its text. With the reasons `permission` and `missing`, `open` is
    true but Meta refuses some leads, or doesn't have them: it doesn't always say which.
    """

    open: bool
    reason: str | None
    message: str | None
    paused_until: datetime | None


class BackfillHealth(TypedDict):
    """The result of the last backfill (a code and its text), and when the next one is due (UTC)."""

    reason: str
    message: str
    next_at: datetime


class SilentForm(TypedDict):
    """A form that usually brings a lead every `usual_gap_seconds`, and has stopped."""

    form_id: str
    newest_lead_at: datetime
    usual_gap_seconds: int


class NewForm(TypedDict):
    """A form on Meta that has appeared in the last days. Its name is null until it was read."""

    form_id: str
    name: str | None
    page_id: str | None
    seen_at: datetime


class VersionHealth(TypedDict):
    """The version of Meta's Graph API; `message` is null unless it ends soon, or Meta warns.

    `ends_on` is its last day, where that is known.
    """

    version: str
    ends_on: date | None
    message: str | None


class IntakeHealth(TypedDict):
    """The health of the intake.

    `states` counts the deliveries in each state. `oldest_waiting` is when the oldest open delivery
    arrived (UTC): one that isn't processed, dismissed or failed. `webhook_open` is whether anyone
    can send leads. `outbox` counts the messages that wait to be sent, and those that have failed.
    """

    signature_set: bool
    verify_token_set: bool
    access_token_set: bool
    webhook_token_set: bool
    graph: GraphHealth
    backfill: BackfillHealth | None
    states: dict[str, int]
    oldest_waiting: datetime | None
    failed: int
    silent_forms: list[SilentForm]
    new_forms: list[NewForm]
    graph_version: VersionHealth
    webhook_open: bool
    outbox: dict[str, int]
