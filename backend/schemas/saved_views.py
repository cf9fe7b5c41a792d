"""Views of the list of leads that people save: the input and output of their routes."""

from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool, StringConstraints
from typing_extensions import TypedDict

from backend.schemas.fields import BodyId, Id, Schema, no_nul
from backend.schemas.leads import LeadFilter, Sort

_Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=60),
    AfterValidator(no_nul),
]
_Query = Annotated[
    str,
    StringConstraints(max_length=2000),
    AfterValidator(no_nul),
    Field(description="The list's query without its search, such as `status=New&sort=due`."),
]
_SHARED = "Whether others see it: those of the center, or all people. Only team leads share."


class ViewFilter(LeadFilter):
    """What a view keeps of a list."""

    sort: Sort = "-created"


class NewView(Schema):
    """A view to save."""

    name: _Name
    query: _Query
    shared: StrictBool = Field(False, description=_SHARED)
    center_id: BodyId | None = None


class ViewChange(Schema):
    """Changes to a view. A missing field stays as it is."""

    name: _Name | None = None
    query: _Query | None = None
    shared: StrictBool | None = Field(None, description=_SHARED)
    center_id: BodyId | None = None


class ViewId(Schema):
    """The path parameter of one view."""

    id: Id


class ViewOut(TypedDict):
    """A saved view. `mine` says whether the person has saved it."""

    id: int
    name: str
    query: str
    shared: bool
    center_id: int | None
    mine: bool


class ViewCount(TypedDict):
    """How many leads a view has, counted up to 1,000: `more` says that there are more.

    `count` is null if counting all views would have taken too long.
    """

    id: int
    count: int | None
    more: bool
