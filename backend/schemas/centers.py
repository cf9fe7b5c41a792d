"""Centers: the input and output of their routes."""

from datetime import datetime
from typing import NotRequired

from typing_extensions import TypedDict

from backend.schemas.fields import BodyId, Id, Line, Name, Schema


class NewCenter(Schema):
    """A center to add. `meta_tag_name` is its name in forms and spreadsheets."""

    display_name: Name
    meta_tag_name: Name
    city: Line
    location: Line = ""


class CenterOut(TypedDict):
    """A center. `archived` is there only if it is, and `merged_into` only if it was merged."""

    id: int
    display_name: str
    meta_tag_name: str
    city: str
    location: str
    archived: NotRequired[bool]
    merged_into: NotRequired[int]


class CenterId(Schema):
    """The path parameter of one center."""

    id: Id


class CenterChange(Schema):
    """Changes to a center. Fields that are missing or null stay as they are."""

    display_name: Name | None = None
    meta_tag_name: Name | None = None
    city: Line | None = None
    location: Line | None = None


class MatchedName(TypedDict):
    """An alias, the center that it means, and when it was added (UTC)."""

    text: str
    center_id: int
    created_at: datetime


class CenterUse(TypedDict):
    """What belongs to a center; `waiting` deliveries name it while it is archived."""

    leads: int
    people: int
    aliases: int
    forms: int
    pages: int
    waiting: int


class Merge(Schema):
    """The center to merge a center into."""

    into_id: BodyId


class Merged(TypedDict):
    """A merge: the change that can be undone, and how many leads it has moved."""

    id: int
    moved: int


class ChangeId(Schema):
    """The path parameter of one change of centers."""

    id: Id


class CenterChangeOut(TypedDict):
    """A merge (`merge`), or an alias (`alias`) that was reverted; `text` is the alias.

    Leads were moved from `center_id` to `into_id`, or wait again if that is null. Times are UTC.
    """

    id: int
    kind: str
    center_id: int
    into_id: int | None
    text: str | None
    who: str | None
    at: datetime
    undone: bool


class AliasUse(TypedDict):
    """How many leads came in by an alias, and which of them were worked on since."""

    leads: int
    worked_on: list[int]


class AliasRevert(Schema):
    """The alias to revert, and the center that it means; null to let its leads wait."""

    text: Name
    center_id: BodyId | None = None


class AliasReverted(TypedDict):
    """A reverted alias: the change that can be undone, the leads moved, and those kept."""

    id: int
    moved: int
    kept: list[int]


class Alias(Schema):
    """An alias of a center: another name in forms and spreadsheets."""

    text: Name


class AliasQuery(Schema):
    """The alias to delete."""

    text: Name


class AliasOut(TypedDict):
    """An alias of a center, and when it was added (UTC)."""

    text: str
    created_at: datetime
