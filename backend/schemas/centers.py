"""Centers, as they come in."""

from datetime import datetime

from typing_extensions import TypedDict

from backend.schemas.fields import Id, Line, Name, Schema


class NewCenter(Schema):
    """A center to make; `meta_tag_name` is how forms and spreadsheets name it."""

    display_name: Name
    meta_tag_name: Name
    city: Line
    location: Line = ""


class CenterOut(TypedDict):
    """A center as it is answered."""

    id: int
    display_name: str
    meta_tag_name: str
    city: str
    location: str


class CenterId(Schema):
    """The path of one center."""

    id: Id


class CenterChange(Schema):
    """What to change of a center; what is not given, or null, stays."""

    display_name: Name | None = None
    meta_tag_name: Name | None = None
    city: Line | None = None
    location: Line | None = None


class Alias(Schema):
    """Another text by which a center is named."""

    text: Name


class AliasQuery(Schema):
    """Which of a center's other names."""

    text: Name


class AliasOut(TypedDict):
    """Another text by which a center is named, and since when (UTC)."""

    text: str
    created_at: datetime
