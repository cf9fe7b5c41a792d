"""The webhook: what comes in is on disk before anything interprets it."""

import logging
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from backend.core import times
from backend.core.accounts import guesses
from backend.core.accounts.login_limits import network
from backend.core.calling.targets import Handling
from backend.core.db import Database
from backend.core.errors import Forbidden, Invalid, Problem, TooManyAttempts
from backend.core.intake import (
    claims,
    deliveries,
    flat_body,
    flat_form,
    flat_list,
    processing,
    webhook_access,
)
from backend.core.intake.bodies import stored_text
from backend.core.intake.flat_body import Body
from backend.core.intake.flat_form import Arrival
from backend.core.intake.flat_form_limits import Limit
from backend.core.intake.meta import notifications
from backend.core.intake.outcomes import Claimed, Outcome
from backend.core.reasons import ReasonCode, two_columns
from backend.core.settings import Settings
from backend.models import DeliveryState, Source
from backend.schemas.intake import Handshake, Kept
from backend.schemas.webhook import Received, ReceivedList, Refused

if TYPE_CHECKING:
    from backend.core.rate_limits import Rule, Throttle

log = logging.getLogger("tofa")

TOKEN = "x-webhook-token"  # noqa: S105  the name of a header
# How long a flat form is left to the request that brought it, before a worker claims it.
_OWN = timedelta(seconds=60)

# A body from anyone counts as one lead more for each of so many bytes.
_BYTES_AS_A_LEAD = 16_384

# What an unsigned body has in it that is in Meta's own form.
_NOTIFIES = frozenset({b'"object"', b'"entry"'})
_WORDS = re.compile(rb'"(?:object|entry)"')
# What to send in place of a body that can't be read.
_SEND = "Next time, send JSON or a form with phone_number and nearest_center"

# What the flat form answers, by what a delivery waits for. Clients rely on these words.
_REFUSALS: dict[str, str] = {
    ReasonCode.NO_PHONE: "Phone number is required",
    ReasonCode.NO_CENTER: "Center/Location is required",
    ReasonCode.UNKNOWN_CENTER: "Center '{center}' not found",
    ReasonCode.ARCHIVED_CENTER: "Center '{center}' not found",
}


class BadSignature(Forbidden):
    """A body in Meta's own form that isn't signed with the app's secret."""

    detail = "The signature is missing or wrong"


class BadToken(Forbidden):
    """The flat form without the right token."""

    detail = (
        "The webhook token is missing or wrong. Team leads can find the address with its token "
        "under Get started"
    )


@dataclass(frozen=True, slots=True)
class Posted:
    """A request to the webhook; the names of the headers are in lower case."""

    body: bytes
    headers: Mapping[str, str]
    token: str | None
    address: str


def shake_hands(db: Database, settings: Settings, asked: Handshake, address: str) -> str:
    """Return the challenge of Meta's handshake.

    Raises `Forbidden`, and `TooManyAttempts` for a network that keeps guessing the token.
    """
    token = settings.meta_verify_token.get_secret_value()
    if not token or asked.mode != "subscribe" or not asked.verify_token:
        raise Forbidden
    is_right = notifications.same(token, asked.verify_token)
    guesses.check(db, settings, "verify-token", address, Forbidden, is_right=is_right)
    return asked.challenge


def keep_signed(db: Database, delivery: Posted) -> Kept:
    """Store what Meta has signed, without parsing it; the workers do the rest."""
    db.write_together(
        deliveries.keep_all, deliveries.row(Source.META, stored_text.encode(delivery.body))
    )
    return {"status": "success"}


def is_for_workers(answer: Mapping[str, object]) -> bool:
    """Return whether an answer may leave work to do. That of one lead says what it has become."""
    return "message" not in answer or "leads" in answer


def check_head(settings: Settings, headers: Mapping[str, str], token: str | None) -> None:
    """Refuse a request that needs a token and has none, before its body is read.

    One that has a wrong token is counted, which needs the database. Raises `BadToken`.
    """
    needed = not webhook_access.may_be_open(settings) and notifications.SIGNATURE not in headers
    if needed and not (headers.get(TOKEN) or token):
        raise BadToken


