"""One person's data: the input and output of its routes."""

from datetime import datetime

from pydantic import Field, StrictBool
from typing_extensions import TypedDict

from backend.schemas.fields import Id, Line, Prose, Schema


class EraseLead(Schema):
    """What erases a lead; `at_once` also destroys what is kept until its time is over.

    It has to be said: an empty request erases nobody.
    """

    at_once: StrictBool


class ErasureId(Schema):
    """The path parameter of an erasure."""

    id: Id


class ErasureFilter(Schema):
    """The query for one page of erasures, newest first."""

    before: Id | None = Field(None, description="The id of the last erasure on the previous page.")
    limit: int = Field(50, ge=1, le=200)


class ErasedOut(TypedDict):
    """An erasure. `lead_id` was the lead's id; `destroyed_at` is null until nothing is left."""

    id: int
    lead_id: int
    center_id: int | None
    erased_at: datetime
    erased_by: int | None
    destroy_at: datetime
    destroyed_at: datetime | None


class Contact(Schema):
    """Whether a lead must not be contacted."""

    do_not_contact: StrictBool


class NewConsent(Schema):
    """A consent that a person has been given, or that was refused."""

    key: Line = Field(description="What it is for, such as `photos`.")
    text: Prose = Field(description="The text that was agreed to.")
    channel: Line = Field(description="How it was given, such as `paper` or `phone`.")
    version: Line | None = Field(None, description="Which edition of the text it was.")
    granted: StrictBool = True
    at: Line | None = Field(None, description="When it was given. Default: now.")


class ConsentId(Schema):
    """The path parameters of a consent."""

    id: Id
    consent_id: Id
