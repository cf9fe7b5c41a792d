"""Decide who can see which leads. Every read and write of a lead goes through `visible_to`."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, false, or_, true
from sqlmodel import col

from backend.core.database.rows import by_hand
from backend.models import Lead, Role


@dataclass(frozen=True, slots=True)
class Person:
    """The person behind a request, with their current role and centers.

    In older databases the role can be any text. `centers` has the ids of the person's centers; it
    is empty for a team lead, who sees all of them.
    """

    id: int
    email: str
    role: str
    centers: tuple[int, ...] = ()
    # The session that the request belongs to; None for a token without one.
    session_id: int | None = None
    # Whether the settings require a second factor that is missing: then nearly all is refused.
    needs_factor: bool = False
    # For people to read: nothing is decided by it.
    full_name: str = field(default="", compare=False)


def visible_to(
    person: Person, *, in_order: bool = False, center_id: Any = Lead.center_id
) -> ColumnElement[bool]:
    """Return the SQL condition for the leads that a person can see.

    Set `in_order` for lists that are read in the order of another index. `center_id` is the column
    to check, in another table whose rows belong to a center.
    """
    if person.role == Role.TEAM_LEAD:
        return true()
    # Use ids rather than a subquery: the planner knows how many leads each center has.
    center = by_hand(col(center_id)) if in_order else col(center_id)
    return center.in_(person.centers) if person.centers else false()


def for_all_or_visible_to(person: Person, center_id: Any) -> ColumnElement[bool]:
    """Return the condition for rows for all centers (null) or for one that a person sees."""
    return or_(col(center_id).is_(None), visible_to(person, center_id=center_id))
