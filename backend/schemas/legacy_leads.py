"""Leads as clients of the first version get them."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

WallClock = Annotated[
    str,
    Field(
        description="Local time in the settings' zone, without an offset.",
        examples=["2026-12-05T00:00:00", "2026-12-05T16:30:00.250000"],
    ),
]


class LegacyLead(TypedDict):
    """A lead in the legacy list. Its clients need texts: `Unknown` or an empty text, not null."""

    id: int
    created_time: WallClock
    player_name: str
    player_age_category: str
    phone: str
    email: str | None
    address: str | None
    status: str
    next_followup_date: WallClock | None
    center_id: int | None
