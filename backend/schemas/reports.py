"""Reports: the input and output of their routes."""

from pydantic import Field
from typing_extensions import TypedDict

from backend.schemas.fields import Id, Line, Schema


class ReportFilter(Schema):
    """The leads a report covers: those created on these days, by default the last 30."""

    from_: Line | None = Field(
        None, alias="from", description="The first day, such as `2026-11-01`."
    )
    to: Line | None = Field(None, description="The last day, which is included.")
    center_id: Id | None = None


class CountsFilter(Schema):
    """The leads to count."""

    center_id: Id | None = None


class Counts(TypedDict):
    """The number of leads with each status, and of those that are unreachable."""

    statuses: dict[str, int]
    unreachable: int


class Day(TypedDict):
    """The number of leads created on a day, from one source."""

    day: str
    source: str | None
    leads: int


class Stage(TypedDict):
    """The number of leads that reached a stage."""

    stage: str
    count: int


class Bucket(TypedDict):
    """The number of leads first called within a time."""

    within: str
    count: int


class _Measures(TypedDict):
    leads: int
    called: int
    trial: int
    attended: int
    joined: int
    lost: int


class OfCenter(_Measures):
    """The stages that a center's leads reached."""

    center_id: int | None


class OfCampaign(_Measures):
    """The stages that a campaign's leads reached."""

    campaign: str | None


class Reason(TypedDict):
    """The number of leads lost for a reason."""

    reason: str | None
    count: int


class _BothCounts(TypedDict):
    attempts: int
    conversations: int


class CallsOfDay(_BothCounts):
    """The attempts of a day, and how many of them were conversations."""

    day: str


class CallsOfCenter(_BothCounts):
    """The attempts to reach the leads of a center."""

    center_id: int | None


class CallsOfPerson(_BothCounts):
    """The attempts of a person."""

    user_id: int | None
    full_name: str | None


class Calls(_BothCounts):
    """The attempts that were made on these days, to leads of any day."""

    days: list[CallsOfDay]
    centers: list[CallsOfCenter]
    people: list[CallsOfPerson]


class _BothMissed(TypedDict):
    first_call: int
    follow_up: int


class MissedOfDay(_BothMissed):
    """The targets that were missed on a day."""

    day: str


class Missed(_BothMissed):
    """The targets that were missed on these days: first calls of new leads, and follow-ups."""

    days: list[MissedOfDay]


Report = TypedDict(
    "Report",
    {
        "from": str,
        "to": str,
        "days": list[Day],
        "funnel": list[Stage],
        "first_call": list[Bucket],
        "first_call_average_s": int | None,
        "centers": list[OfCenter],
        "campaigns": list[OfCampaign],
        "reasons": list[Reason],
        "calls": Calls,
        "missed": Missed,
    },
)


class PersonReport(TypedDict):
    """What a person did in the period, and what they have to do now.

    `called` counts leads whose first call was theirs, `within_5m` and `within_1h` those of them
    called so soon after they came in. Both first-call times are in seconds, null without any call.
    `owned`, `overdue` and `no_next_step` count their open leads now.
    """

    user_id: int
    full_name: str
    attempts: int
    conversations: int
    trial: int
    attended: int
    joined: int
    lost: int
    called: int
    within_5m: int
    within_1h: int
    first_call_average_s: int | None
    first_call_median_s: int | None
    owned: int
    overdue: int
    no_next_step: int


PeopleReport = TypedDict("PeopleReport", {"from": str, "to": str, "people": list[PersonReport]})
