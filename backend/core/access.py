"""Who may see which leads. Every read and every write of a lead goes through `visible_to`."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, true
from sqlmodel import col

from backend.models import Lead, Role, UserCenterLink


@dataclass(frozen=True, slots=True)
class Person:
    """Who makes a request, as the database has it now; the role is any text in old databases."""

    id: int
    email: str
    role: str


def visible_to(person: Person) -> ColumnElement[bool]:
    """The condition on `lead` that holds for the leads that a person may see."""
    if person.role == Role.TEAM_LEAD:
        return true()
    centers = select(col(UserCenterLink.center_id)).where(col(UserCenterLink.user_id) == person.id)
    return col(Lead.center_id).in_(centers)
