"""Turn what was announced into alerts: who is told.

A lead's owner is told of it; of a lead in the queue, the people of its center, or the team leads if
it has none. An alert that a person hasn't seen yet isn't added a second time, but counts more.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, insert, or_, select
from sqlmodel import Session, col

from backend.core import times
from backend.core.alerts import browsers, withdrawing
from backend.core.alerts.announcing import UNASSIGNED, AlertKind
from backend.core.database.bulk_insert import among, batches
from backend.core.outbox.channels import Message
from backend.models import Alert, Lead, Role, User, UserCenterLink

# Kinds that concern team leads alone.
_FOR_TEAM_LEADS = (AlertKind.MISSED_TARGET, AlertKind.DELIVERY_WAITING)
# The person, the kind and the lead: of each there is one alert that wasn't seen.
_Key = tuple[int, str, int | None]


@dataclass(frozen=True, slots=True)
class _Lead:
    """What decides who is told of a lead."""

    owner_id: int | None
    center_id: int | None
    due_at: datetime | None


def tell(session: Session, found: Sequence[Message]) -> None:
    """Add an alert for each person who is told, and messages for their browsers."""
    told: dict[_Key, dict[str, Any]] = {}
    now = times.now()
    taken = [one for one in found if one.kind == UNASSIGNED]
    found = [one for one in found if one.kind != UNASSIGNED]
    people = _People(session, found)
    withdrawing.take_back(session, taken, people.telling)
    for one in found:
        for user_id in people.told(one, now):
            if count := people.count(one):
                key = (user_id, one.kind, one.lead_id)
                row = told.setdefault(key, _row(key, one, now))
                row["count"] += count
    for key, count in _unseen(session, told):
        told[key]["count"] += count
    for (_, kind, lead_id), row in told.items():
        if kind == AlertKind.ASSIGNED and lead_id is not None:
            row["count"] = 1  # however often it was given to them
    if told:
        session.connection().execute(insert(Alert), list(told.values()))
        browsers.put(session, told.values(), people.centers)


def _row(key: _Key, one: Message, now: datetime) -> dict[str, Any]:
    user_id, kind, lead_id = key
    return {
        "user_id": user_id,
        "kind": kind,
        "lead_id": lead_id,
        "delivery_id": one.delivery_id,
        "at": now,
        "count": 0,
    }


def _unseen(session: Session, told: Iterable[_Key]) -> list[tuple[_Key, int]]:
    """Take away what the people haven't seen of the same kinds and leads; returns the counts."""
    keys = set(told)
    users, leads = {key[0] for key in keys}, {key[2] for key in keys if key[2] is not None}
    same = or_(
        col(Alert.lead_id).in_(leads),
        and_(
            col(Alert.lead_id).is_(None),
            col(Alert.kind).in_({kind for _, kind, lead in keys if lead is None}),
        ),
    )
    query = select(Alert).where(col(Alert.user_id).in_(users), col(Alert.seen_at).is_(None), same)
    found = []
    for one in session.scalars(query.with_for_update()).all() if keys else ():
        key = (one.user_id, one.kind, one.lead_id)
        if key in keys:
            found.append((key, one.count, one.id))
    ids = [id for _, _, id in found]
    session.connection().execute(delete(Alert).where(col(Alert.id).in_(ids)))
    return [(key, count) for key, count, _ in found]


