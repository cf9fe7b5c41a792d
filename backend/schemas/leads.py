"""Leads, as they come in."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from typing_extensions import TypedDict

from backend.schemas.fields import Id, Line, Name, Prose, Schema


def _text(value: object) -> object:
    """A number is taken as the text it is: forms and tools send phones and ages as either."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return str(int(value)) if float(value).is_integer() else str(value)


LooseLine = Annotated[Line | None, BeforeValidator(_text)]


class LeadId(Schema):
    """The path of one lead."""

    id: Id


class LeadChange(Schema):
    """The query of `PUT /leads/{id}`."""

    status: Line = Field(
        description="One of the five statuses, or the one that the lead has.",
        json_schema_extra={
            "examples": ["New", "Called", "Trial Scheduled", "Joined", "Dead/Not Interested"]
        },
    )
    next_date: Line | None = Field(
        None,
        description="The next follow-up, an ISO date or date-time; without an offset it is in the "
        "zone of the settings. The text `None` and an empty value mean 'not given'.",
    )
    comment: Prose | None = None


class FlatLead(Schema):
    """A lead as the flat webhook brings it; what is missing is answered in words, with a 200."""

    phone_number: LooseLine = None
    full_name: LooseLine = None
    email_address: LooseLine = None
    nearest_center: LooseLine = None
    player_age_category: LooseLine = None
    address_and_pincode: Annotated[Prose | None, BeforeValidator(_text)] = None


WallClock = Annotated[
    str,
    Field(
        description="On the clock of the settings' zone, without an offset.",
        examples=["2026-12-05T00:00:00", "2026-12-05T16:30:00.250000"],
    ),
]


class LegacyLead(TypedDict):
    """A lead of the legacy list, whose clients expect texts: `Unknown` or an empty one for null."""

    id: int
    created_time: WallClock
    player_name: str
    player_age_category: str
    phone: str
    email: str | None
    address: str | None
    status: str
    next_followup_date: WallClock | None
    center_id: int | None


class LeadOut(TypedDict):
    """A lead as it is answered; times are UTC."""

    id: int
    created_time: datetime
    player_name: str | None
    player_age_category: str | None
    phone: str | None
    email: str | None
    address: str | None
    status: str
    next_followup_date: datetime | None
    center_id: int | None


class Updated(TypedDict):
    """The answer to a change that is made."""

    status: str


class Received(TypedDict):
    """The answer to a lead that is kept."""

    status: str
    message: str
    lead_id: int


class Refused(TypedDict):
    """The answer to a lead that can't be kept; its HTTP status is 200, as it always was."""

    status: str
    message: str


Sort = Literal["-created", "created", "due"]
Moment = Annotated[datetime | None, Field(description="Without an offset, in the settings' zone.")]
REASONS = (
    "Expensive fee",
    "Timing mismatch",
    "Days mismatch",
    "Duration too long",
    "Location/distance",
    "Transportation problem",
    "Coaching quality",
    "Age not suitable",
    "Kid lost interest",
    "Other",
)


# What people and forms have written, commas and all: several are several parameters.
_Texts = Annotated[
    list[Line], Field(max_length=100, description="Several by repeating it; `none` for nothing.")
]
_COMMAS = "Several with commas; `none` for nothing."


class LeadFilter(Schema):
    """Which leads."""

    repeated = frozenset({"campaign", "age_category", "lost_reason"})

    status: Line | None = Field(None, description="Several with commas.")
    center_id: Line | None = Field(None, description=_COMMAS)
    source: Line | None = Field(None, description=_COMMAS)
    campaign: _Texts = Field([])
    age_category: _Texts = Field([])
    lost_reason: _Texts = Field([])
    created_from: Line | None = Field(None, description="A day, or a moment.")
    created_to: Line | None = Field(None, description="A day, which is part of it, or a moment.")
    due: Literal["overdue", "today", "week", "any", "none"] | None = None
    reached: Literal["called", "trial", "joined", "lost"] | None = Field(
        None, description="Has come so far at any time."
    )
    first_call: Literal["5m", "1h", "1d", "later", "none", "hour"] | None = Field(
        None,
        description="How soon it was called first; `1h` begins after five minutes, `hour` at once.",
    )
    test: Literal["no", "yes", "any"] = "any"
    q: Line | None = Field(None, description="A part of a name, a phone or an email.")


