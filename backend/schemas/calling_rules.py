"""When parents are called, and how often: the input and output of the routes."""

import re
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from backend.schemas.fields import BodyId, Day, Id, Name, RetryPlan, Schema

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


def _clock(text: str) -> str:
    if not _CLOCK.fullmatch(text):
        raise PydanticCustomError("clock", "Enter a time such as 10:00")
    return text


Clock = Annotated[str, AfterValidator(_clock)]


class Hours(Schema):
    """Some hours of a day, by the academy's clocks."""

    opens: Clock
    closes: Clock


def _in_order(day: list[Hours]) -> list[Hours]:
    clocks = [clock for hours in day for clock in (hours.opens, hours.closes)]
    if sorted(set(clocks)) != clocks:
        raise PydanticCustomError("hours", "Make each time later than the one before it")
    return day


def _some(week: list[list[Hours]]) -> list[list[Hours]]:
    if not any(week):
        raise PydanticCustomError("week", "Open on at least one day")
    return week


_OfDay = Annotated[list[Hours], Field(max_length=4), AfterValidator(_in_order)]
Week = Annotated[list[_OfDay], Field(min_length=7, max_length=7), AfterValidator(_some)]


# 7 days, day and night.
_Minutes = Annotated[int, Field(strict=True, ge=0, le=10_080)]


class CallingRulesChange(Schema):
    """Changes to opening hours, retry plan and targets.

    Null is as for all centers, or as in the settings. Fields that are missing stay as they are.
    """

    week: Week | None = Field(
        None, description="The opening hours of each day, Monday first; none for a closed day."
    )
    retry_plan: RetryPlan | None = Field(
        None, description="The waits after unanswered tries, such as `30m`, `4h` and `1d`."
    )

    first_call_minutes: _Minutes | None = Field(
        None,
        description="By when a new lead is called, in minutes of opening hours; 0 for no target.",
    )
    follow_up_minutes: _Minutes | None = Field(
        None,
        description="How long after it was due a follow-up is called, in minutes of opening hours; "
        "0 for no target.",
    )


class NewHoliday(Schema):
    """Days on which a center is closed, or all centers are."""

    label: Annotated[Name, StringConstraints(max_length=100)]
    first_day: Day
    last_day: Day | None = Field(None, description="It's included. Null for one day.")
    center_id: BodyId | None = Field(None, description="Null for all centers.")

    @model_validator(mode="after")
    def _ends(self) -> Self:
        last = self.last_day or self.first_day
        if not 0 <= (last - self.first_day).days <= 366:
            raise PydanticCustomError("holiday", "Choose a last day within a year of the first")
        return self


class HolidayId(Schema):
    """The path parameter of one holiday."""

    id: Id


class OpeningQuery(Schema):
    """Whose opening hours are asked for."""

    center_id: Id | None = Field(None, description="Without it, those of all centers.")


class HoursOut(TypedDict):
    """Some hours of a day, by the academy's clocks."""

    opens: str
    closes: str


class TargetsOut(TypedDict):
    """The targets, in minutes of opening hours; 0 is no target."""

    first_call_minutes: int | None
    follow_up_minutes: int | None


class RulesOfCenter(TargetsOut):
    """The rules of one center. What is null is as for all centers."""

    center_id: int
    week: list[list[HoursOut]] | None
    retry_plan: list[str] | None


class HolidayOut(TypedDict):
    """A holiday: its first and last day, which may be one."""

    id: int
    label: str
    first_day: date
    last_day: date
    center_id: int | None


class CallingRulesOut(TargetsOut):
    """The rules of all centers, what centers have of their own, and the holidays to come."""

    week: list[list[HoursOut]]
    retry_plan: list[str]
    centers: list[RulesOfCenter]
    holidays: list[HolidayOut]


class OpeningOut(TypedDict):
    """Hours in which parents are called: the academy's day, and the moments in UTC."""

    day: date
    begins: datetime
    ends: datetime
