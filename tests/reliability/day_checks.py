"""What must be so after a simulated day, whatever happened on it."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import orjson
from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.core.alerts.announcing import AlertKind
from backend.core.db import Database
from backend.core.leads import owners, turns
from backend.core.leads.owner_filter import IS_OPEN
from backend.models import (
    Alert,
    AssignmentShare,
    Attempt,
    Delivery,
    DeliveryState,
    EventKind,
    Lead,
    LeadEvent,
    MissedTarget,
    Target,
    User,
    WaitingLead,
)
from tests.reliability.day_plan import ALL, CENTER_OF, PEOPLE, STEADY, Child, Plan, step_of

TEAM_LEAD = 1


@dataclass(frozen=True, slots=True)
class Assigned:
    """A line of a lead's history: it has got another owner."""

    lead_id: int
    at: datetime
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """What is in the database at the end of a day."""

    phones: Counter[str]
    strays: list[int]
    given: list[Assigned]
    created: Counter[int]
    owners: dict[int, int | None]
    missed: list[MissedTarget]
    # How often the team lead was told of a missed target, by lead.
    alerts: Counter[int | None]
    shares: list[AssignmentShare]
    waiting: int
    unsettled: Counter[tuple[str, str]]
    attempts: list[Attempt]

    @property
    def handovers(self) -> list[Assigned]:
        return [one for one in self.given if "missed" in one.data]

    @property
    def by_rule(self) -> list[Assigned]:
        return [one for one in self.given if "rule_id" in one.data]

    @property
    def told(self) -> str:
        return (
            f"{sum(self.phones.values())} leads, {len(self.by_rule)} given by rule,"
            f" {len(self.missed)} missed targets, {len(self.handovers)} handovers"
        )


def look(db: Database) -> Found:
    """Return what is in the database."""
    with db.read() as session:
        return Found(
            phones=Counter(one or "" for one in session.scalars(select(col(Lead.phone_key)))),
            strays=_strays(session),
            given=[
                Assigned(one.lead_id, one.at, orjson.loads(one.data))
                for one in _all(session, LeadEvent, col(LeadEvent.kind) == EventKind.ASSIGNED)
            ],
            created=Counter(
                one.lead_id
                for one in _all(session, LeadEvent, col(LeadEvent.kind) == EventKind.CREATED)
            ),
            owners={one.id: one.owner_id for one in _all(session, Lead)},
            missed=_all(session, MissedTarget),
            alerts=_alerts(session),
            shares=_all(session, AssignmentShare),
            waiting=_count(session, col(WaitingLead.lead_id)),
            unsettled=Counter(
                (one.state, str(one.reason))
                for one in _all(session, Delivery, col(Delivery.state) != DeliveryState.PROCESSED)
            ),
            attempts=_all(session, Attempt),
        )


def faults(found: Found, plan: Plan, acknowledged: Collection[Child], calls: int) -> list[str]:
    """Return what is wrong, as sentences."""
    return [
        *_of_leads(found, acknowledged, calls),
        *_of_owners(found, plan),
        *_of_targets(found),
        *_of_turns(found),
    ]


def _of_leads(found: Found, acknowledged: Collection[Child], calls: int) -> Iterator[str]:
    if lost := [one for one in acknowledged if not found.phones[one.phone]]:
        yield f"{len(lost)} acknowledged leads are lost: {lost[:5]}"
    if twice := [phone for phone, count in found.phones.items() if count > 1]:
        yield f"{len(twice)} leads exist twice: {twice[:5]}"
    # The world's own two leads have no history.
    if odd := [id for id in found.owners if id > 2 and found.created[id] != 1]:
        yield f"{len(odd)} leads don't have one line that they came in: {odd[:5]}"
    if found.unsettled:
        yield f"deliveries are not processed: {found.unsettled}"
    if len(found.attempts) != calls:
        yield f"{calls} calls were acknowledged, and {len(found.attempts)} are recorded"


