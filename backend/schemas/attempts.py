"""Attempts to reach a lead: the input and output of their routes."""

from datetime import datetime

from pydantic import Field
from typing_extensions import TypedDict

from backend.models import Outcome, TrialOutcome
from backend.schemas.fields import BodyId, Id, Line, Moment, Prose, Schema
from backend.schemas.leads import LeadDetail, LocalMoment

MOST_SECONDS = 86_400


class NewAttempt(Schema):
    """An attempt to reach a lead, and the changes of the lead that go with it, all optional.

    Without `next_followup_date` a call that was not answered sets it by the retry plan.
    """

    outcome: Outcome
    seconds: int | None = Field(
        None,
        strict=True,
        ge=0,
        le=MOST_SECONDS,
        description="How long it took from tapping Call until the person was back.",
    )
    client_key: Line | None = Field(
        None,
        min_length=8,
        max_length=64,
        description="The client's own random text for this attempt: sent again, it counts once.",
    )
    status: Line | None = None
    next_followup_date: LocalMoment = None
    trial_at: LocalMoment = None
    lost_reason: Line | None = None
    lost_reason_text: Line | None = None
    trial_outcome: TrialOutcome | None = None
    comment: Prose | None = None
    text_id: BodyId | None = Field(
        None, description="The WhatsApp text that was sent; only with the outcome `whatsapp`."
    )
    at: Moment | None = Field(
        None,
        description="When it was made, if not now: at most seven days ago. Without an offset, in "
        "the settings' zone. A time in the future counts as now.",
    )


class AttemptId(Schema):
    """The path parameters of one attempt."""

    id: Id
    call_id: Id


class AttemptOut(TypedDict):
    """An attempt to reach a lead (UTC); `who` is null for one that no person has made.

    `text_id` is the WhatsApp text that was chosen, if any.
    """

    id: int
    at: datetime
    outcome: str
    seconds: int | None
    comment_id: int | None
    who: str | None
    text_id: int | None


class Attempts(TypedDict):
    """A lead's attempts, the newest first, and when it's tried again if it doesn't answer now."""

    calls: list[AttemptOut]
    next_try: datetime | None


class Recorded(TypedDict):
    """The id of an attempt, and the lead as it's now."""

    id: int
    lead: LeadDetail
