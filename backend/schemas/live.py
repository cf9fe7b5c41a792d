"""The live view: the input and output of its route."""

from datetime import datetime

from typing_extensions import TypedDict

from backend.schemas.fields import Id, Schema


class LiveFilter(Schema):
    """The center to look at; by default all of them."""

    center_id: Id | None = None


class InHand(TypedDict):
    """A lead that someone has in hand."""

    lead_id: int
    player_name: str | None


class LivePerson(TypedDict):
    """What someone does now, and did today.

    `present` says whether they are at work now, null for those who aren't members of the center.
    `last_at` is when they last changed a lead or called, today.
    """

    user_id: int
    full_name: str
    present: bool | None
    in_hand: list[InHand]
    attempts: int
    conversations: int
    last_at: datetime | None


class Oldest(TypedDict):
    """The new lead that has waited longest."""

    lead_id: int
    player_name: str | None
    created_time: datetime


class WaitingAtCenter(TypedDict):
    """The leads that wait at a center: new ones that nobody has called, and overdue ones.

    `missed_targets` is how many targets were missed today, null where none are kept.
    """

    center_id: int | None
    new: int
    oldest: Oldest | None
    overdue: int
    missed_targets: int | None


class Live(TypedDict):
    """What happens now. Counts of leads and deliveries stop at 100.

    `deliveries` are those that wait for a person; null for one center, since they have none yet.
    """

    people: list[LivePerson]
    centers: list[WaitingAtCenter]
    deliveries: int | None
