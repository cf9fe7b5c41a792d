"""Leads: the input and output of their routes."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StrictBool
from typing_extensions import TypedDict

from backend.models import TrialOutcome
from backend.schemas.call_filter import CallFilter
from backend.schemas.fields import BodyId, Day, Id, Line, Moment, Name, Prose, Schema


class LeadId(Schema):
    """The path parameter of one lead."""

    id: Id


class LeadChange(Schema):
    """The query of `PUT /leads/{id}`."""

    status: Line = Field(
        description="One of the five statuses, or the lead's current status.",
        json_schema_extra={
            "examples": ["New", "Called", "Trial Scheduled", "Joined", "Dead/Not Interested"]
        },
    )
    next_date: Line | None = Field(
        None,
        description="The next follow-up, an ISO date or date-time. Without an offset it is in the "
        "settings' zone. The text `None` and an empty value mean 'not given'.",
    )
    comment: Prose | None = None


class LeadOut(TypedDict):
    """A lead. Times are UTC."""

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
    """The answer to a successful change."""

    status: str


Sort = Literal[
    "-created", "created", "due", "-due", "last_call", "-last_call",
    "name", "-name", "status", "-status", "owner", "-owner",
]  # fmt: skip
LocalMoment = Annotated[
    Moment | None, Field(description="Without an offset, in the settings' zone.")
]
# Free texts can contain commas, so several values are sent as repeated parameters.
_Texts = Annotated[
    list[Line],
    Field(max_length=100, description="Repeat for several values; `none` for leads without one."),
]
_COMMAS = "Separate several values with commas; `none` for leads without one."


Contact = Annotated[
    Literal["allowed", "refused", "any"] | None,
    Field(
        description="Whether leads may be contacted. Default: `any` in lists, `allowed` in exports."
    ),
]
Trials = Literal["upcoming", "overdue", "attended", "no_show", "cancelled", "none"]


class LeadFilter(CallFilter):
    """The filter of a list of leads."""

    repeated = frozenset({"campaign", "age_category", "lost_reason", "phone_issue"})

    status: Line | None = Field(None, description="Separate several values with commas.")
    center_id: Line | None = Field(None, description=_COMMAS)
    source: Line | None = Field(None, description=_COMMAS)
    campaign: _Texts = Field([])
    age_category: _Texts = Field([])
    lost_reason: _Texts = Field([])
    created_from: Line | None = Field(None, description="A day, or a date and time.")
    created_to: Line | None = Field(
        None, description="A day, which is included, or a date and time."
    )
    due: Literal["overdue", "today", "week", "any", "none"] | None = None
    reached: Literal["called", "trial", "attended", "joined", "lost"] | None = Field(
        None,
        description="Leads that ever reached this stage: `trial` is a trial that was booked, "
        "`attended` one that was attended.",
    )
    first_call: Literal["5m", "1h", "1d", "later", "none", "hour"] | None = Field(
        None,
        description="Time to the first call. `1h` is from 5 to 60 minutes; `hour` is up to 60.",
    )
    test: Literal["no", "yes", "any"] = "any"
    q: Line | None = Field(None, description="Part of a name, of any of the phones, or an email.")
    phone_issue: list[Line] = Field(
        [],
        max_length=100,
        description="Why the phone can't be read. Repeat for several values; `any` for all leads "
        "whose phone can't be read, `none` for those without such a phone.",
    )
    contact: Contact = None
    trial: Trials | None = Field(
        None, description="`overdue`: a trial that was and has no outcome; `none`: without a trial."
    )


class LeadPageQuery(LeadFilter):
    """The query for one page of a list."""

    sort: Sort = "-created"
    limit: int = Field(50, ge=1, le=200)
    after: Line | None = Field(None, description="`next` of the previous page.")


class LeadRow(LeadOut):
    """A lead in a list.

    `phone_e164` is the phone in E.164, null if there is no valid number in it. `phone_issue` then
    is the code that says why, null if there is no phone at all. `phone_shown` is the number as
    people write it, with its extension: `+91 40 2345 6789 ext. 12`.

    `attempts` is how often someone tried to reach the lead, `unanswered` how many of the last ones
    in a row were not answered. `wrong_phone` is a number that turned out to be someone else's.
    `owner` is the name of its owner; without one, the lead is in the queue of its center.

    `call_by` is when a new lead should be called at the latest, null without a target, and once
    anyone has worked on it. It was handed over at `handed_over_at`, because the
    person named in `handed_over_from` (null for the queue of the center) has missed the time.
    """

    source: str | None
    campaign: str | None
    is_test: bool
    trial_at: datetime | None
    lost_reason: str | None
    called_at: datetime | None
    phone_e164: str | None
    phone_issue: str | None
    phone_extension: str | None
    phone_shown: str | None
    do_not_contact: bool
    trial_outcome: str | None
    lost_reason_text: str | None
    attempts: int
    unanswered: int
    last_attempt_at: datetime | None
    last_outcome: str | None
    unreachable_since: datetime | None
    wrong_phone: str | None
    owner_id: int | None
    owner: str | None
    call_by: datetime | None
    handed_over_at: datetime | None
    handed_over_from: str | None


class LeadPage(TypedDict):
    """A page of leads; `next` gets the following page."""

    leads: list[LeadRow]
    next: str | None


class Origin(TypedDict):
    """The form, ad and campaign of a lead from Meta."""

    platform: str | None
    form_id: str | None
    form_name: str | None
    ad_name: str | None
    adset_name: str | None
    campaign_name: str | None
    is_organic: bool | None


class ConsentOut(TypedDict):
    """A consent: what was said, whether it was given, where and when (UTC).

    `key` is the form's own name of the box. `text` is null until the form's definition was read.
    One that a person has recorded has a `channel`, and mostly a `version` of its text. It counts
    until `withdrawn_at`.
    """

    key: str
    text: str | None
    granted: bool
    source: str
    at: datetime
    form_id: str | None
    id: int
    channel: str | None
    version: str | None
    withdrawn_at: datetime | None


class LeadDetail(LeadRow):
    """A lead in full. `household` lists the leads that have one of its phones.

    `phones` are its further numbers in E.164, `phones_shown` the same as people write them,
    `phone_message` says what `phone_issue` means.
    """

    center_name: str | None
    household: list[LeadRow]
    origin: Origin | None
    answers: dict[str, str]
    version: int
    phones: list[str]
    phones_shown: list[str]
    phone_message: str | None
    birth_date: date | None
    consents: list[ConsentOut]


_OWNER = "Who works on it; null for the queue of its center."
_SOURCE = "Where a lead that was added by hand is from: one of its center's list, or `manual`."
_OTHER = "What the reason `Other` was. Other reasons have no text."


class LeadEdit(Schema):
    """Changes to a lead. A missing field stays as it is; null clears the field."""

    player_name: Line | None = None
    player_age_category: Line | None = None
    phone: Line | None = None
    email: Line | None = None
    address: Prose | None = None
    center_id: BodyId | None = None
    status: Line | None = None
    next_followup_date: LocalMoment = None
    trial_at: LocalMoment = None
    lost_reason: Line | None = None
    comment: Prose | None = None
    trial_outcome: TrialOutcome | None = Field(
        None, description="How the trial went. Another `trial_at` clears it."
    )
    lost_reason_text: Line | None = Field(None, description=_OTHER)
    birth_date: Day | None = None
    owner_id: BodyId | None = Field(None, description=_OWNER)
    source: Line | None = Field(None, description=_SOURCE)


class NewLead(Schema):
    """A lead that a person adds."""

    player_name: Name
    phone: Line | None = None
    email: Line | None = None
    player_age_category: Line | None = None
    address: Prose | None = None
    center_id: BodyId
    comment: Prose | None = None
    birth_date: Day | None = None
    source: Line | None = Field(None, description=_SOURCE)


class Added(TypedDict):
    """The added lead, or the existing lead that the enquiry was added to (`joined`).

    `phone_issue` says why the phone that was entered can't be read.
    """

    lead: LeadDetail
    joined: bool
    phone_issue: str | None


class WorkChange(Schema):
    """What a bulk edit changes. Missing fields stay as they are."""

    status: Line | None = None
    next_followup_date: LocalMoment = None
    trial_at: LocalMoment = None
    lost_reason: Line | None = None
    lost_reason_text: Line | None = Field(None, description=_OTHER)
    owner_id: BodyId | None = Field(None, description=_OWNER)
    comment: Prose | None = Field(None, description="Added to each lead.")
    delete: StrictBool = Field(
        False, description="Delete the leads, for team leads; nothing else can be set with it."
    )

    @property
    def changed_fields(self) -> list[str]:
        """The names of what it changes, in order."""
        given = self.model_fields_set & WorkChange.model_fields.keys()
        return sorted(name for name in given if name != "delete" or self.delete)


class LeadsChange(WorkChange):
    """A bulk edit. Missing fields stay as they are."""

    ids: list[BodyId] = Field(min_length=1, max_length=1000)


class LeadsExport(Schema):
    """The leads of an export that aren't a whole list."""

    ids: list[BodyId] = Field(min_length=1, max_length=1000)
    contact: Contact = None


class ChangeId(Schema):
    """The path parameter of a bulk edit."""

    id: Id


class Changed(TypedDict):
    """The number of changed leads, and the id to undo the change with; null if none changed."""

    id: int | None
    changed: int


class Restored(TypedDict):
    """The number of restored leads, and the ids of leads kept because they changed since."""

    restored: int
    kept: list[int]


class FilterOptions(TypedDict):
    """The values that leads can be filtered by."""

    sources: list[str]
    campaigns: list[str]
    age_categories: list[str]
    phone_issues: list[str]
