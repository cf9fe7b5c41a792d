"""The flat form of the webhook: what it takes and answers."""

from typing import Annotated

from pydantic import BeforeValidator
from typing_extensions import TypedDict

from backend.schemas.fields import Line, Prose, Schema


def _text(value: object) -> object:
    """Return a number as text, since forms and tools send phones and ages as either."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return str(int(value)) if float(value).is_integer() else str(value)


LooseLine = Annotated[Line | None, BeforeValidator(_text)]


class FlatLead(Schema):
    """A lead sent to the flat webhook. A missing field gets an error message with status 200."""

    phone_number: LooseLine = None
    full_name: LooseLine = None
    email_address: LooseLine = None
    nearest_center: LooseLine = None
    player_age_category: LooseLine = None
    address_and_pincode: Annotated[Prose | None, BeforeValidator(_text)] = None


class Received(TypedDict):
    """The answer to an accepted lead.

    `lead_id` is null for a repeat enquiry that anyone may have sent: it waits for a person's look.
    """

    status: str
    message: str
    lead_id: int | None


class Refused(TypedDict):
    """The answer to a refused lead. Its HTTP status is 200, which existing clients rely on."""

    status: str
    message: str


class ReceivedList(TypedDict):
    """The answer to several leads in one body, with the answer to each, in their order."""

    status: str
    message: str
    leads: list[Received | Refused]
