"""What happens now, for team leads: who works on what, and which leads wait.

It's asked for again every few seconds, so nothing is counted beyond `MOST`, and each count begins
at an index. As in other lists, test leads are left out.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, union_all
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person
from backend.core.calling import presence
from backend.core.calling.rules import Standard
from backend.core.database.bulk_insert import batches
from backend.core.database.rows import written
from backend.core.leads.owner_filter import IS_OPEN
from backend.core.leads.work_filter import IS_BY_PERSON
from backend.core.reports import missed_targets, people
from backend.core.reports.cohort_totals import Cohort
from backend.models import (
    Center,
    Delivery,
    DeliveryState,
    Lead,
    LeadClaim,
    LeadEvent,
    Role,
    Status,
    User,
    UserCenterLink,
)
from backend.schemas.live import InHand, Live, LiveFilter, LivePerson, Oldest, WaitingAtCenter

# Counts of leads and deliveries stop here.
MOST = 100
# How many people are listed, those who did something last before the others.
MOST_PEOPLE = 300
# SQLite joins at most 500 queries into one.
_CENTERS_AT_ONCE = 200


def show(session: Session, person: Person, wanted: LiveFilter, standard: Standard) -> Live:
    """Return what happens now, at all centers or at one."""
    now = times.now()
    centers = _centers(session, wanted.center_id)
    return {
        "people": _people(session, person, wanted.center_id, standard, now),
        "centers": _waiting(session, centers, now, standard),
        "deliveries": _deliveries(session) if wanted.center_id is None else None,
    }


def _centers(session: Session, center_id: int | None) -> list[int | None]:
    """Return the ids of the centers that are open, and None for leads without one."""
    query = select(col(Center.id)).where(col(Center.archived_at).is_(None))
    if center_id is not None:
        return [*session.connection().scalars(query.where(col(Center.id) == center_id))]
    return [*session.connection().scalars(query.order_by(col(Center.display_name))), None]


def _people(
    session: Session, person: Person, center_id: int | None, standard: Standard, now: datetime
) -> list[LivePerson]:
    """Return who works at the center, and who did something there today."""
    today = now.astimezone(standard.zone).date()
    cohort = Cohort(person, today, today, standard.zone, center_id)
    tried = {
        one.user_id: (int(one.attempts), int(one.conversations))
        for one in session.connection().execute(people.tried(cohort))
    }
    active = {one.user_id: one for one in session.connection().execute(_active(cohort))}
    in_hand = _in_hand(session, center_id, now)
    members = _members(session, center_id)
    at_work = _at_work(session, members, now, standard)
    query = select(col(User.id), col(User.full_name)).order_by(col(User.full_name), col(User.id))
    found: list[LivePerson] = []
    for id, name in session.connection().execute(query):
        if id is None or not (id in members or id in tried or id in in_hand):
            continue
        attempts, conversations = tried.get(id, (0, 0))
        found.append(
            {
                "user_id": id,
                "full_name": name,
                "present": id in at_work if id in members else None,
                "in_hand": in_hand.get(id, []),
                "attempts": attempts,
                "conversations": conversations,
                "last_at": active[id].last_at if id in active else None,
            }
        )
    # Those who aren't members may come and go: they are last, so that nobody else moves.
    found.sort(key=lambda one: one["present"] is None)
    if len(found) > MOST_PEOPLE:
        busiest = sorted(found, key=lambda one: (not one["in_hand"], not one["attempts"]))
        kept = {one["user_id"] for one in busiest[:MOST_PEOPLE]}
        found = [one for one in found if one["user_id"] in kept]
    return found


def _active(cohort: Cohort) -> Select[Any]:
    """Return the query for when each person last changed a lead or called, on these days."""
    begins, ends = cohort.period()
    last_at: Any = written(func.max(col(LeadEvent.at)))
    query: Select[Any] = (
        select(*(col(LeadEvent.user_id), last_at.label("last_at")))
        .where(
            IS_BY_PERSON,
            col(LeadEvent.user_id).in_(select(col(User.id))),
            col(LeadEvent.at) >= begins,
            col(LeadEvent.at) < ends,
        )
        .group_by(col(LeadEvent.user_id))
    )
    if cohort.center_id is None:
        return query
    of_lead = col(Lead.id) == col(LeadEvent.lead_id)
    return query.join(Lead, of_lead).where(*cohort.conditions(Lead.center_id))


def _in_hand(session: Session, center_id: int | None, now: datetime) -> dict[int, list[InHand]]:
    """Return the leads that each person has in hand."""
    query = (
        select(col(LeadClaim.user_id), col(LeadClaim.lead_id), col(Lead.player_name))
        .join(Lead, col(Lead.id) == col(LeadClaim.lead_id))
        .where(col(LeadClaim.until) > now)
        .order_by(col(LeadClaim.lead_id))
    )
    if center_id is not None:
        query = query.where(col(Lead.center_id) == center_id)
    found: dict[int, list[InHand]] = {}
    for user_id, lead_id, name in session.connection().execute(query):
        found.setdefault(user_id, []).append({"lead_id": lead_id, "player_name": name})
    return found


def _members(session: Session, center_id: int | None) -> dict[int, list[int]]:
    """Return the members who can sign in, each with their centers, or with the one."""
    query = (
        select(col(UserCenterLink.user_id), col(UserCenterLink.center_id))
        .join(User, col(User.id) == col(UserCenterLink.user_id))
        .where(col(User.role) == Role.TEAM_MEMBER, col(User.disabled).is_(False))
    )
    if center_id is not None:
        query = query.where(col(UserCenterLink.center_id) == center_id)
    found: dict[int, list[int]] = {}
    for user_id, id in session.connection().execute(query):
        found.setdefault(user_id, []).append(id)
    return found


def _at_work(
    session: Session, members: dict[int, list[int]], now: datetime, standard: Standard
) -> set[int]:
    """Return which members are present at any of their centers."""
    centers = {id for ids in members.values() for id in ids}
    found = presence.present(session, centers, now, standard)
    return {id for ids in found.values() for id in ids}


def _waiting(
    session: Session, centers: Sequence[int | None], now: datetime, standard: Standard
) -> list[WaitingAtCenter]:
    """Return the leads that wait at each center."""
    found: list[WaitingAtCenter] = []
    for some in batches(centers, _CENTERS_AT_ONCE):
        new = _counts(session, some, _is_new())
        overdue = _counts(session, some, _is_overdue(now))
        oldest = _oldest(session, some)
        missed = missed_targets.of_today(session, some, now, standard)
        found += [
            {
                "center_id": id,
                "new": new[id],
                "oldest": oldest.get(id),
                "overdue": overdue[id],
                "missed_targets": None if id not in missed else min(missed[id], MOST),
            }
            for id in some
            # Leads without a center are the exception.
            if id is not None or new[id] or overdue[id]
        ]
    return found


def _is_new() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of `status=New` and `first_call=none`."""
    return (
        col(Lead.status) == Status.NEW,
        col(Lead.called_at).is_(None),
        col(Lead.is_test).is_(False),
    )


