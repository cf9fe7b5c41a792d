"""Choose how a page of leads is read, so that it costs the same however many leads there are.

Left to itself a database guesses: see docs/decisions/0024-how-a-page-of-leads-is-read.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlmodel import Session, col

from backend.core.access import Person
from backend.core.leads import index_partitions, owner_filter
from backend.core.leads.criteria import LeadCriteria
from backend.core.leads.index_partitions import Partition
from backend.core.leads.owner_filter import IS_OWNED
from backend.models import Lead, Role

# That many leads or fewer are sorted after they are found, whatever order they come in.
FEW = 2_000


@dataclass(frozen=True, slots=True)
class Few:
    """Take the leads of `among`, which are few, and sort them."""

    among: ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Search:
    """Look for words: among the first leads in order, and then by the search index."""

    words: Sequence[str]


@dataclass(frozen=True, slots=True)
class Merge:
    """Take the first leads of each of some partitions of an index, and merge them."""

    partitions: Sequence[Partition]


@dataclass(frozen=True, slots=True)
class InOrder:
    """Go through the leads in the order of the list until the page is full."""


Plan = Few | Search | Merge | InOrder


def choose(session: Session, person: Person, criteria: LeadCriteria, sort: str) -> Plan:
    """Return how to read a page; the first case that applies counts."""
    # One criterion alone leaves few leads: to go in order until a page is full might read all.
    for leads in _indexed(session, person, criteria):
        if _is_few(session, leads):
            return Few(col(Lead.id).in_(leads.limit(FEW + 1)))
    # The index over words is the only one that helps to find them.
    if criteria.words:
        return Search(criteria.words)
    # The leads of each owner are a partition, by their times and by their next dates.
    if criteria.is_owned and sort in ("created", "-created", "due", "-due"):
        owners = [
            and_(IS_OWNED, owner_filter.of_owners([id], person.id))
            for id in dict.fromkeys(criteria.owners)
        ]
        return _merge(person, criteria, owners)
    # The next dates and the last calls have indexes of their own, which are in this order.
    if sort in ("due", "-due", "last_call", "-last_call") or criteria.has_due_date:
        return InOrder()
    # Each campaign, age category or reason is a partition of an index that is in order within it.
    for column, values in criteria.indexed_texts():
        return _merge(person, criteria, index_partitions.of_values(column, values))
    # So is each status of each center.
    if criteria.statuses and not (criteria.sources or criteria.is_by_history):
        return _merge(person, criteria, _of_statuses(session, person, criteria))
    # A team lead's list of all centers is in the order of all leads.
    if not criteria.centers and person.role == Role.TEAM_LEAD:
        return InOrder()
    # PostgreSQL takes what has no index for rare, and would read each partition to its end.
    if criteria.is_by_history and session.get_bind().dialect.name == "postgresql":
        return InOrder()
    # Each center is a partition.
    centers = index_partitions.of_centers(session, person, criteria.centers)
    return _merge(person, criteria, centers)


def _indexed(session: Session, person: Person, criteria: LeadCriteria) -> Iterator[Select[Any]]:
    """Yield the leads that meet one criterion alone, for each that has an index."""
    for condition in criteria.indexed(person):
        yield select(col(Lead.id)).where(condition)
    # A status without any of these is read in order by its own index, as fast.
    if criteria.statuses and (criteria.words or criteria.sources or criteria.is_by_history):
        statuses = _of_statuses(session, person, criteria)
        newest = col(Lead.created_time)
        yield index_partitions.firsts(statuses, [], newest, FEW + 1, down=True)


def _is_few(session: Session, leads: Select[Any]) -> bool:
    some = leads.limit(FEW + 1)
    many = select(func.count()).select_from(some.subquery())
    return (session.connection().scalar(many) or 0) <= FEW


def _of_statuses(session: Session, person: Person, criteria: LeadCriteria) -> list[Partition]:
    statuses = index_partitions.of_values(Lead.status, criteria.statuses)
    centers = index_partitions.of_centers(session, person, criteria.centers)
    return index_partitions.within(centers, statuses)


def _merge(person: Person, criteria: LeadCriteria, partitions: Sequence[Partition]) -> Plan:
    """Return a merge, unless its statement would have too many values: all are in each part."""
    values = len(partitions) * (len(person.centers) + criteria.size)
    if not partitions or values > index_partitions.MOST_VALUES:
        return InOrder()
    return Merge(partitions)
