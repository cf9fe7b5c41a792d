"""Who is present, working hours and leave: the input and output of the routes."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from backend.schemas.calling_rules import HoursOut, Week
from backend.schemas.fields import BodyId, Day, Id, Name, Schema


class AwayChange(Schema):
    """That you are away from now on, or back."""

    away: StrictBool
    period: Literal["hour", "day"] | None = Field(
        None, description="For an hour, or the rest of the day. Null is until you come back."
    )


class WorkingHours(Schema):
    """When a person works. A field that is missing stays as it is."""

    week: Week | None = Field(
        None,
        description="The hours of each day, Monday first. Null means the hours of the center.",
    )


class NewLeave(Schema):
    """Days on which a person doesn't work, in the academy's zone."""

    first_day: Day
    last_day: Day | None = Field(None, description="It's included. Null for one day.")
    label: Annotated[Name, StringConstraints(max_length=100)] | None = None
    user_id: BodyId | None = Field(
        None, description="Whose leave it is; null for your own. Others' take a team lead."
    )

    @model_validator(mode="after")
    def _ends(self) -> Self:
        last = self.last_day or self.first_day
        if not 0 <= (last - self.first_day).days <= 366:
            raise PydanticCustomError("leave", "Choose a last day within a year of the first")
        return self


class LeaveId(Schema):
    """The path parameter of one leave."""

    id: Id


class LeaveOut(TypedDict):
    """A person's leave: its first and last day, which may be one."""

    id: int
    user_id: int
    first_day: date
    last_day: date
    label: str | None


class OwnPresence(TypedDict):
    """A person's presence: whether they are away, their own hours, and their leave to come.

    `away_until` (UTC) is null while they are away until they come back.
    """

    user_id: int
    away: StrictBool
    away_until: datetime | None
    week: list[list[HoursOut]] | None
    leave: list[LeaveOut]


class PresentOut(TypedDict):
    """A person who may own leads: of which of the centers that you see, and where they are present.

    `center_ids` is null for a team lead, who may everywhere.
    """

    id: int
    full_name: str
    center_ids: list[int] | None
    present_at: list[int]
    away: StrictBool
    away_until: datetime | None
    on_leave: bool
