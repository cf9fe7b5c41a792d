"""Changes of whole lists, and their totals: the input and output of their routes."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from typing_extensions import TypedDict

from backend.models import ListChangeState
from backend.schemas.fields import no_nul
from backend.schemas.leads import LeadFilter, WorkChange

# The filter of a list, as its address has it.
FilterText = Annotated[
    str,
    StringConstraints(max_length=4000),
    AfterValidator(no_nul),
    Field(
        description="The list's query, such as `status=New,Called&center_id=1`; empty for all "
        "leads.",
    ),
]


# How far a list can be counted at most, unless a change can have more leads.
MOST_COUNTED = 100_000


class TotalFilter(LeadFilter):
    """The filter of a list whose leads are counted."""

    up_to: int | None = Field(
        None,
        ge=1,
        le=MOST_COUNTED,
        description="How far to count. If not set: as far as can be changed at once.",
    )


class NewListChange(WorkChange):
    """A change of all leads of a list, or their deletion. Missing fields stay as they are."""

    filter: FilterText


class ListChangeOut(TypedDict):
    """A change of a whole list. The counts are of leads.

    `deletes` says that it deletes them. `done` of the `total` are done: `changed`, `unchanged`
    because they had these values already, or `skipped` because someone changed them meanwhile, they
    can't be seen any more, or the new owner doesn't work at their center. An undo has `restored`
    leads, and `kept` those that someone has changed since, or that can't be restored. `problem`
    says why it failed.
    """

    id: int
    at: datetime
    ended_at: datetime | None
    state: ListChangeState
    deletes: bool
    total: int
    done: int
    changed: int
    unchanged: int
    skipped: int
    restored: int
    kept: int
    problem: str | None


class ListTotal(TypedDict):
    """How many leads a list has, counted up to a limit: `more` says that there are more."""

    total: int
    more: bool
