"""The first leads of several kinds, kind by kind.

An index over a center, or a campaign, and the time has a piece for each of them that is in order.
A list that has several of them is the first of each piece, put in order: to take all that they have
and sort that would cost the more, the more leads there are.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, select, union_all
from sqlmodel import Session, col

from backend.core.access import Person, visible_to
from backend.models import Center, Lead, Role

# SQLite joins no more queries than 500 into one, and takes no more than 32,766 values.
MOST = 400
MOST_VALUES = 20_000

Piece = ColumnElement[bool]


def firsts(
    pieces: Sequence[Piece],
    conditions: Sequence[ColumnElement[bool]],
    column: Any,
    many: int,
    *,
    down: bool,
) -> Select[Any]:
    """The ids of so many of each piece: the first of all of them are among these."""
    order = (column.desc(), col(Lead.id).desc()) if down else (column, col(Lead.id))
    each = [
        select(
            select(col(Lead.id))
            .where(piece, *conditions)
            .order_by(*order)
            .limit(many)
            .subquery()
            .c.id
        )
        for piece in pieces or [false()]
    ]
    return select(union_all(*each).subquery().c.id)


def of_centers(session: Session, person: Person, wanted: Sequence[int | None] = ()) -> list[Piece]:
    """A piece for each center that is wanted, or else for each that a person sees."""
    ids = list(wanted or person.centers)
    if not ids and person.role == Role.TEAM_LEAD:
        every = select(col(Center.id)).order_by(col(Center.id))
        ids = [*session.connection().scalars(every), None]
    if len(ids) > MOST or len(ids) * len(person.centers) > MOST_VALUES:
        return [visible_to(person)]
    return [col(Lead.center_id) == id for id in dict.fromkeys(ids)]


def of_all_centers(session: Session, person: Person) -> list[Piece]:
    """The centers that a person sees as one piece, and leads without any as another."""
    if person.role != Role.TEAM_LEAD:
        return [col(Lead.center_id).in_(person.centers)]
    ids = session.connection().scalars(select(col(Center.id))).all()
    return [col(Lead.center_id).in_(ids), col(Lead.center_id).is_(None)]


def of_values(column: Any, values: Sequence[str]) -> list[Piece]:
    """A piece for each value that a column is to have."""
    return [col(column) == value for value in dict.fromkeys(values)]


def within(pieces: Sequence[Piece], others: Sequence[Piece]) -> list[Piece]:
    """Each piece cut by each of the others, where that is not too many."""
    if len(pieces) * len(others) > MOST:
        return list(pieces)
    return [and_(piece, other) for piece in pieces for other in others]