class LeadPageQuery(LeadFilter):
    """A page of a list."""

    sort: Sort = "-created"
    limit: int = Field(50, ge=1, le=200)
    after: Line | None = Field(None, description="`next` of the page before.")


class LeadRow(LeadOut):
    """A lead in a list; `phone_e164` is the phone in E.164, or its digits where it is none."""

    source: str | None
    campaign: str | None
    is_test: bool
    trial_at: datetime | None
    lost_reason: str | None
    called_at: datetime | None
    phone_e164: str | None


class LeadPage(TypedDict):
    """Some leads, and where the next ones begin."""

    leads: list[LeadRow]
    next: str | None


class Origin(TypedDict):
    """Where a lead of Meta's comes from."""

    platform: str | None
    form_id: str | None
    form_name: str | None
    ad_name: str | None
    adset_name: str | None
    campaign_name: str | None
    is_organic: bool | None


class LeadDetail(LeadRow):
    """All that is known of a lead; `household` are those with the same phone."""

    center_name: str | None
    household: list[LeadRow]
    origin: Origin | None
    answers: dict[str, str]
    version: int


class LeadEdit(Schema):
    """What to change of a lead; what is not given stays, and null empties a field."""

    player_name: Line | None = None
    player_age_category: Line | None = None
    phone: Line | None = None
    email: Line | None = None
    address: Prose | None = None
    center_id: Id | None = None
    status: Line | None = None
    next_followup_date: Moment = None
    trial_at: Moment = None
    lost_reason: Line | None = None
    comment: Prose | None = None


class NewLead(Schema):
    """A lead that somebody adds by hand."""

    player_name: Name
    phone: Line | None = None
    email: Line | None = None
    player_age_category: Line | None = None
    address: Prose | None = None
    center_id: Id
    comment: Prose | None = None


class Added(TypedDict):
    """The lead that it has become, or that it has joined since it stood already."""

    lead: LeadDetail
    joined: bool


class HistoryFilter(Schema):
    """A page of a lead's history, the newest first."""

    before: Id | None = Field(None, description="The id of the last line that was seen.")
    limit: int = Field(50, ge=1, le=200)


class HistoryLine(TypedDict):
    """A line of a lead's history; `who` is nobody's name where no person made the change."""

    id: int
    at: datetime
    kind: str
    who: str | None
    data: dict[str, Any]


class LeadsChange(Schema):
    """A change of several leads at once; what is not given stays."""

    ids: list[Id] = Field(min_length=1, max_length=1000)
    status: Line | None = None
    next_followup_date: Moment = None
    trial_at: Moment = None
    lost_reason: Line | None = None


class ChangeId(Schema):
    """The path of a change of several leads."""

    id: Id


class Changed(TypedDict):
    """How many leads were changed, and by which id that is undone."""

    id: int
    changed: int


class Restored(TypedDict):
    """How many leads are as they were, and which were not, since somebody has worked on them."""

    restored: int
    kept: list[int]


class NextFilter(Schema):
    """Whom to call now."""

    limit: int = Field(20, ge=1, le=100)
    skip: Line | None = Field(None, description="Ids of leads to pass over, with commas.")


class NextLead(LeadRow):
    """A lead to call now, and why."""

    why: str


class Queue(TypedDict):
    """Whom to call now, in order; a count ends at 1,000."""

    leads: list[NextLead]
    counts: dict[str, int]


class FilterOptions(TypedDict):
    """What there is to filter by."""

    sources: list[str]
    campaigns: list[str]
    age_categories: list[str]
