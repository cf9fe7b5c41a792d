"""Centers: the input and output of their routes."""

from datetime import datetime
from typing import NotRequired

from typing_extensions import TypedDict

from backend.schemas.fields import Id, Line, Name, Schema


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
