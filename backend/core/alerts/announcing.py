"""Announce what people are to be told, in the transaction of the change: in a single row.

Who is told is decided by a worker a moment later: see `telling`. What comes by the thousand is
announced once, with a count: an import's leads aren't announced at all.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from backend.core.database import pipeline
from backend.core.outbox import messages

# The outbox's channel of what `telling` turns into alerts.
CHANNEL = "alerts"
# What takes alerts back: see `withdrawing`.
UNASSIGNED = "unassigned"


class AlertKind(StrEnum):
    """What an alert is about; `telling` decides who gets it."""

    NEW_LEAD = "new_lead"
    REPEAT_ENQUIRY = "repeat_enquiry"
    ASSIGNED = "assigned"
    FOLLOW_UP_DUE = "follow_up_due"
    MISSED_TARGET = "missed_target"
    DELIVERY_WAITING = "delivery_waiting"


def announce(
    session: Session,
    kind: AlertKind,
    *,
    user_id: int | None = None,
    lead_id: int | None = None,
    delivery_id: int | None = None,
    count: int = 1,
    by: int | None = None,
    at: datetime | None = None,
    leads: Sequence[int] = (),
) -> None:
    """Announce something to a person or, without a `user_id`, to the people that its kind concerns.

    `count` is of how many things it tells, with a `lead_id` if it's about one. Nobody is told of
    what they have done themselves: that is `by`. They are told at once, or `at` a time (UTC).
    `leads` are those that it counts, if they have to be the person's by then.
    """
    row = messages.row(CHANNEL, kind.value, data=_data(count, by, leads))
    row |= {"user_id": user_id, "lead_id": lead_id, "delivery_id": delivery_id}
    messages.put(session, row if at is None else row | {"due_at": at})


def with_lead(kind: AlertKind, by: int | None) -> pipeline.New:
    """Return the row that announces a lead, to be added together with it."""
    return messages.TABLE, messages.row(CHANNEL, kind.value, data=_data(1, by))


def assigned(session: Session, leads: Mapping[int, list[int]], by: int | None) -> None:
    """Tell people that leads are theirs now: by the owner's id, the ids of the leads."""
    for owner_id, ids in sorted(leads.items()):
        if ids and owner_id != by:
            announce(
                session,
                AlertKind.ASSIGNED,
                user_id=owner_id,
                lead_id=ids[0] if len(ids) == 1 else None,
                count=len(ids),
                by=by,
                leads=ids if len(ids) > 1 else (),
            )


def delivery_waits(session: Session, delivery_id: int | None = None) -> None:
    """Tell team leads that a delivery waits for one of them, or has failed."""
    announce(session, AlertKind.DELIVERY_WAITING, delivery_id=delivery_id)


def _data(count: int, by: int | None, leads: Sequence[int] = ()) -> dict[str, Any] | None:
    data: dict[str, Any] = {} if count == 1 else {"count": count}
    if leads:
        data["leads"] = leads
    return data | ({} if by is None else {"by": by}) or None
