"""How the installation is: what is answered."""

from datetime import datetime

from typing_extensions import TypedDict


class Alive(TypedDict):
    """The process serves, or the database can be used too."""

    status: str


class GraphHealth(TypedDict):
    """Whether leads can be read from Meta, what is wrong, and until when it is paused (UTC).

    With the reason `permission` it is open, and some leads are refused.
    """

    open: bool
    reason: str | None
    note: str | None
    paused_until: datetime | None


class BackfillHealth(TypedDict):
    """What the last backfill has said, and when the next one is due (UTC)."""

    reason: str
    note: str
    next_at: datetime


class SilentForm(TypedDict):
    """A form that used to bring a lead within `usual_gap_seconds`, and does not any more."""

    form_id: str
    newest_lead_at: datetime
    usual_gap_seconds: int


class IntakeHealth(TypedDict):
    """How the way in is.

    `states` counts the deliveries in each state; `oldest_waiting` is when the oldest one came that
    is not done, discarded or given up (UTC).
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
