"""Leads, as they come in."""

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, Field
from typing_extensions import TypedDict

from backend.schemas.fields import Id, Line, Prose, Schema


def _text(value: object) -> object:
    """A number is taken as the text it is: forms and tools send phones and ages as either."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return str(int(value)) if float(value).is_integer() else str(value)


LooseLine = Annotated[Line | None, BeforeValidator(_text)]


class LeadId(Schema):
    """The path of one lead."""

    id: Id


class LeadChange(Schema):
    """The query of `PUT /leads/{id}`."""

    status: Line = Field(
        description="One of the five statuses, or the one that the lead has.",
        json_schema_extra={
            "examples": ["New", "Called", "Trial Scheduled", "Joined", "Dead/Not Interested"]
        },
    )
    next_date: Line | None = Field(
        None,
        description="The next follow-up, an ISO date or date-time; without an offset it is in the "
        "zone of the settings. The text `None` and an empty value mean 'not given'.",
    )
    comment: Prose | None = None


class FlatLead(Schema):
    """A lead as the flat webhook brings it; what is missing is answered in words, with a 200."""

    phone_number: LooseLine = None
    full_name: LooseLine = None
    email_address: LooseLine = None
    nearest_center: LooseLine = None
    player_age_category: LooseLine = None
    address_and_pincode: Annotated[Prose | None, BeforeValidator(_text)] = None


class LeadOut(TypedDict):
    """A lead as it is answered; times are UTC."""

    id: int
    created_time: datetime
    player_name: str | None
    player_age_category: str | None
    phone: str | None
    email: str | None
    address: str | None
    status: str
    next_followup_date: datetime | None
    center_id: int | None


class Updated(TypedDict):
    """The answer to a change that is made."""

    status: str


class Received(TypedDict):
    """The answer to a lead that is kept."""

    status: str
    message: str
    lead_id: int


class Refused(TypedDict):
    """The answer to a lead that can't be kept; its HTTP status is 200, as it always was."""

    status: str
    message: str
