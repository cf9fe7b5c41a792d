"""Choose how a page of leads is read, so that it costs the same however many leads there are.

Left to itself a database guesses: see docs/decisions/0024-how-a-page-of-leads-is-read.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlmodel import Session, col

from backend.core.access import Person
from backend.core.database.bulk_insert import among
from backend.core.leads import index_partitions, list_order, owner_filter
from backend.core.leads.criteria import LeadCriteria
from backend.core.leads.index_partitions import Partition
from backend.core.leads.list_order import Part
from backend.core.leads.owner_filter import IS_OWNED
from backend.models import Lead, Role, Status

# That many leads or fewer are sorted after they are found, whatever order they come in.
FEW = 2_000
# And that many for names, also those of owners: leads with something in common are all over them.
FEW_BY_NAME = 10 * FEW
_NAMED = list_order.BY_NAME | {"owner", "-owner"}
_BY_TIME = {"created", "-created"}


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


def of_part(session: Session, person: Person, part: Part) -> Plan:
    """Return how to read one of the parts of a list."""
    if part.is_rest and (few := _rest(session, person, part.criteria)) is not None:
        return Few(few)
    return choose(session, person, part.criteria, part.sort)


def _rest(session: Session, person: Person, criteria: LeadCriteria) -> ColumnElement[bool] | None:
    """Return the condition of the leads with other statuses than ours, if they are few.

    Between our statuses, the index over centers and statuses has them, mostly none.
    """
    status, known = col(Lead.status), sorted(map(str, Status))
    between = [and_(status > one, status < other) for one, other in pairwise(known)]
    ranges = [status < known[0], *between, status > known[-1]]
    centers = index_partitions.of_centers(session, person, criteria.centers)
    every = [and_(center, one) for center in centers for one in ranges]
    found: list[int] = []
    for at in range(0, len(every), index_partitions.MOST):
        some = every[at : at + index_partitions.MOST]
        leads = index_partitions.firsts(some, [], status, FEW + 1, down=False)
        found += session.connection().scalars(leads.limit(FEW + 1))
    return among(session, col(Lead.id), found) if len(found) <= FEW else None


def choose(session: Session, person: Person, criteria: LeadCriteria, sort: str) -> Plan:
    """Return how to read a page; the first case that applies counts."""
    if (few := _few(session, person, criteria, sort)) is not None:
        return few
    # The index over words is the only one that helps to find them.
    if criteria.words:
        return Search(criteria.words)
    # Each center is a partition in the order of names, and nothing else is.
    if sort in list_order.BY_NAME:
        centers = index_partitions.of_centers(session, person, criteria.centers)
        return _merge(person, criteria, centers)
    # The leads of each owner are a partition, by their times and by their next dates.
    if criteria.is_owned and sort in ("created", "-created", "due", "-due"):
        owners = [
            and_(IS_OWNED, owner_filter.of_owners([id], person.id))
            for id in dict.fromkeys(criteria.owners)
        ]
        return _merge(person, criteria, owners)
    # The next dates and the last calls have indexes of their own, which are in this order.
    if sort in list_order.HAS_DATE or criteria.has_due_date:
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


def _few(session: Session, person: Person, criteria: LeadCriteria, sort: str) -> Few | None:
    """Return the leads if one criterion alone leaves few.

    To go in order until a page is full might read all.
    """
    by_name = sort in _NAMED
    most = FEW_BY_NAME if by_name else FEW
    for leads in _indexed(session, person, criteria, most, by_name=by_name):
        some = leads.limit(most + 1)
        many = select(func.count()).select_from(some.subquery())
        if (session.connection().scalar(many) or 0) <= most:
            return Few(col(Lead.id).in_(some))
    # In the order of time, the newest ones are found first.
    return None if sort in _BY_TIME or criteria.words else _scanned(session, person, criteria)


def _scanned(session: Session, person: Person, criteria: LeadCriteria) -> Few | None:
    """Return the leads if what has no index leaves few.

    To look at every lead once, as they lie, takes a third of the time that it takes in the order of
    an index. Where many match, that soon ends. Those of some centers are fewer to go through.
    """
    rare = list(criteria.unindexed())
    if not rare or criteria.centers or person.role != Role.TEAM_LEAD:
        return None
    leads = select(col(Lead.id)).where(*rare).limit(FEW_BY_NAME + 1)
    ids = session.connection().scalars(leads).all()
    if len(ids) > FEW_BY_NAME:
        return None
    return Few(among(session, col(Lead.id), [id for id in ids if id is not None]))


def _indexed(
    session: Session, person: Person, criteria: LeadCriteria, most: int, *, by_name: bool
) -> Iterator[Select[Any]]:
    """Yield the leads that meet one criterion alone, for each that has an index."""
    for condition in criteria.indexed(person):
        yield select(col(Lead.id)).where(condition)
    # Without any of these, a status is read in order of time by its own index, as fast.
    rare = by_name or criteria.words or criteria.sources or criteria.is_by_history
    if criteria.statuses and rare:
        statuses = _of_statuses(session, person, criteria)
        newest = col(Lead.created_time)
        yield index_partitions.firsts(statuses, [], newest, most + 1, down=True)
    if by_name:
        for condition in criteria.of_times():
            yield select(col(Lead.id)).where(condition)
        if criteria.centers or person.role != Role.TEAM_LEAD:
            centers = index_partitions.of_centers(session, person, criteria.centers)
            yield select(col(Lead.id)).where(or_(false(), *centers))


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
