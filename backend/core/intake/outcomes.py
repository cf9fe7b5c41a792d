"""What a delivery becomes: a lead, a delivery for each announced lead, or one that waits.

It runs in the transaction in which the delivery is settled, and commits nothing itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select, update
from sqlmodel import Session, col

from backend.core import times
from backend.core.calling.rules import Standard
from backend.core.calling.targets import Handling
from backend.core.intake import center_aliases, deliveries, flat_body, parsing, retry_policy
from backend.core.intake.bodies import json_text, stored_text
from backend.core.intake.bodies.errors import TooLong
from backend.core.intake.meta import graph_client, notifications
from backend.core.leads import adding, assignment, erased_keys, imported_state, matching
from backend.core.leads.matching import Candidate, Verdict
from backend.core.reasons import Reason, ReasonCode
from backend.core.reasons.two_columns import columns
from backend.core.settings import Settings
from backend.models import Delivery, DeliveryState, Source

Outcome = dict[str, Any]
# A repeat enquiry from anyone: it would tell that the lead exists, and reopen it.
UNVERIFIED = parsing.Waiting(ReasonCode.UNVERIFIED_REPEAT)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this worker has for itself for a while."""

    id: int
    source: str
    body: str
    leadgen_id: str | None
    fetched: str | None
    attempts: int
    received_at: datetime
    import_id: int | None = None
    center_id: int | None = None
    content_type: str | None = None
    content_encoding: str | None = None
    is_unverified: bool = False

    @property
    def to_fetch(self) -> bool:
        """Whether Meta has to be asked first; `processing` says the same in SQL."""
        return self.leadgen_id is not None and not self.fetched and self.source != Source.UPLOAD


def become(
    session: Session, settings: Settings, one: Claimed, answer: graph_client.Answer | None
) -> Outcome:
    """Make of a delivery what it can become, and return the columns of `Delivery` to write.

    `answer` is what the graph host said, where it was asked.
    """
    if one.to_fetch and answer is None:
        # Meta isn't asked for an erased person's lead.
        return erased(session, one)
    if answer is not None and answer.error is not None:
        return retry_policy.after(session, settings, answer.error, one.attempts)
    if one.leadgen_id is None and one.source == Source.META:
        return _split(session, one)
    if one.source == Source.FLAT:
        return _of_body(session, settings, one)
    fetched = answer.lead if answer is not None else None
    lead = fetched or (orjson.loads(one.fetched) if one.fetched else None)
    delivery = parsing.read(
        session, settings, one.source, one.body, lead, one.received_at, one.center_id
    )
    outcome = _fetched(fetched) if fetched else {}
    return outcome | settled(session, settings, one, delivery)


def settled(
    session: Session,
    settings: Settings,
    one: Claimed,
    delivery: Candidate | parsing.Waiting,
) -> Outcome:
    """Add the lead that a delivery says, or let it wait. Returns the columns to write."""
    if isinstance(delivery, parsing.Waiting):
        return waiting(explained(session, delivery))
    secret, region = settings.erasure_secret, settings.phone_region
    standard = Standard.of(settings)
    if erased_keys.is_erased(session, secret, delivery, region):
        return erased(session, one)
    is_imported = one.import_id is not None
    handling = Handling(standard) if is_imported else Handling.read(session, settings)
    if one.is_unverified:
        new = adding.add_unless_repeated(session, delivery, region, handling)
        if new is None:
            return waiting(UNVERIFIED)
        placed = new
    else:
        placed = adding.add(session, delivery, region, import_id=one.import_id, handling=handling)
    if delivery.work is not None and placed.verdict in (Verdict.CREATE, Verdict.SIBLING):
        now = times.now()
        imported_state.give(session, placed.lead_id, delivery.work, now, one.import_id)
        assignment.assign_unowned(session, [placed.lead_id], standard, now, one.import_id)
    center_aliases.note_alias(session, placed, delivery.alias_key)
    return done(placed)


def _fetched(lead: dict[str, Any]) -> Outcome:
    """Return the columns that keep what the graph host answered."""
    outcome: Outcome = {"fetched": orjson.dumps(lead).decode()}
    if (form_id := notifications.as_id(lead.get("form_id"))) is not None:
        outcome["form_id"] = form_id
    return outcome