def receive(
    db: Database, settings: Settings, throttle: "Throttle", delivery: Posted
) -> Received | Refused | ReceivedList:
    """Store what isn't signed. Returns once it is on disk.

    The flat form is answered with the outcome.
    Raises `BadSignature`, `BadToken`, `TooLong`, `TooManyAttempts`, and `Invalid` for what can't be
    read, which is stored nevertheless.
    """
    rules = _check(db, settings, delivery)
    headers = delivery.headers
    body = Body(delivery.body, headers.get("content-type", ""), headers.get("content-encoding", ""))
    value = flat_body.read(body, settings.max_webhook_unpacked_bytes)
    if notifications.is_notification(value):
        raise BadSignature
    arrival = Arrival(
        stored_text.encode(body.content),
        flat_body.single(value),
        times.now(),
        settings.phone_region,
        _limit(rules),
        headers=body.columns,
        is_unverified=bool(rules),
        erasure_secret=settings.erasure_secret,
        handling=Handling.known(db, settings),
    )
    if rules and (size := len(delivery.body) // _BYTES_AS_A_LEAD):
        throttle.hit(rules, cost=size)
    if (several := flat_body.several(value)) is not None:
        throttle.hit(rules, cost=len(several))
        parent, _ = _store_first(db, settings, arrival)
        return _answer_list(flat_list.settle(db, settings, parent))
    return _answer(_store(db, settings, throttle, rules, arrival))


def _store(
    db: Database, settings: Settings, throttle: "Throttle", rules: Sequence["Rule"], one: Arrival
) -> Outcome | None:
    """Store a delivery and process it, in the first way that works. Returns what `settle` does.

    Raises `TooManyAttempts`.
    """
    is_counted = False
    for write, way in _ways(db):
        if way is flat_form.join and (one.existing is None or one.is_unverified):
            continue
        try:
            result = write(way, one)
        except flat_form.NotStored:
            log.info("A delivery is stored before it is processed", exc_info=True)
            break
        if isinstance(result, TooManyAttempts):
            raise result
        if not isinstance(result, flat_form.Deferred):
            return result
        is_counted, one = True, replace(one, limit=None, existing=result.existing)
    if not is_counted:
        throttle.hit(rules)
    _, outcome = _store_first(db, settings, one)
    return outcome


def _ways(
    db: Database,
) -> list[tuple[Callable[[Any, Arrival], flat_form.Result], Callable[..., Any]]]:
    """Return the ways to store a delivery, those with the fewest round trips first."""
    whole = (db.write_together, flat_form.store)
    if not db.sends:
        return [whole]
    return [(db.send_together, flat_form.create), (db.send_together, flat_form.join), whole]


def _store_first(db: Database, settings: Settings, one: Arrival) -> tuple[Claimed, Outcome | None]:
    """Store a delivery, and process it then. Returns it as it was claimed, and what it became."""
    holder = secrets.token_hex(8)
    with claims.held(db, holder):
        with db.write() as session:
            # Claimed at once: a worker takes it only if this request doesn't end.
            own = {"held_by": holder, "claimed_until": times.now() + _OWN, "attempts": 1}
            own["is_unverified"] = one.is_unverified
            delivery_id = deliveries.keep(session, Source.FLAT, one.body, **own, **one.headers)
        claimed = Claimed(
            delivery_id,
            Source.FLAT,
            one.body,
            leadgen_id=None,
            fetched=None,
            attempts=1,
            received_at=one.received_at,
            content_type=one.headers.get("content_type"),
            content_encoding=one.headers.get("content_encoding"),
            is_unverified=one.is_unverified,
        )
        return claimed, processing.settle(db, settings, holder, claimed)


def _check(db: Database, settings: Settings, delivery: Posted) -> list["Rule"]:
    """Return the limits to count against, if anyone may send.

    Raises `BadToken`, `TooManyAttempts`, or `BadSignature` for what looks like a notification.
    """
    given = delivery.headers.get(TOKEN) or delivery.token or ""
    is_open = webhook_access.is_open(settings)
    if given and not is_open:
        is_right = webhook_access.is_right(settings, given)
        guesses.check(db, settings, "webhook-token", delivery.address, BadToken, is_right=is_right)
        return []
    if given and webhook_access.is_right(settings, given):
        return []
    if not is_open:
        if set(_WORDS.findall(delivery.body)) >= _NOTIFIES:
            raise BadSignature
        raise BadToken
    from limits import RateLimitItemPerMinute

    limit = RateLimitItemPerMinute(settings.webhook_per_minute)
    return [(limit, ("webhook", network(delivery.address)))]


def _limit(rules: Sequence["Rule"]) -> Limit | None:
    for item, keys in rules:
        return Limit(item.key_for(*keys), item.get_expiry(), item.amount)
    return None


def _answer(outcome: Outcome | None) -> Received | Refused:
    """Return the answer to the flat form.

    Raises `Invalid` where it is stored and can't be read, `Problem` where it isn't processed.
    """
    if outcome is not None and outcome["state"] == DeliveryState.PROCESSED:
        lead_id: int = outcome["lead_id"]
        return {"status": "success", "message": "Lead created successfully", "lead_id": lead_id}
    if outcome is None or outcome["state"] not in (DeliveryState.WAITING, DeliveryState.DISMISSED):
        raise Problem
    if outcome["reason"] in (ReasonCode.UNVERIFIED_REPEAT, ReasonCode.ERASED_PERSON):
        # Strangers are told no ids.
        return {"status": "success", "message": "Lead created successfully", "lead_id": None}
    if outcome["reason"] == ReasonCode.UNREADABLE:
        raise Invalid.at("body", type="unreadable", msg=_unreadable(outcome))
    message = refusal(outcome["reason"], outcome["center_text"])
    return {"status": "error", "message": message}


def _unreadable(outcome: Outcome) -> str:
    cause = two_columns.message(outcome["reason"], outcome["details"])
    return f"This was kept for a person to review. {cause}. {_SEND}"


def _answer_list(outcomes: Sequence[Outcome]) -> ReceivedList:
    """Return the answer to several leads, with that to each in their order."""
    answers: list[Received | Refused] = []
    for outcome in outcomes:
        try:
            answers.append(_answer(outcome))
        except Invalid:
            answers.append({"status": "error", "message": _unreadable(outcome)})
        except Problem:
            answers.append({"status": "success", "message": "Stored, and processed in a moment"})
    created = sum("lead_id" in answer for answer in answers)
    is_well = all(answer["status"] == "success" for answer in answers)
    count = f"{created} of {len(answers)}" if created < len(answers) else str(created)
    noun = "lead" if count == "1" else "leads"
    message = f"{count} {noun} created successfully"
    return {"status": "success" if is_well else "error", "message": message, "leads": answers}


def refusal(reason: str, center: str | None) -> str:
    """Return what the flat form answers, by what the delivery waits for."""
    return _REFUSALS[reason].format(center=center)
