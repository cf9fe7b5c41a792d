"""Centers, as they come in."""

from typing_extensions import TypedDict

from backend.schemas.fields import Line, Name, Schema


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
