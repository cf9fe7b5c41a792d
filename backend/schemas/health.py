"""How the installation is doing: what is answered."""

from datetime import datetime

from typing_extensions import TypedDict


class Alive(TypedDict):
    """The process serves, or the database can be used too."""

    status: str


class GraphHealth(TypedDict):
    """Whether leads can be read from Meta, why not, and until when it is paused (UTC).

    `reason` is a code, `message` its text. With `permission` it is open, but some leads are
    refused.
    """

    open: bool
    reason: str | None
    message: str | None
    paused_until: datetime | None


class BackfillHealth(TypedDict):
    """How the last backfill went (a code and its text), and when the next one is due (UTC)."""

    reason: str
    message: str
    next_at: datetime


class SilentForm(TypedDict):
    """A form that used to bring a lead every `usual_gap_seconds`, and has stopped."""

    form_id: str
    newest_lead_at: datetime
    usual_gap_seconds: int


class IntakeHealth(TypedDict):
    """How intake is doing.

    `states` counts the deliveries in each state; `oldest_waiting` is when the oldest one came that
    is received, waiting or retrying (UTC).
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