def _is_overdue(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of `due=overdue`."""
    due = col(Lead.next_followup_date)
    return (due.is_not(None), IS_OPEN, due < now, col(Lead.is_test).is_(False))


def _of(id: int | None) -> ColumnElement[bool]:
    center = col(Lead.center_id)
    return center.is_(None) if id is None else center == id


def _counts(
    session: Session, centers: Sequence[int | None], conditions: Sequence[ColumnElement[bool]]
) -> dict[int | None, int]:
    """Return how many leads of each center meet some conditions, up to `MOST`."""
    each = []
    for place, id in enumerate(centers):
        some = select(col(Lead.id)).where(_of(id), *conditions).limit(MOST).subquery()
        each.append(select(literal(place), func.count()).select_from(some))
    found = session.connection().execute(union_all(*each)).all()
    return {centers[place]: many for place, many in found}


def _oldest(session: Session, centers: Sequence[int | None]) -> dict[int | None, Oldest]:
    """Return the new lead of each center that has waited longest."""
    each = [
        select(
            select(
                col(Lead.center_id),
                col(Lead.id).label("lead_id"),
                col(Lead.player_name),
                written(col(Lead.created_time)).label("created_time"),
            )
            .where(_of(id), *_is_new())
            .order_by(col(Lead.created_time), col(Lead.id))
            .limit(1)
            .subquery()
        )
        for id in centers
    ]
    return {
        center_id: {"lead_id": lead_id, "player_name": name, "created_time": created}
        for center_id, lead_id, name, created in session.connection().execute(union_all(*each))
    }


def _deliveries(session: Session) -> int:
    """Return how many deliveries wait for a person, up to `MOST`."""
    waiting = select(col(Delivery.id)).where(col(Delivery.state) == DeliveryState.WAITING)
    some = waiting.limit(MOST).subquery()
    return session.connection().scalar(select(func.count()).select_from(some)) or 0
