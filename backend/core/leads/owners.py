"""Who works on a lead: its owner, or nobody yet, and then it's in its center's queue.

`able` is the rule: an owner can sign in, isn't an observer, and sees the lead's center. Where a
lead would get another owner, people are told so. Where a lead keeps its owner and the rule stops
being met, because the lead moves or the person leaves, the lead goes to the queue.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from backend.core.access import Person
from backend.core.alerts import announcing, withdrawing
from backend.core.database import bulk_insert, rows
from backend.core.database.bulk_insert import among, batches
from backend.core.database.json_columns import encode
from backend.core.errors import Invalid
from backend.core.leads.history import event
from backend.models import EventKind, Lead, Role, User, UserCenterLink
from backend.schemas.owners import OwnerOut

_EVENT = ("lead_id", "at", "user_id", "kind", "data", "import_id")
_owner = aliased(User)
# The name of a lead's owner, in a query of leads.
NAME = (
    select(col(_owner.full_name))
    .where(col(_owner.id) == col(Lead.owner_id))
    .correlate(Lead)
    .scalar_subquery()
)


def able(center_id: Any) -> ColumnElement[bool]:
    """Return the condition that a user may own leads of a center, a column or an id."""
    link = select(col(UserCenterLink.user_id)).where(
        col(UserCenterLink.user_id) == col(User.id), col(UserCenterLink.center_id) == center_id
    )
    is_member = and_(col(User.role) == Role.TEAM_MEMBER, link.exists())
    return and_(col(User.disabled).is_(False), or_(col(User.role) == Role.TEAM_LEAD, is_member))


def able_anywhere() -> ColumnElement[bool]:
    """Return the condition that a user may own leads of some center."""
    has_role = col(User.role).in_((Role.TEAM_LEAD, Role.TEAM_MEMBER))
    return and_(col(User.disabled).is_(False), has_role)


def able_somewhere() -> ColumnElement[bool]:
    """Return the condition that a user may own the leads of at least one center."""
    link = select(col(UserCenterLink.user_id)).where(col(UserCenterLink.user_id) == col(User.id))
    is_lead = col(User.role) == Role.TEAM_LEAD
    return and_(able_anywhere(), or_(is_lead, link.exists()))


def choices(session: Session, person: Person) -> list[OwnerOut]:
    """Return who may own leads of the centers that a person sees, by name.

    `center_ids` are those of them where they may; null is all.
    """
    sees_all = person.role == Role.TEAM_LEAD
    people = select(col(User.id), col(User.full_name), col(User.role)).where(able_anywhere())
    links = select(col(UserCenterLink.user_id), col(UserCenterLink.center_id))
    if not sees_all:
        links = links.where(col(UserCenterLink.center_id).in_(person.centers))
    centers: dict[int, list[int]] = {}
    for user_id, center_id in session.connection().execute(links):
        centers.setdefault(user_id, []).append(center_id)
    found: list[dict[str, Any]] = []
    for one in rows.fetch(session, people.order_by(col(User.full_name), col(User.id))):
        is_lead = one.pop("role") == Role.TEAM_LEAD
        if is_lead or one["id"] in centers:
            found.append(one | {"center_ids": None if is_lead else sorted(centers[one["id"]])})
    return cast(list[OwnerOut], found)


def assign(
    session: Session, leads: Iterable[Lead], owner_id: int | None, by: int | None, at: datetime
) -> None:
    """Give locked leads to a person, or to the queues of their centers. Raises `Invalid`."""
    changed = [lead for lead in leads if lead.owner_id != owner_id]
    if owner_id is not None and changed:
        _check(session, owner_id, {lead.center_id for lead in changed})
    pass_on(session, changed, owner_id, by, at)


def pass_on(
    session: Session,
    leads: Sequence[Lead],
    owner_id: int | None,
    by: int | None,
    at: datetime,
    **more: Any,
) -> None:
    """Give locked leads to a person who may own them, or to the queues, and tell the person.

    Their lines of history have `more`, too.
    """
    _set(session, leads, owner_id, by, at, **more)
    if owner_id is not None:
        announcing.assigned(session, {owner_id: [lead.id or 0 for lead in leads]}, by)


def restore(
    session: Session, lead: Lead, owner_id: int | None, by: int | None, at: datetime
) -> None:
    """Give a locked lead back to a person, or to the queue if they may not own it any more."""
    if owner_id is not None and not is_able(session, owner_id, lead.center_id):
        owner_id = None
    if lead.owner_id != owner_id:
        # The person isn't told: it was theirs before.
        more = {} if owner_id is None else {"restored": True}
        _set(session, [lead], owner_id, by, at, **more)


def give_back(session: Session, plan: Mapping[int, int | None]) -> None:
    """Give many locked leads back to their owners, by lead, without telling anyone.

    There is no line of history: those that took the leads away are removed. No object of the
    session may stand for any of the leads.
    """
    withdrawing.leave_all(session, plan)
    for owner_id in {*plan.values()}:
        for batch in batches([id for id, to in plan.items() if to == owner_id]):
            change = update(Lead).where(among(session, col(Lead.id), batch))
            session.connection().execute(change.values(owner_id=owner_id))


def follow_center(session: Session, lead: Lead, by: int | None, at: datetime) -> None:
    """Give a locked lead that has moved to the queue, unless its owner sees the new center."""
    restore(session, lead, lead.owner_id, by, at)


def release(session: Session, leads: Iterable[int], by: int | None, at: datetime) -> list[int]:
    """Give those of the locked leads to the queue whose owners may not own them any more.

    Returns their ids. No object of the session may stand for any of them.
    """
    released: list[int] = []
    for batch in batches(leads):
        query = (
            select(col(Lead.id))
            .join_from(Lead, User, col(User.id) == col(Lead.owner_id))
            .where(among(session, col(Lead.id), batch), ~able(Lead.center_id))
        )
        lost = [id for id in session.connection().scalars(query) if id is not None]
        give(session, dict.fromkeys(lost), by, at)
        released += lost
    return released


def give(
    session: Session,
    plan: Mapping[int, int | None],
    by: int | None,
    at: datetime,
    *,
    rules: Mapping[int, int] | None = None,
    import_id: int | None = None,
    is_told: bool = False,
) -> None:
    """Give many locked leads to owners who may own them, or None; with lines of history.

    `rules` has the ids of the rules that say so, by lead, where there is one. The owners are told,
    unless they are told of the leads anyway: `is_told`. No object of the session may stand for any
    of the leads.
    """
    for batch in batches(plan):
        was = select(col(Lead.id), col(Lead.owner_id)).where(among(session, col(Lead.id), batch))
        before = {one.id or 0: one.owner_id for one in session.connection().execute(was)}
        withdrawing.leave(session, before)
        names = _names(session, {*before.values(), *(plan[id] for id in batch)})
        lines = []
        for owner_id in {plan[id] for id in batch}:
            own = [id for id in batch if plan[id] == owner_id]
            change = update(Lead).where(among(session, col(Lead.id), own))
            session.connection().execute(change.values(owner_id=owner_id))
            for id in own:
                said = _said(names.get(before[id]), names.get(owner_id), owner_id)
                if rules is not None and id in rules:
                    said["rule_id"] = rules[id]
                if import_id is not None:
                    # What an undo of the import needs.
                    said["from_id"] = before[id]
                lines.append((id, at, by, EventKind.ASSIGNED.value, encode(said), import_id))
        bulk_insert.insert(session, "leadevent", _EVENT, lines)
    given: dict[int, list[int]] = {}
    for id, owner in plan.items():
        if owner is not None:
            given.setdefault(owner, []).append(id)
    if not is_told:
        announcing.assigned(session, given, by)


def _check(session: Session, owner_id: int, centers: set[int | None]) -> None:
    """Check that a person may own leads of all these centers. Raises `Invalid`."""
    if not all(is_able(session, owner_id, center_id) for center_id in centers):
        msg = "Choose a person who works at the lead's center"
        raise Invalid.at("body", "owner_id", msg=msg)


def is_able(session: Session, owner_id: int | None, center_id: int | None) -> bool:
    """Return whether a person may own leads of a center."""
    query = select(col(User.id)).where(col(User.id) == owner_id, able(center_id))
    return session.connection().scalar(query) is not None


def _set(
    session: Session,
    leads: Sequence[Lead],
    owner_id: int | None,
    by: int | None,
    at: datetime,
    **more: Any,
) -> None:
    names = _names(session, {owner_id, *(lead.owner_id for lead in leads)})
    withdrawing.leave(session, {lead.id or 0: lead.owner_id for lead in leads})
    for lead in leads:
        assert lead.id is not None
        said = _said(names.get(lead.owner_id), names.get(owner_id), owner_id)
        session.add(event(lead.id, at, EventKind.ASSIGNED, by, **said, **more))
        lead.owner_id = owner_id


def _names(session: Session, ids: Iterable[int | None]) -> dict[int | None, str]:
    known = [id for id in ids if id is not None]
    people = select(col(User.id), col(User.full_name)).where(col(User.id).in_(known))
    return {one.id: one.full_name for one in session.connection().execute(people)}


def _said(before: str | None, after: str | None, owner_id: int | None) -> dict[str, Any]:
    """Return the data of the line of history, with names, since people read it for years."""
    return {"from": before, "to": after, "owner_id": owner_id}
