"""Phones: the input and output of the check while one is typed."""

from pydantic import Field
from typing_extensions import TypedDict

from backend.schemas.fields import Line, Schema


class PhoneText(Schema):
    """The query for checking a phone."""

    phone: Line = Field(description="A phone as someone types it.")


class PhoneCheck(TypedDict):
    """What is read from a phone: its number and extension, further numbers, or what is wrong.

    Numbers are in E.164, and `shown` as people write them. `issue` and `message` are null if there
    is a valid number, or no text.
    """

    e164: str | None
    shown: str | None
    extension: str | None
    others: list[str]
    others_shown: list[str]
    issue: str | None
    message: str | None
