"""The first leads of several partitions of an index, merged.

An index over a center, or a campaign, and the time is in order within each center or campaign: a
partition. A list of several partitions takes the first leads of each and sorts those. To sort all
leads of all partitions would cost more, the more leads there are.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, select, union_all
from sqlmodel import Session, col

from backend.core.access import Person, visible_to
from backend.models import Center, Lead, Role

# SQLite joins at most 500 queries into one, and takes at most 32,766 values.
MOST = 400
MOST_VALUES = 20_000

Partition = ColumnElement[bool]


def firsts(
    partitions: Sequence[Partition],
    conditions: Sequence[ColumnElement[bool]],
    column: Any,
    many: int,
    *,
    down: bool,
) -> Select[Any]:
    """Return the ids of so many of each partition; the first of all leads are among them."""
    order = (column.desc(), col(Lead.id).desc()) if down else (column, col(Lead.id))
    each = [
        select(
            select(col(Lead.id))
            .where(partition, *conditions)
            .order_by(*order)
            .limit(many)
            .subquery()
            .c.id
        )
        for partition in partitions or [false()]
    ]
    return select(union_all(*each).subquery().c.id)


def of_centers(
    session: Session, person: Person, wanted: Sequence[int | None] = ()
) -> list[Partition]:
    """Return a partition for each center that is wanted, or for each that a person sees."""
    ids = list(wanted or person.centers)
    if not ids and person.role == Role.TEAM_LEAD:
        every = select(col(Center.id)).order_by(col(Center.id))
        ids = [*session.connection().scalars(every), None]
    if len(ids) > MOST or len(ids) * len(person.centers) > MOST_VALUES:
        return [visible_to(person)]
    return [col(Lead.center_id) == id for id in dict.fromkeys(ids)]


def of_all_centers(session: Session, person: Person) -> list[Partition]:
    """Return the centers that a person sees as one partition, and leads without one as another."""
    if person.role != Role.TEAM_LEAD:
        return [col(Lead.center_id).in_(person.centers)]
    ids = session.connection().scalars(select(col(Center.id))).all()
    return [col(Lead.center_id).in_(ids), col(Lead.center_id).is_(None)]


def of_values(column: Any, values: Sequence[str]) -> list[Partition]:
    """Return a partition for each value of a column."""
    return [col(column) == value for value in dict.fromkeys(values)]


def within(partitions: Sequence[Partition], others: Sequence[Partition]) -> list[Partition]:
    """Return each partition divided by each of the others, unless that is too many."""
    if len(partitions) * len(others) > MOST:
        return list(partitions)
    return [and_(partition, other) for partition in partitions for other in others]
