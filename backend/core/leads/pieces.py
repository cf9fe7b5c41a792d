"""The first leads of a status, center by center.

The index over center, status and time has a piece for each center that ends where it is to end. All
centers at once would be sorted as a whole, however many leads they have.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, false, select, union_all
from sqlmodel import Session, col

from backend.core.access import Person
from backend.models import Center, Lead, Role, UserCenterLink

# SQLite joins no more queries than 500 into one.
MOST_CENTERS = 400


def firsts(
    session: Session,
    person: Person,
    conditions: Sequence[ColumnElement[bool]],
    column: Any,
    many: int,
    *,
    down: bool,
) -> Select[Any]:
    """The ids of so many of each center that the person sees: the first of all are among them.

    A person sees no other leads by it than by `visible_to`.
    """
    order = (column.desc(), col(Lead.id).desc()) if down else (column, col(Lead.id))
    each = [
        select(
            select(col(Lead.id))
            .where(center, *conditions)
            .order_by(*order)
            .limit(many)
            .subquery()
            .c.id
        )
        for center in _centers(session, person)
    ]
    return select(union_all(*each).subquery().c.id)


def _centers(session: Session, person: Person) -> list[ColumnElement[bool]]:
    query = select(col(Center.id)).order_by(col(Center.id))
    if person.role != Role.TEAM_LEAD:
        own = select(col(UserCenterLink.center_id)).where(col(UserCenterLink.user_id) == person.id)
        query = query.where(col(Center.id).in_(own))
    ids = session.connection().scalars(query).all()
    if len(ids) > MOST_CENTERS:
        return [col(Lead.id).is_not(None)]
    seen: list[ColumnElement[bool]] = [col(Lead.center_id) == id for id in ids]
    if person.role == Role.TEAM_LEAD:
        seen.append(col(Lead.center_id).is_(None))
    return seen or [false()]
