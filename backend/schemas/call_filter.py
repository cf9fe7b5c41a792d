"""The part of a filter of leads that is about calls, and about enquiries that came again."""

from typing import Literal

from pydantic import Field

from backend.schemas.fields import MAX_ID, Line
from backend.schemas.work_filter import WorkFilter


class CallFilter(WorkFilter):
    """How often and when someone tried to reach a lead, and whether its parent came again."""

    attempts: Literal["0", "1", "2", "3"] | None = Field(
        None, description="How often someone tried to reach the lead; `3` is three times or more."
    )
    attempts_from: int | None = Field(
        None, ge=0, le=MAX_ID, description="That many attempts or more."
    )
    attempts_to: int | None = Field(
        None, ge=0, le=MAX_ID, description="That many attempts or fewer."
    )
    last_call: Literal["today", "week", "month", "earlier", "none"] | None = Field(
        None,
        description="When someone last tried: within so many days, `earlier` than a month ago, or "
        "`none` for never.",
    )
    last_call_from: Line | None = Field(None, description="A day, or a date and time.")
    last_call_to: Line | None = Field(
        None, description="A day, which is included, or a date and time."
    )
    unreachable: Literal["yes", "no"] | None = Field(
        None, description="Leads that did not answer until the end of the retry plan."
    )
    repeat: Literal["yes", "no"] | None = Field(
        None, description="Leads whose parent has enquired again."
    )
