"""Lost reasons, age categories and sources: the input and output of the routes of their lists."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool, StringConstraints
from typing_extensions import TypedDict

from backend.models import ChoiceKind
from backend.schemas.fields import BodyId, Id, Line, Schema, no_nul

# The usual reasons for a lost lead, until a team lead changes them: see `core.leads.choices`.
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
# The one that can have a text.
OTHER_REASON = "Other"
# Entries in one list.
MOST = 50
# Spaces and breaks within a text become single spaces.
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    AfterValidator(no_nul),
    AfterValidator(lambda text: " ".join(text.split())),
]
_CENTER = "The center whose list it is; null for the list of all centers."


class ListOf(Schema):
    """Which list: of what, and of which center."""

    kind: ChoiceKind
    center_id: BodyId | None = Field(None, description=_CENTER)


class NewChoice(ListOf):
    """An entry to add at the end of a list."""

    text: Text


class ChoiceChange(Schema):
    """Another text for an entry. The leads that have the old one keep it."""

    text: Text | None = None


class ChoiceOrder(ListOf):
    """The ids of all entries of a list, in their new order."""

    ids: list[BodyId] = Field(max_length=MOST)


class OwnList(ListOf):
    """Whether a list is one of its own.

    With `true` it begins with the entries that count there so far. With `false` those of all
    centers count again, and for all centers the usual ones.
    """

    own: StrictBool


class ChoiceId(Schema):
    """The path parameter of one entry."""

    id: Id


class LeadsToRename(Schema):
    """The text of the leads that are to have the one of an entry."""

    was: Line


class LeadsQuery(Schema):
    """The query for the number of these leads: of which list, and with which text."""

    kind: Literal["lost_reason", "age_group", "source"]
    center_id: Id | None = Field(None, description=_CENTER)
    was: Line


class ChoiceOut(TypedDict):
    """An entry. Without an id it can't be edited: it's a usual one, or `Other`."""

    id: int | None
    text: str


class ChoiceList(TypedDict):
    """A list: of a center, or of all that have none of their own (`center_id` is null).

    `own` is whether a team lead has edited it.
    """

    kind: str
    center_id: int | None
    own: bool
    entries: list[ChoiceOut]


class ChoiceLists(TypedDict):
    """All lists that a person can choose from."""

    lists: list[ChoiceList]


class LeadsWith(TypedDict):
    """The number of leads that have a text."""

    leads: int


class LeadsRenamed(TypedDict):
    """The number of changed leads, the id to undo that with, and how many are left."""

    id: int | None
    changed: int
    left: int