def _of_owners(found: Found, plan: Plan) -> Iterator[str]:
    if found.strays:
        yield f"open leads that nobody works on: {found.strays[:5]}"
    if found.waiting:
        yield f"{found.waiting} leads still wait for someone who is there"
    for line in found.given:
        to, step = line.data["owner_id"], step_of(line.at)
        is_given = "rule_id" in line.data or "missed" in line.data
        if is_given and to != TEAM_LEAD and plan.is_absent(to, step):
            yield f"lead {line.lead_id} was given to {to}, who was absent, at step {step}"
    last: dict[int, list[Assigned]] = {}
    for line in found.given:
        last.setdefault(line.lead_id, []).append(line)
    for id, lines in last.items():
        if found.owners[id] != lines[-1].data["owner_id"]:
            yield f"lead {id} has another owner than its history says"
        if any(before.data["to"] != after.data["from"] for before, after in pairwise(lines)):
            yield f"lead {id} has changed its owner without a line of history"
    for id in found.owners.keys() - last.keys():
        if found.owners[id] is not None:
            yield f"lead {id} has an owner without a line of history"


def _of_targets(found: Found) -> Iterator[str]:
    told = [(one.lead_id, one.data["owner_id"]) for one in found.handovers]
    rows = [(one.lead_id, one.handed_to) for one in found.missed if one.handed_to is not None]
    if Counter(told) != Counter(rows):
        yield f"handovers without one line of history: {_differing(told, rows)}"
    if any(one.kind == Target.FOLLOW_UP and one.handed_to for one in found.missed):
        yield "a follow-up was handed over"
    missed: Counter[int | None] = Counter(one.lead_id for one in found.missed)
    # Of those of the last step, people are told in the next one.
    early: Counter[int | None] = Counter(
        one.lead_id for one in found.missed if step_of(one.missed_at) < ALL - 1
    )
    if wrong := {*(early - found.alerts), *(found.alerts - missed)}:
        yield f"missed targets that the team lead wasn't told of once: {wrong}"


def _differing(some: Iterable[Any], others: Iterable[Any]) -> list[Any]:
    """Return some of what isn't in both as often."""
    one, other = Counter(some), Counter(others)
    return [*(one - other), *(other - one)][:5]


def _of_turns(found: Found) -> Iterator[str]:
    given = Counter(one.data["owner_id"] for one in found.by_rule)
    for people in PEOPLE.values():
        counts = [given[id] for id in people if id in STEADY]
        if max(counts) - min(counts) > 1:
            yield f"people who were there all day got {counts} leads"
    for rule_id in {one.rule_id for one in found.shares}:
        served = [one.served for one in found.shares if one.rule_id == rule_id and one.in_turn]
        if max(served) - min(served) > turns.STRIDE:
            yield f"people of rule {rule_id} are more than a lead apart: {served}"
    if unknown := given.keys() - CENTER_OF.keys():
        yield f"a rule gave leads to {unknown}"


def _strays(session: Session) -> list[int]:
    """Return open leads without a center, or with an owner who may not own them."""
    is_able = select(col(User.id)).where(
        col(User.id) == col(Lead.owner_id), owners.able(Lead.center_id)
    )
    has_place = col(Lead.owner_id).is_(None) & col(Lead.center_id).is_not(None)
    query = select(col(Lead.id)).where(IS_OPEN, ~has_place, ~is_able.correlate(Lead).exists())
    return [id for id in session.scalars(query) if id is not None]


def _alerts(session: Session) -> Counter[int | None]:
    found: Counter[int | None] = Counter()
    for one in _all(session, Alert, col(Alert.kind) == AlertKind.MISSED_TARGET):
        assert one.user_id == TEAM_LEAD
        found[one.lead_id] += one.count
    return found


def _all(session: Session, table: Any, *conditions: Any) -> list[Any]:
    """Return rows in the order of their keys."""
    return [
        *session.scalars(select(table).where(*conditions).order_by(*table.__table__.primary_key))
    ]


def _count(session: Session, column: Any, *conditions: Any) -> int:
    return session.scalar(select(func.count(column)).where(*conditions)) or 0
