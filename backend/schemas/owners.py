"""Owners of leads and claims: the output of their routes."""

from datetime import datetime

from typing_extensions import TypedDict


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
