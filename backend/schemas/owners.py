"""Owners of leads and claims: the input and output of their routes."""

from datetime import datetime

from pydantic import Field, StrictBool
from typing_extensions import TypedDict

from backend.schemas.fields import BodyId, Schema
from backend.schemas.leads import Changed
from backend.schemas.users import UserOut


class OwnerOut(TypedDict):
    """A person who may own leads: of which centers, among those that you see; null is all."""

    id: int
    full_name: str
    center_ids: list[int] | None


class ClaimOut(TypedDict):
    """A claim: the lead is yours until then (UTC), which is so many `seconds` from now.

    `lead_id` is the lead that a merged lead is part of now.
    """

    lead_id: int
    until: datetime
    seconds: int


class Colleagues(Schema):
    """Who gets the open leads of a person who leaves, each about as many."""

    owner_ids: list[BodyId] = Field(
        max_length=100, description="Their ids. Without any, the queues of the centers get them."
    )
    by_rule: StrictBool = Field(
        default=False, description="Whether the assignment rules say who gets them instead."
    )


class ChangedUser(UserOut):
    """A user as they are now.

    `released` is the change, which can be undone, that gave to others those open leads that they
    may not own any more. It is null if there were none.
    """

    released: Changed | None