class _People:
    """Who is told of some messages. It's read once for all of them."""

    def __init__(self, session: Session, found: Sequence[Message]) -> None:
        leads = {one.lead_id for one in found if one.lead_id is not None}
        # By person and lead, the message that tells them it's theirs: the last one, if it has left
        # them in between.
        self.telling: dict[tuple[int | None, int], int] = {}
        for one in found:
            leads.update(one.data.get("leads", ()))
            if one.kind == AlertKind.ASSIGNED:
                self.telling |= {(one.user_id, lead): one.id for lead in _assigned(one)}
        self._leads = _leads(session, leads)
        named = {one.user_id for one in found} | {lead.owner_id for lead in self._leads.values()}
        self.centers = {id: lead.center_id for id, lead in self._leads.items()}
        self._members = _members(session, set(self.centers.values()))
        self._roles = _roles(session, {id for id in named if id is not None})

    def told(self, one: Message, now: datetime) -> Iterator[int]:
        """Yield the ids of the people who are told of a message."""
        lead = self._leads.get(one.lead_id) if one.lead_id is not None else None
        if one.lead_id is not None and lead is None:
            return  # it was removed since
        by = one.data.get("by")
        yield from (id for id in self._concerned(one, lead, now) if id != by)

    def count(self, one: Message) -> int:
        """Return how many things a message tells: leads that were assigned may have left since."""
        if one.kind != AlertKind.ASSIGNED:
            return int(one.data.get("count", 1))
        told = [id for id in _assigned(one) if self.telling[one.user_id, id] == one.id]
        found = (self._leads.get(id) for id in told)
        return sum(lead is not None and lead.owner_id == one.user_id for lead in found)

    def _concerned(self, one: Message, lead: _Lead | None, now: datetime) -> Iterable[int]:
        if one.kind in _FOR_TEAM_LEADS:
            return self._team_leads()
        if one.kind == AlertKind.FOLLOW_UP_DUE and lead and not _is_due(one, lead, now):
            return ()
        if one.user_id is not None:
            return [one.user_id] if self._may_see(one.user_id, lead) else ()
        if lead is None:
            return ()
        if lead.owner_id is not None and self._may_see(lead.owner_id, lead):
            return [lead.owner_id]
        return self._of_center(lead) or self._team_leads()

    def _of_center(self, lead: _Lead) -> list[int]:
        return self._members.get(lead.center_id, []) if lead.center_id is not None else []

    def _may_see(self, user_id: int, lead: _Lead | None) -> bool:
        role = self._roles.get(user_id)
        if role == Role.TEAM_LEAD:
            return True
        return role == Role.TEAM_MEMBER and (lead is None or user_id in self._of_center(lead))

    def _team_leads(self) -> list[int]:
        return [id for id, role in self._roles.items() if role == Role.TEAM_LEAD]


def _assigned(one: Message) -> Sequence[int]:
    """Return the leads that a message tells a person to be theirs."""
    return one.data["leads"] if one.lead_id is None else [one.lead_id]


def _is_due(one: Message, lead: _Lead, now: datetime) -> bool:
    """Return whether a follow-up is still the person's, and hasn't been put off meanwhile."""
    return lead.owner_id == one.user_id and lead.due_at is not None and lead.due_at <= now


def _leads(session: Session, ids: set[int]) -> dict[int, _Lead]:
    columns = (col(Lead.owner_id), col(Lead.center_id), col(Lead.next_followup_date))
    found: dict[int, _Lead] = {}
    for batch in batches(sorted(ids)):
        query = select(col(Lead.id), *columns).where(among(session, col(Lead.id), batch))
        rows: Iterable[Any] = session.connection().execute(query)
        found |= {id: _Lead(*rest) for id, *rest in rows}
    return found


def _members(session: Session, centers: set[int | None]) -> dict[int | None, list[int]]:
    """Return the people who work at each center."""
    query = (
        select(col(UserCenterLink.center_id), col(User.id))
        .join_from(UserCenterLink, User, col(User.id) == col(UserCenterLink.user_id))
        .where(
            col(UserCenterLink.center_id).in_([one for one in centers if one is not None]),
            col(User.role) == Role.TEAM_MEMBER,
            col(User.disabled).is_(False),
        )
        .order_by(col(User.id))
    )
    found: dict[int | None, list[int]] = {}
    rows: Iterable[Any] = session.connection().execute(query)
    for center_id, user_id in rows:
        found.setdefault(center_id, []).append(user_id)
    return found


def _roles(session: Session, named: set[int]) -> dict[int, str]:
    """Return the roles of some people and of all team leads, but for those who can't sign in."""
    wanted = or_(col(User.role) == Role.TEAM_LEAD, col(User.id).in_(named))
    query = select(col(User.id), col(User.role)).where(wanted, col(User.disabled).is_(False))
    rows: Iterable[Any] = session.connection().execute(query.order_by(col(User.id)))
    return {one.id: one.role for one in rows}
