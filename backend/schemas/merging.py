"""Merging of leads: the input and output of its routes."""

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from backend.schemas.fields import BodyId, Id, Schema
from backend.schemas.leads import LeadDetail

Side = Literal["this", "other"]
FieldName = Literal[
    "player_name",
    "phone",
    "email",
    "player_age_category",
    "birth_date",
    "address",
    "center_id",
    "status",
    "lost_reason",
    "next_followup_date",
    "trial_at",
    "owner_id",
    "created_time",
]


def _choices(value: object) -> object:
    """Return the choices. A wrong one is refused as a whole, so that no input is in an error."""
    names, sides = get_args(FieldName), get_args(Side)
    if isinstance(value, dict) and not all(
        name in names and isinstance(side, str) and side in sides for name, side in value.items()
    ):
        raise PydanticCustomError("choices", "Choose this or other for each field of a lead")
    return value


Choices = Annotated[dict[FieldName, Side], BeforeValidator(_choices)]


class OtherLead(Schema):
    """The query of a preview: the lead to merge into the survivor."""

    other_id: Id


class MergeId(Schema):
    """The path parameter of a merge."""

    id: Id


class MergeField(TypedDict):
    """A field of both leads. `created_time` stands for the first enquiry and where it came from."""

    name: str
    this: Any
    other: Any
    proposed: Side
    choices: list[Side]


class MergePreview(TypedDict):
    """Two leads before a merge: `this` is the survivor. `owners` has the names of owners by id."""

    this: LeadDetail
    other: LeadDetail
    fields: list[MergeField]
    owners: dict[str, str]
    marked_not_duplicates: bool


class MergeLeads(Schema):
    """The lead to merge, and the choices; a field that isn't named becomes what is proposed."""

    other_id: BodyId
    fields: Choices = Field(
        {}, description="Fields that don't become what is proposed: `this` or `other`."
    )
    version: int = Field(
        strict=True, ge=0, description="`version` of the survivor, as the preview has it."
    )
    other_version: int = Field(strict=True, ge=0, description="`version` of the other lead.")


class Merged(TypedDict):
    """The merged lead, and the id to undo the merge with."""

    id: int
    lead: LeadDetail


class Unmerged(TypedDict):
    """The survivor, and the lead that was restored."""

    lead: LeadDetail
    restored: LeadDetail
