"""Who is present: people who may own leads of a center, and are at work at a moment.

Someone is present if they can sign in, aren't away and aren't on leave, and it's within their
working hours: their own, or the opening hours of the center. Its holidays are everyone's. An open
tab says nothing: docs/decisions/0082-leads-are-assigned-by-rule.md has the reasons.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlmodel import Session, col

from backend.core.calling.opening_hours import OpeningHours, Week
from backend.core.calling.rules import Standard, read_week
from backend.models import Leave, Presence, Role, User, UserCenterLink


@dataclass(frozen=True, slots=True)
class Worker:
    """A person who may own leads, and what keeps them from work at a moment.

    `centers` has the ids of their centers; None is all. Without a `week` they work whenever a
    center is open.
    """

    id: int
    full_name: str
    centers: tuple[int, ...] | None
    week: Week | None
    is_away: bool
    away_until: datetime | None
    is_on_leave: bool

    def is_present(self, hours: OpeningHours, at: datetime) -> bool:
        """Return whether they are at work at a moment, at a center that has these hours."""
        if self.is_away or self.is_on_leave:
            return False
        own = replace(hours, week=self.week) if self.week is not None else hours
        return own.is_open(at)


def present(
    session: Session,
    center_ids: Collection[int],
    at: datetime,
    standard: Standard,
    *,
    with_team_leads: bool = False,
    among: Collection[int] | None = None,
) -> dict[int, list[int]]:
    """Return who is present at each of the centers, by the ids of the people, in order.

    Team leads belong to every center, and are left out unless they are asked for. With `among`,
    only these people are looked at. `at` is in UTC. Takes three queries, however many centers.
    """
    found = staff(session, center_ids, at, standard, among)
    return {
        id: [
            one.id
            for one, is_there in people
            if is_there and (with_team_leads or one.centers is not None)
        ]
        for id, people in found.items()
    }


def staff(
    session: Session,
    center_ids: Collection[int],
    at: datetime,
    standard: Standard,
    among: Collection[int] | None = None,
) -> dict[int, list[tuple[Worker, bool]]]:
    """Return who may own leads of each of the centers, and whether they are present there."""
    if not center_ids:
        return {}
    workers = read(session, at, standard, center_ids=center_ids, among=among)
    return {
        id: [(one, one.is_present(hours, at)) for one in workers if _works_at(one, id)]
        for id, hours in standard.of_centers(session, center_ids, at).items()
    }


def is_present(
    session: Session, user_id: int, center_id: int, at: datetime, standard: Standard
) -> bool:
    """Return whether a person, who may be a team lead, is present at a center."""
    found = present(session, [center_id], at, standard, with_team_leads=True, among=[user_id])
    return user_id in found[center_id]


def _works_at(worker: Worker, center_id: int) -> bool:
    return worker.centers is None or center_id in worker.centers


def read(
    session: Session,
    at: datetime,
    standard: Standard,
    *,
    center_ids: Collection[int] | None = None,
    among: Collection[int] | None = None,
) -> list[Worker]:
    """Return the people who may own leads of some centers, or of any, in the order of their ids.

    With `center_ids`, their `centers` are those of them.
    """
    # The rule of `core.leads.owners.able`.
    is_member = and_(
        col(UserCenterLink.user_id) == col(User.id),
        col(User.role) == Role.TEAM_MEMBER,
        true() if center_ids is None else col(UserCenterLink.center_id).in_(center_ids),
    )
    works = or_(col(User.role) == Role.TEAM_LEAD, col(UserCenterLink.center_id).is_not(None))
    query = (
        select(
            *(col(User.id), col(User.full_name), col(User.role), col(UserCenterLink.center_id)),
            *(col(Presence.week), col(Presence.away_since), col(Presence.away_until)),
            _on_leave(at, standard).label("is_on_leave"),
        )
        .join_from(User, UserCenterLink, is_member, isouter=True)
        .join(Presence, col(Presence.user_id) == col(User.id), isouter=True)
        .where(col(User.disabled).is_(False), works)
        .order_by(col(User.id), col(UserCenterLink.center_id))
    )
    if among is not None:
        query = query.where(col(User.id).in_(among))
    found = session.connection().execute(query).all()
    return [_worker(list(links), at) for _, links in groupby(found, key=lambda one: one.id)]


def _worker(links: Sequence[Any], at: datetime) -> Worker:
    """Return the person of some rows, one for each of their centers."""
    one = links[0]
    is_lead = one.role == Role.TEAM_LEAD
    is_away = is_away_at(one.away_since, one.away_until, at)
    return Worker(
        id=one.id,
        full_name=one.full_name,
        centers=None if is_lead else tuple(link.center_id for link in links),
        week=None if one.week is None else read_week(one.week),
        is_away=is_away,
        away_until=one.away_until if is_away else None,
        is_on_leave=bool(one.is_on_leave),
    )


def _on_leave(at: datetime, standard: Standard) -> ColumnElement[bool]:
    """Return the condition that a user is on leave on the academy's day of a moment."""
    day = at.astimezone(standard.zone).date()
    return (
        select(col(Leave.id))
        .where(
            col(Leave.user_id) == col(User.id),
            col(Leave.first_day) <= day,
            col(Leave.last_day) >= day,
        )
        .exists()
    )


def is_away_at(since: datetime | None, until: datetime | None, at: datetime) -> bool:
    """Return whether someone who went away at a time, until another one or None, still is."""
    return since is not None and since <= at and (until is None or at < until)


def end_of_day(at: datetime, standard: Standard) -> datetime:
    """Return when the academy's day of a moment ends, in UTC."""
    tomorrow = at.astimezone(standard.zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), standard.zone).astimezone(UTC)
