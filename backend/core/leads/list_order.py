"""The orders of a list of leads: by a column, and before that by parts that follow each other.

Statuses come in the order in which leads pass through them, and owners by their names. By the next
or the last call, open leads come before closed ones, and among each of them those with a date
before those without one. Each part is in the order of an index, so a page is read from the part
where the page before has ended, and from the next ones until it's full.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlmodel import Session, col

from backend.core.access import Person
from backend.core.leads.criteria import LeadCriteria
from backend.core.leads.owner_filter import IS_OPEN, ME
from backend.models import Lead, Status, User
from backend.schemas.leads import Sort

CREATED, NAME = col(Lead.created_time), col(Lead.name_key)
DUE, LAST_CALL = col(Lead.next_followup_date), col(Lead.last_attempt_at)
# By which column leads are sorted, and whether from its end.
COLUMNS: dict[Sort, tuple[Any, bool]] = {
    "-created": (CREATED, True),
    "created": (CREATED, False),
    "due": (DUE, False),
    "-due": (DUE, True),
    "last_call": (LAST_CALL, False),
    "-last_call": (LAST_CALL, True),
    "name": (NAME, False),
    "-name": (NAME, True),
}
NEWEST: Sort = "-created"
HAS_DATE = {"due", "-due", "last_call", "-last_call"}
BY_NAME = {"name", "-name"}
_CLOSED = {Status.JOINED.value, Status.DEAD.value}
_KNOWN = tuple(Status)


@dataclass(frozen=True, slots=True)
class Part:
    """Some leads of a list: those that meet `where`, if there is any other part.

    The `criteria` are those of the list, and `where` in their words, as far as they have any. Its
    leads are in the order `sort`.
    """

    key: str
    where: ColumnElement[bool] | None
    criteria: LeadCriteria
    sort: Sort = NEWEST
    # Leads with a status that isn't one of ours, and that no filter has named.
    is_rest: bool = False


def parts(
    session: Session, person: Person, criteria: LeadCriteria, sort: Sort, begin: str
) -> Sequence[Part]:
    """Return the parts of a list in order; `begin` is the key of one that must be among them."""
    if sort in HAS_DATE:
        return _by_date(criteria, sort)
    if sort in ("status", "-status"):
        found = _by_status(criteria)
    elif sort in ("owner", "-owner"):
        owned = _by_owner(session, person, criteria, begin)
        nobody = _without_owner(criteria)
        return [*(reversed(owned) if sort == "-owner" else owned), *nobody]
    else:
        return [Part("", None, criteria, sort)]
    return found[::-1] if sort == "-status" else found


def _by_date(criteria: LeadCriteria, sort: Sort) -> list[Part]:
    asked = {*criteria.statuses}
    column, _ = COLUMNS[sort]
    has_date = criteria.has_due_date if column is DUE else criteria.has_last_call
    every: list[tuple[str, list[ColumnElement[bool]]]] = [("", [IS_OPEN]), ("closed", [~IS_OPEN])]
    if criteria.has_due_date or criteria.work is not None or (asked and not asked & _CLOSED):
        every = [("", [])]
    elif asked and asked <= _CLOSED:
        every = every[1:]
    dated = ("", column.is_not(None), sort)
    undated = ("undated", column.is_(None), NEWEST)
    # What the filter leaves out anyway would be looked for in vain.
    dates = [dated, undated] if has_date is None else [dated if has_date else undated]
    return [
        Part("-".join(filter(None, (of, key))), and_(*openness, has), criteria, order)
        for of, openness in every
        for key, has, order in dates
    ]


def _by_status(criteria: LeadCriteria) -> list[Part]:
    asked = criteria.statuses
    found = [
        Part(str(number), col(Lead.status) == status, replace(criteria, statuses=(status,)))
        for number, status in enumerate(map(str, _KNOWN))
        if not asked or status in asked
    ]
    others = tuple(one for one in asked if one not in _KNOWN)
    if others:
        found.append(
            Part("other", col(Lead.status).in_(others), replace(criteria, statuses=others))
        )
    elif not asked:
        rest = col(Lead.status).not_in(_KNOWN)
        found.append(Part("other", rest, criteria, is_rest=True))
    return found


def _by_owner(session: Session, person: Person, criteria: LeadCriteria, begin: str) -> list[Part]:
    """Return a part for each person who owns leads."""
    owns = exists().where(col(Lead.owner_id) == col(User.id))
    known = or_(owns, col(User.id) == int(begin)) if begin.isdecimal() else owns
    people = select(col(User.id), col(User.full_name)).where(known)
    if criteria.owners:
        asked = [person.id if id == ME else id for id in criteria.owners if id is not None]
        people = people.where(col(User.id).in_(asked))
    found = session.connection().execute(people).all()
    return [
        Part(str(id), col(Lead.owner_id) == id, replace(criteria, owners=(id,)))
        for id, _ in sorted(found, key=lambda one: (one.full_name.casefold(), one.id))
    ]


def _without_owner(criteria: LeadCriteria) -> list[Part]:
    if criteria.owners and None not in criteria.owners:
        return []
    nobody = replace(criteria, owners=(None,))
    return [Part("nobody", col(Lead.owner_id).is_(None), nobody)]
