"""Who may see which leads. Every read and every write of a lead goes through `visible_to`."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, false, true
from sqlmodel import col

from backend.core.database.rows import by_hand
from backend.models import Lead, Role


@dataclass(frozen=True, slots=True)
class Person:
    """Who makes a request, as the database has it now; the role is any text in old databases.

    `centers` are the ids of their own, which a team lead needs none of.
    """

    id: int
    email: str
    role: str
    centers: tuple[int, ...] = ()


def visible_to(
    person: Person, *, in_order: bool = False, center_id: Any = Lead.center_id
) -> ColumnElement[bool]:
    """The condition on `lead` that holds for the leads that a person may see.

    `in_order` is for lists that are read in the order of some other index; `center_id` is another
    table's, whose rows are about the leads of a center.
    """
    if person.role == Role.TEAM_LEAD:
        return true()
    # Ids and no subquery: a planner knows how many leads each of them has.
    center = by_hand(col(center_id)) if in_order else col(center_id)
    return center.in_(person.centers) if person.centers else false()
