"""Report: what is asked, and what is answered."""

from pydantic import Field
from typing_extensions import TypedDict

from backend.schemas.fields import Id, Line, Schema


class ReportFilter(Schema):
    """Of which leads: those that came in on these days, the last 30 where nothing is said."""

    from_: Line | None = Field(None, alias="from", description="The first day, `2026-11-01`.")
    to: Line | None = Field(None, description="The last day, which is one of them.")
    center_id: Id | None = None


class CountsFilter(Schema):
    """Of which leads."""

    center_id: Id | None = None


class Counts(TypedDict):
    """How many leads have each status."""

    statuses: dict[str, int]


class Day(TypedDict):
    """How many leads came in on a day, from one source."""

    day: str
    source: str | None
    leads: int


class Stage(TypedDict):
    """How many leads came so far."""

    stage: str
    count: int


class Bucket(TypedDict):
    """How many leads were called so soon."""

    within: str
    count: int


class _Measures(TypedDict):
    leads: int
    called: int
    trial: int
    joined: int
    lost: int


class OfCenter(_Measures):
    """What became of a center's leads."""

    center_id: int | None


class OfCampaign(_Measures):
    """What became of a campaign's leads."""

    campaign: str | None


class Reason(TypedDict):
    """How many leads were lost for a reason."""

    reason: str | None
    count: int


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
    },
)