def explained(session: Session, delivery: parsing.Waiting) -> parsing.Waiting:
    """Return why a delivery waits: an unrecognised center may be an archived one."""
    text = delivery.center_text
    if delivery.reason != ReasonCode.UNKNOWN_CENTER or text is None:
        return delivery
    return parsing.Waiting(center_aliases.why_unknown(session, text), text)


def waiting(delivery: parsing.Waiting) -> Outcome:
    """Return the columns of a delivery that a person has to act on."""
    return {
        "state": DeliveryState.WAITING,
        "center_text": delivery.center_text,
        **columns(delivery.reason, delivery.cause),
    }


def erased(session: Session, one: Claimed) -> Outcome:
    """Return the columns of a delivery of an erased person: nothing of it is kept."""
    parent = select(col(Delivery.parent_id)).where(col(Delivery.id) == one.id).scalar_subquery()
    several = update(Delivery).where(col(Delivery.id) == parent)
    session.connection().execute(several.values(body=""))
    return {"body": "", **nothing_kept()}


def nothing_kept() -> Outcome:
    """Return the columns of a delivery that nothing is kept of, but for its body."""
    return {
        "state": DeliveryState.DISMISSED,
        "fetched": None,
        "leadgen_id": None,
        "center_text": None,
        **columns(ReasonCode.ERASED_PERSON),
    }


def done(placed: matching.Placed) -> Outcome:
    """Return the columns of a delivery that has become a lead, or joined one."""
    return {
        "state": DeliveryState.PROCESSED,
        "lead_id": placed.lead_id,
        **columns(placed.verdict),
    }


def _of_body(session: Session, settings: Settings, one: Claimed) -> Outcome:
    """Make of what a form has posted a lead, or a delivery for each of several."""
    content = stored_text.decode(one.body)
    body = flat_body.Body(content, one.content_type or "", one.content_encoding or "")
    try:
        value = flat_body.read(body, settings.max_webhook_unpacked_bytes)
    except TooLong:
        value = flat_body.unreadable(ReasonCode.PACKED_BODY)
    if (several := flat_body.several(value)) is not None:
        return _part(session, one, several)
    said = flat_body.single(value)
    placed = center_aliases.if_open(session, one.center_id)
    delivery = flat_body.candidate(session, said, one.received_at, settings.phone_region, placed)
    outcome = settled(session, settings, one, delivery)
    return outcome | (flat_body.form_of(said) if isinstance(delivery, parsing.Waiting) else {})


def _part(session: Session, one: Claimed, several: Sequence[Any]) -> Outcome:
    """Add a delivery for each lead of a body that has several."""
    row = deliveries.row(Source.FLAT, "") | {
        "parent_id": one.id,
        "received_at": one.received_at,
        "is_unverified": one.is_unverified,
    }
    found = [row | {"body": stored_text.encode(json_text.dumps(each).encode())} for each in several]
    deliveries.keep_all(session, found)
    cause = Reason(ReasonCode.SEVERAL, {"leads": len(found)})
    return {"state": DeliveryState.PROCESSED, **columns(ReasonCode.SEVERAL, cause)}


def _split(session: Session, one: Claimed) -> Outcome:
    """Add a delivery for each lead that a notification announces."""
    notification = notifications.read(stored_text.readable(one.body))
    if notification is None:
        return {"state": DeliveryState.FAILED, **columns(ReasonCode.UNREADABLE)}
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
    counts = {"announced": len(notification.notices), "new": added}
    if notification.unreadable:
        counts["unreadable"] = notification.unreadable
        cause = Reason(ReasonCode.UNREADABLE_CHANGES, counts)
        return {"state": DeliveryState.FAILED, **columns(ReasonCode.UNREADABLE, cause)}
    if not notification.notices:
        return {"state": DeliveryState.PROCESSED, **columns(ReasonCode.IGNORED)}
    cause = Reason(ReasonCode.ANNOUNCED, counts)
    return {"state": DeliveryState.PROCESSED, **columns(ReasonCode.ANNOUNCED, cause)}
