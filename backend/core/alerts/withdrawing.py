"""Take back what people were told of leads that are no longer theirs.

An alert of one lead goes. One of several leads has no list of them: it counts fewer, for each lead
that it counted. That is each one that was given to the person since they last saw such an alert,
as its history says, unless it has an alert of its own. What isn't an alert yet, `telling` checks.

The change of an owner only adds a message, and locks no alert: `take_back` does the rest.
"""

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import orjson
from sqlalchemy import case, delete, func, or_, select, update
from sqlmodel import Session, col

from backend.core.alerts.announcing import CHANNEL, UNASSIGNED, AlertKind
from backend.core.database.bulk_insert import among, batches
from backend.core.outbox import messages
from backend.core.outbox.channels import Message
from backend.models import Alert, EventKind, Lead, LeadEvent

_IS_ASSIGNED = col(Alert.kind) == AlertKind.ASSIGNED
_IS_UNSEEN = col(Alert.seen_at).is_(None)
_IS_MANY = col(Alert.lead_id).is_(None)


def leave(session: Session, leads: Mapping[int, int | None]) -> None:
    """Announce that leads, by id, are no longer their owners': before that is written."""
    owned: dict[int, list[int]] = {}
    for id, owner_id in leads.items():
        if owner_id is not None:
            owned.setdefault(owner_id, []).append(id)
    for user_id in _have_not_seen(session, owned):
        own = owned[user_id]
        alone = _of_one(session, user_id, own)
        counted = _of_many(session, user_id)
        count = 0
        if counted is not None:
            since, until = counted
            for id, at in _given(session, user_id, own):
                named = alone.get(id)
                is_alone = named is not None and named.at >= at
                count += not is_alone and (since is None or since < at) and at <= until
        unseen = sorted(id for id, one in alone.items() if one.seen_at is None)
        if unseen or count:
            data = {"leads": unseen, "count": count}
            messages.put(session, messages.row(CHANNEL, UNASSIGNED, user_id=user_id, data=data))


def leave_all(session: Session, lead_ids: Iterable[int]) -> None:
    """Do the same with leads that are being removed."""
    for batch in batches(lead_ids):
        query = select(col(Lead.id), col(Lead.owner_id)).where(
            among(session, col(Lead.id), batch), col(Lead.owner_id).is_not(None)
        )
        leave(session, {id or 0: owner for id, owner in session.connection().execute(query)})


def take_back(
    session: Session, found: Sequence[Message], again: Container[tuple[int | None, int]]
) -> None:
    """Change the alerts that the messages of `leave` are about.

    Leads that are the person's again keep their alerts, except those of which they are told
    `again`: pairs of a person and a lead.
    """
    for one in found:
        own = col(Alert.user_id) == one.user_id, _IS_ASSIGNED, _IS_UNSEEN
        theirs = select(col(Lead.id)).where(col(Lead.owner_id) == one.user_id)
        for batch in batches(one.data["leads"]):
            alone = among(session, col(Alert.lead_id), batch)
            told = among(
                session, col(Alert.lead_id), [id for id in batch if (one.user_id, id) in again]
            )
            gone = delete(Alert).where(*own, alone, or_(told, col(Alert.lead_id).not_in(theirs)))
            session.connection().execute(gone)
        if count := int(one.data["count"]):
            fewer = update(Alert).where(*own, _IS_MANY, col(Alert.count) > count)
            changed = session.connection().execute(fewer.values(count=col(Alert.count) - count))
            if not changed.rowcount:
                session.connection().execute(delete(Alert).where(*own, _IS_MANY))


def still_theirs(session: Session, message: Message) -> int:
    """Return of how many leads a browser still has to tell that they were assigned; 0 is none."""
    count = int(message.data.get("count", 1))
    if message.lead_id is not None:
        lead = session.get(Lead, message.lead_id)
        return count if lead is not None and lead.owner_id == message.user_id else 0
    query = (
        select(col(Alert.count))
        .where(col(Alert.user_id) == message.user_id, _IS_ASSIGNED, _IS_MANY)
        .order_by(col(Alert.id).desc())
        .limit(1)
    )
    return min(count, session.connection().scalar(query) or 0)


def _have_not_seen(session: Session, user_ids: Collection[int]) -> list[int]:
    """Return who of some people hasn't seen an alert of leads that were assigned to them."""
    if not user_ids:
        return []
    query = select(col(Alert.user_id)).where(
        col(Alert.user_id).in_(user_ids), _IS_ASSIGNED, _IS_UNSEEN
    )
    return sorted({*session.connection().scalars(query)})


class _Told(NamedTuple):
    """When a person was told of a lead, and when they have seen it."""

    at: datetime
    seen_at: datetime | None


def _of_one(session: Session, user_id: int, lead_ids: Sequence[int]) -> dict[int, _Told]:
    """Return the latest alerts of single leads that a person has, by lead."""
    found: dict[int, _Told] = {}
    for batch in batches(lead_ids):
        query = (
            select(col(Alert.lead_id), col(Alert.at), col(Alert.seen_at))
            .where(
                col(Alert.user_id) == user_id,
                _IS_ASSIGNED,
                among(session, col(Alert.lead_id), batch),
            )
            .order_by(col(Alert.id))
        )
        for id, at, seen_at in session.connection().execute(query):
            found[id or 0] = _Told(at, seen_at)
    return found


def _of_many(session: Session, user_id: int) -> tuple[datetime | None, datetime] | None:
    """Return the times between which the leads were assigned that a person's alert counts.

    None if there is no such alert that they haven't seen.
    """
    query = select(
        func.max(case((_IS_UNSEEN, None), else_=col(Alert.at))),
        func.max(case((_IS_UNSEEN, col(Alert.at)))),
    ).where(col(Alert.user_id) == user_id, _IS_ASSIGNED, _IS_MANY)
    since, until = session.connection().execute(query).one()
    return None if until is None else (since, until)


def _given(
    session: Session, user_id: int, lead_ids: Sequence[int]
) -> Iterator[tuple[int, datetime]]:
    """Yield the leads that a person was last told to be theirs, each with that time."""
    for batch in batches(lead_ids):
        query = (
            select(*(col(LeadEvent.lead_id), col(LeadEvent.at), col(LeadEvent.user_id)))
            .add_columns(col(LeadEvent.data))
            .where(
                among(session, col(LeadEvent.lead_id), batch),
                col(LeadEvent.kind) == EventKind.ASSIGNED,
            )
            .order_by(col(LeadEvent.id))
        )
        last = {one.lead_id: one for one in session.connection().execute(query)}
        for id, line in last.items():
            said = orjson.loads(line.data)
            is_told = line.user_id != user_id and not said.get("restored")
            if is_told and said["owner_id"] == user_id:
                yield id, line.at
