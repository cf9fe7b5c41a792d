"""Deliveries, forms and unknown centers: what is asked, and what is answered."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from backend.schemas.fields import Id, Line, Name, Schema

# Questions of one form that are kept to be shown and mapped, and characters of one.
MOST_QUESTIONS = 200
LONGEST_QUESTION = 500
State = Literal["received", "processed", "waiting", "retrying", "failed", "dismissed"]
Origin = Literal["meta", "webhook", "backfill", "upload"]
Digits = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,40}$")]


class Handshake(Schema):
    """The query of Meta's handshake with a webhook."""

    mode: Line = Field("", alias="hub.mode", description="`subscribe`.")
    verify_token: Line = Field("", alias="hub.verify_token", description="META_VERIFY_TOKEN.")
    challenge: Line = Field("", alias="hub.challenge", description="What is answered.")


class WebhookQuery(Schema):
    """The query of the webhook."""

    token: Line | None = Field(None, description="WEBHOOK_TOKEN, where it is not in the header.")


class Kept(TypedDict):
    """The answer to Meta: it is on disk."""

    status: str


class DeliveryId(Schema):
    """The path of one delivery."""

    id: Id


class DeliveryFilter(Schema):
    """Which deliveries to list, the newest first."""

    state: State | None = None
    source: Origin | None = None
    reason: Line | None = Field(None, description="For example `unknown_center`.")
    form_id: Line | None = None
    before: Id | None = Field(None, description="The id of the last one that was seen.")
    limit: int = Field(50, ge=1, le=500)


class DeliveryRow(TypedDict):
    """A delivery in a list: `reason` is a code, `message` its text; times are UTC."""

    id: int
    source: str
    state: str
    received_at: datetime
    reason: str | None
    message: str | None
    attempts: int
    due_at: datetime | None
    lead_id: int | None
    leadgen_id: str | None
    form_id: str | None
    center_text: str | None


class DeliveryOut(DeliveryRow):
    """One delivery: `body` is what came, `fetched` what the Graph API told of it."""

    parent_id: int | None
    closed_by: int | None
    body: str
    fetched: str | None


class Retry(Schema):
    """What to send through again: the one, or all that are open for its reason."""

    all_of_reason: bool = False


class Reopened(TypedDict):
    """How many deliveries go through again."""

    reopened: int


class Dismissal(Schema):
    """Why a delivery is put away."""

    reason: Name


class UnknownCenter(TypedDict):
    """A text that no center is known by, and how many deliveries wait for it."""

    text: str
    count: int
    oldest: datetime


class CenterMatch(Schema):
    """Which center a text means."""

    text: Name
    center_id: Id


class FormId(Schema):
    """The path of one form of Meta's."""

    id: Digits


def _by_question(value: object) -> object:
    """Checked as one: an error about one question would have that in its place, and so echo it."""
    if not isinstance(value, dict) or len(value) > MOST_QUESTIONS:
        most = {"most": MOST_QUESTIONS}
        raise PydanticCustomError("mapping", "Choose fields for at most {most} questions", most)
    for text in (*value, *value.values()):
        if not isinstance(text, str) or len(text) > LONGEST_QUESTION or "\0" in text:
            most = {"most": LONGEST_QUESTION}
            raise PydanticCustomError("mapping", "Use texts of at most {most} characters", most)
    return value


class FormMapping(Schema):
    """Which field each question of a form fills; a field is empty to keep it as an answer."""

    mapping: Annotated[dict[str, str], BeforeValidator(_by_question)]


class Question(TypedDict):
    """A question of a form, and the field that its answers fill."""

    question: str
    field: str | None


class FormOut(TypedDict):
    """A form of Meta's; `mapping` is what a team lead has set, by folded question."""

    id: str
    questions: list[Question]
    mapping: dict[str, str]
    newest_lead_at: datetime | None
