"""What a delivery becomes: a lead, a row for each lead that it announces, or something to wait for.

It runs in the transaction in which the delivery is settled, and commits nothing itself.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlmodel import Session

from backend.core.intake import deliveries, parsing, retry_policy
from backend.core.intake.meta import graph_client, notifications
from backend.core.leads import adding, matching
from backend.core.settings import Settings
from backend.models import DeliveryState, Source

Outcome = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours for a while."""

    id: int
    source: str
    body: str
    leadgen_id: str | None
    fetched: str | None
    attempts: int
    received_at: datetime
    import_id: int | None = None

    @property
    def to_fetch(self) -> bool:
        """Whether Meta has to be asked first; `work` says the same in SQL."""
        return self.leadgen_id is not None and not self.fetched and self.source != Source.UPLOAD


def become(
    session: Session, settings: Settings, one: Claimed, answer: graph_client.Answer | None
) -> Outcome:
    """What to note of a delivery: columns of `Delivery`. A lead is made or joined on the way.

    `answer` is what the graph host told, where it was asked.
    """
    if answer is not None and answer.problem is not None:
        return retry_policy.after(session, settings, answer.problem, one.attempts)
    if one.leadgen_id is None and one.source == Source.META:
        return _split(session, one)
    told = answer.lead if answer is not None else None
    kept = told or (orjson.loads(one.fetched) if one.fetched else None)
    delivery = parsing.read(session, settings, one.source, one.body, kept, one.received_at)
    outcome: Outcome = {}
    if told:
        outcome = {"fetched": orjson.dumps(told).decode()}
        if (form_id := notifications.as_id(told.get("form_id"))) is not None:
            outcome["form_id"] = form_id
    if isinstance(delivery, parsing.Waiting):
        return outcome | waiting(delivery)
    placed = adding.add(session, delivery, settings.phone_region, import_id=one.import_id)
    return outcome | done(placed)


def waiting(delivery: parsing.Waiting) -> Outcome:
    """What to note of a delivery that a person has to do something about."""
    return {
        "state": DeliveryState.WAITING,
        "reason": delivery.reason,
        "note": delivery.note,
        "center_text": delivery.center_text,
    }


def done(placed: matching.Placed) -> Outcome:
    """What to note of a delivery that has become a lead, or joined one."""
    return {
        "state": DeliveryState.PROCESSED,
        "lead_id": placed.lead_id,
        "reason": placed.verdict,
        "note": None,
    }


def _split(session: Session, one: Claimed) -> Outcome:
    """A notification becomes a row for each lead that it announces."""
    notification = notifications.read(one.body)
    if notification is None:
        note = "This is signed as Meta's, and no notification"
        return {"state": DeliveryState.FAILED, "reason": "unreadable", "note": note}
    added = deliveries.announce(
        session,
        [
            {
                "source": Source.META,
                "body": notice.body,
                "parent_id": one.id,
                "leadgen_id": notice.leadgen_id,
                "form_id": notice.form_id,
            }
            for notice in notification.notices
        ],
    )
    note = f"{len(notification.notices)} leads announced, {added} of them new"
    if notification.unreadable:
        note = f"{note}; {notification.unreadable} changes name no lead that can be read"
        return {"state": DeliveryState.FAILED, "reason": "unreadable", "note": note}
    reason = "announced" if notification.notices else "ignored"
    return {"state": DeliveryState.PROCESSED, "reason": reason, "note": note}
