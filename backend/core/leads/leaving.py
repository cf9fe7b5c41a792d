"""What becomes of a person's open leads when they leave: colleagues get them, or the queues do.

Either a team lead chooses the colleagues, or the assignment rules do, as with new leads.

It is one change, like a bulk edit, and is undone as one. Leads that have joined or are lost keep
their owner, for the record.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from backend.core import audit, times
from backend.core.access import Person
from backend.core.audit import Event, Subject
from backend.core.calling.rules import Standard
from backend.core.db import Database, low_priority
from backend.core.errors import Invalid, UserNotFound
from backend.core.leads import assignment, detail, owners
from backend.core.leads.owner_filter import IS_OPEN, IS_OWNED
from backend.models import BulkChange, Lead, User
from backend.schemas.leads import Changed

# How many leads one step of the background job gives to the queues.
STEP = 1000


def reassign(
    session: Session,
    by: Person,
    user_id: int,
    to: Sequence[int],
    by_rule: Standard | None = None,
) -> Changed:
    """Give a person's open leads to others, each about as many, or to the queues.

    A lead goes to one of them who may own it, and to its center's queue if nobody may. With a
    standard in `by_rule`, the assignment rules say who gets them. Raises `UserNotFound`, and
    `Invalid` for people who can't own leads at all, and for people and rules at once.
    """
    if session.get(User, user_id) is None:
        raise UserNotFound
    _check(to, by_rule, "by_rule")
    heirs = _heirs(session, by, user_id, to, "owner_ids")
    return _give(session, by, user_id, _held(session, user_id), heirs, by_rule)


def release(
    session: Session,
    by: Person,
    user_id: int,
    to: Sequence[int] = (),
    by_rule: Standard | None = None,
) -> Changed | None:
    """Do the same with only the leads that the person may no longer own.

    Returns None if there are none. Raises `Invalid`.
    """
    _check(to, by_rule, "leads_by_rule")
    heirs = _heirs(session, by, user_id, to, "leads_to")
    lost = _held(session, user_id, ~owners.able(Lead.center_id))
    return _give(session, by, user_id, lost, heirs, by_rule) if lost else None


def _check(to: Sequence[int], by_rule: Standard | None, field: str) -> None:
    if to and by_rule is not None:
        msg = "Choose either people or the assignment rules"
        raise Invalid.at("body", field, msg=msg)


def _heirs(
    session: Session, by: Person, user_id: int, to: Sequence[int], field: str
) -> dict[int, list[int] | None]:
    """Return the centers where each of the chosen people may own leads; None for all."""
    if not to:
        return {}
    centers = {one["id"]: one["center_ids"] for one in owners.choices(session, by)}
    if user_id in to or not centers.keys() >= {*to}:
        raise Invalid.at("body", field, msg="Choose other people who can work on leads")
    return {id: centers[id] for id in to}


def _plan(
    held: Sequence[tuple[int, int | None]], heirs: Mapping[int, list[int] | None]
) -> dict[int, int | None]:
    """Return who gets each lead: of those who may own it, the one with the fewest so far."""
    given: Counter[int] = Counter()
    plan: dict[int, int | None] = {}
    for lead_id, center_id in held:
        able = [id for id, centers in heirs.items() if centers is None or center_id in centers]
        heir = min(able, key=given.__getitem__, default=None)
        if heir is not None:
            given[heir] += 1
        plan[lead_id] = heir
    return plan


def _held(
    session: Session, user_id: int, *conditions: ColumnElement[bool]
) -> list[tuple[int, int | None]]:
    """Return the ids and centers of a person's open leads, locked, in order."""
    query = (
        select(col(Lead.id), col(Lead.center_id))
        .join_from(Lead, User, col(User.id) == col(Lead.owner_id))
        .where(IS_OWNED, col(Lead.owner_id) == user_id, IS_OPEN, *conditions)
        .order_by(col(Lead.id))
        .with_for_update(of=Lead)
    )
    return [(one.id, one.center_id) for one in session.connection().execute(query)]


def _give(
    session: Session,
    by: Person,
    user_id: int,
    held: Sequence[tuple[int, int | None]],
    heirs: Mapping[int, list[int] | None],
    by_rule: Standard | None,
) -> Changed:
    now = times.now()
    plan, rules = _plan(held, heirs), None
    if by_rule is not None:
        given, rules = assignment.plan_again(session, list(plan), by_rule, now, user_id)
        plan |= given
    owners.give(session, plan, by.id, now, rules=rules)
    versions = detail.versions(session, list(plan))
    was: dict[str, Any] = {"owner_id": user_id}
    change = BulkChange(
        user_id=by.id,
        at=now,
        changes=[
            {"id": id, "was": was, "to": {"owner_id": to}, "version": versions[id]}
            for id, to in plan.items()
        ],
    )
    session.add(change)
    session.flush()
    assert change.id is not None
    audit.record(
        session,
        Event.LEADS_CHANGED,
        by=by.id,
        subject=Subject.BULK_CHANGE,
        subject_id=change.id,
        leads=len(plan),
        fields=["owner_id"],
    )
    return {"id": change.id, "changed": len(plan)}


def find_strays(db: Database) -> list[int]:
    """Return open leads whose owners may not own them, such as after a script disabled someone."""
    query = (
        select(col(Lead.id))
        .join_from(Lead, User, col(User.id) == col(Lead.owner_id))
        .where(IS_OWNED, IS_OPEN, ~owners.able(Lead.center_id))
        .limit(STEP)
    )
    with db.read() as session:
        return [id for id in session.connection().scalars(query) if id is not None]


def release_strays(db: Database) -> int:
    """Give such leads to the queues of their centers. Returns how many."""
    strays = find_strays(db)
    if not strays:
        return 0
    with low_priority(), db.write() as session:
        return len(owners.release(session, _locked(session, strays), None, times.now()))


def _locked(session: Session, leads: Iterable[int]) -> list[int]:
    query = select(col(Lead.id)).where(col(Lead.id).in_(list(leads))).order_by(col(Lead.id))
    return [id for id in session.connection().scalars(query.with_for_update()) if id is not None]
