"""Health: the output of its routes."""

from datetime import datetime

from typing_extensions import TypedDict


class Alive(TypedDict):
    """The process is running, or its database is usable."""

    status: str


class GraphHealth(TypedDict):
    """Whether leads can be fetched from Meta, why not, and the end of a pause (UTC).

    `reason` is a code, `message` its text. With the reason `permission`, `open` is true but Meta
    refuses some leads.
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


class IntakeHealth(TypedDict):
    """The health of the intake.

    `states` counts the deliveries in each state. `oldest_waiting` is when the oldest open delivery
    arrived (UTC): one that isn't processed, dismissed or failed.
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
