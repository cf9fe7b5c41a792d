"""The call queue: the query, and the leads to call now."""

from typing import Literal

from pydantic import Field
from typing_extensions import TypedDict

from backend.schemas.fields import Line, Schema
from backend.schemas.leads import LeadRow


class NextFilter(Schema):
    """The query for the call queue."""

    limit: int = Field(20, ge=1, le=100)
    skip: Line | None = Field(None, description="Ids of leads to skip, separated by commas.")
    view: Literal["mine", "center", "all"] | None = Field(
        None,
        description="`mine`: leads that you own. `center`: the queues of your centers, which are "
        "leads without an owner. `all`: everyone's leads. Default: `mine` and `center`, and for "
        "observers `all`.",
    )


class NextLead(LeadRow):
    """A lead to call now, and why; `version` as in `GET /leads/{id}`."""

    why: str
    version: int


class Queue(TypedDict):
    """The leads to call now, in order. Counts stop at 1,000.

    Leads that are `unreachable` are counted, but aren't in the queue.
    """

    leads: list[NextLead]
    counts: dict[str, int]
    unreachable: int
