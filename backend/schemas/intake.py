"""Deliveries, forms and unrecognised centers: the input and output of their routes."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictBool, StringConstraints
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from backend.schemas.fields import BodyId, Id, Line, Name, Schema

# The most questions stored for one form, and the longest question, in characters.
MOST_QUESTIONS = 200
LONGEST_QUESTION = 500
State = Literal["received", "processed", "waiting", "retrying", "failed", "dismissed"]
Origin = Literal["meta", "webhook", "backfill", "upload"]
Digits = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,40}$")]
FormName = Annotated[
    str, StringConstraints(pattern=r"^([0-9]{1,40}|webhook(:[A-Za-z0-9_.-]{1,60})?)$")
]


class Handshake(Schema):
    """The query of Meta's handshake with a webhook."""

    mode: Line = Field("", alias="hub.mode", description="`subscribe`.")
    verify_token: Line = Field("", alias="hub.verify_token", description="META_VERIFY_TOKEN.")
    challenge: Line = Field("", alias="hub.challenge", description="The text to answer with.")


class WebhookQuery(Schema):
    """The query of the webhook."""

    token: Line | None = Field(None, description="WEBHOOK_TOKEN, if it isn't in the header.")


class Kept(TypedDict):
    """The answer to Meta: the notification is stored."""

    status: str


class DeliveryId(Schema):
    """The path parameter of one delivery."""

    id: Id


class DeliveryFilter(Schema):
    """The query for a page of deliveries, newest first."""

    state: State | None = None
    source: Origin | None = None
    reason: Line | None = Field(None, description="For example `unknown_center`.")
    form_id: Line | None = None
    before: Id | None = Field(None, description="The id of the last item on the previous page.")
    limit: int = Field(50, ge=1, le=500)


class DeliveryRow(TypedDict):
    """A delivery in a list. `reason` is a code, `message` its text. Times are UTC.

    `center_id` is the center at which a person has placed it.
    """

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
    center_id: int | None


class DeliveryOut(DeliveryRow):
    """One delivery. `body` is the received text, `fetched` the answer of the Graph API.

    A body that isn't UTF-8 is `base64:` and its base64; `text` is what it says then, unpacked.
    """

    parent_id: int | None
    closed_by: int | None
    body: str
    fetched: str | None
    content_type: str | None
    content_encoding: str | None
    text: str | None


class Retry(Schema):
    """What to retry: this delivery, or all open deliveries with the same reason."""

    all_of_reason: bool = False


class Reopened(TypedDict):
    """The number of deliveries that will be retried."""

    reopened: int


class Dismissal(Schema):
    """The reason for dismissing a delivery."""

    reason: Name


class SimilarCenter(TypedDict):
    """A center whose name resembles a text; `score` is from 0 to 1."""

    center_id: int
    score: float


class UnknownCenter(TypedDict):
    """A text that matches no center, and the number of deliveries waiting for it.

    `similar` are the centers whose names resemble it, the most similar first. `archived_center_id`
    is the archived center that has this name.
    """

    text: str
    count: int
    oldest: datetime
    similar: list[SimilarCenter]
    archived_center_id: int | None


class Placement(Schema):
    """The center to place a delivery at; with `all_of_form`, all of its form that name none."""

    center_id: BodyId
    all_of_form: StrictBool = False


class CenterChoice(Schema):
    """The center of a form or a page; null for none."""

    center_id: BodyId | None


class CenterMatch(Schema):
    """A text, and the center it refers to."""

    text: Name
    center_id: BodyId


class FormId(Schema):
    """The path parameter of one form: Meta's number, or `webhook` for the academy's own forms."""

    id: FormName


def _by_question(value: object) -> object:
    """Check the mapping as a whole: an error at one question would echo the question."""
    if not isinstance(value, dict) or len(value) > MOST_QUESTIONS:
        most = {"most": MOST_QUESTIONS}
        raise PydanticCustomError("mapping", "Choose fields for at most {most} questions", most)
    for text in (*value, *value.values()):
        if not isinstance(text, str) or len(text) > LONGEST_QUESTION or "\0" in text:
            most = {"most": LONGEST_QUESTION}
            raise PydanticCustomError("mapping", "Use texts of at most {most} characters", most)
    return value


class FormMapping(Schema):
    """The field that each question of a form fills. Empty: keep the answer with the lead."""

    mapping: Annotated[dict[str, str], BeforeValidator(_by_question)]


class Question(TypedDict):
    """A question on a form, and the field that its answers fill."""

    question: str
    field: str | None


class FormOut(TypedDict):
    """A form on Meta, or of the academy's own.

    `mapping` is what a team lead has set, by normalized question. `name`, `page_id` and `status`
    are Meta's, null until they were read.
    """

    id: str
    questions: list[Question]
    mapping: dict[str, str]
    newest_lead_at: datetime | None
    center_id: int | None
    page_id: str | None
    name: str | None
    status: str | None


class PageId(Schema):
    """The path parameter of one page on Facebook."""

    id: Digits


class PageOut(TypedDict):
    """A page on Facebook, with its center, and the number of its forms."""

    id: str
    center_id: int | None
    forms: int
