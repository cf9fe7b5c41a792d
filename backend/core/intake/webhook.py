"""The webhook: what comes in is on disk before anything interprets it."""

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from backend.core import times
from backend.core.auth import network
from backend.core.db import Database
from backend.core.errors import Forbidden, Invalid, Problem, TooManyAttempts
from backend.core.intake import deliveries, flat_form, processing
from backend.core.intake.flat_form import Arrival
from backend.core.intake.flat_form_limits import Limit
from backend.core.intake.meta import notifications
from backend.core.intake.outcomes import Claimed, Outcome
from backend.core.intake.reason_texts import ReasonCode
from backend.core.settings import Settings
from backend.models import DeliveryState, Source
from backend.schemas.intake import Handshake, Kept
from backend.schemas.leads import FlatLead, Received, Refused

if TYPE_CHECKING:
    from backend.core.rate_limits import Rule, Throttle

log = logging.getLogger("tofa")

TOKEN = "x-webhook-token"  # noqa: S105  the name of a header
# How long a flat form is left to the request that brought it, before a worker claims it.
_OWN = timedelta(seconds=60)

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
    """The flat form without the right token, or where none is set."""

    detail = "The webhook token is missing or wrong"


@dataclass(frozen=True, slots=True)
class Posted:
    """A request to the webhook; the names of the headers are in lower case."""

    body: bytes
    headers: Mapping[str, str]
    token: str | None
    address: str


def shake_hands(settings: Settings, asked: Handshake) -> str:
    """Return the challenge of Meta's handshake. Raises `Forbidden` for a wrong token."""
    token = settings.meta_verify_token.get_secret_value()
    if not token or asked.mode != "subscribe" or not notifications.same(token, asked.verify_token):
        raise Forbidden
    return asked.challenge


def warn(settings: Settings) -> None:
    """Warn at the start where too few or too many may send leads."""
    token, secret = settings.webhook_token, settings.meta_app_secret
    if token.get_secret_value():
        return
    if secret.get_secret_value():
        log.warning("WEBHOOK_TOKEN is not set: the webhook accepts leads from Meta only")
    else:
        log.warning(
            "Neither WEBHOOK_TOKEN nor META_APP_SECRET is set: anyone may send leads to the webhook"
        )


def is_signed(settings: Settings, delivery: Posted) -> bool:
    """Return whether Meta has signed it, whatever it says."""
    secret = settings.meta_app_secret.get_secret_value()
    signature = delivery.headers.get(notifications.SIGNATURE)
    return bool(secret and signature) and notifications.is_signed(
        secret, delivery.body, signature or ""
    )


def keep_signed(db: Database, delivery: Posted) -> Kept:
    """Store what Meta has signed, without parsing it; the workers do the rest."""
    db.write_together(deliveries.keep_all, deliveries.row(Source.META, _text(delivery.body)))
    return {"status": "success"}


def is_for_workers(answer: Mapping[str, object]) -> bool:
    """Return whether an answer leaves work to do. The flat form's says what it has become."""
    return "message" not in answer


def receive(
    db: Database,
    settings: Settings,
    throttle: "Throttle",
    delivery: Posted,
    value: Mapping[str, Any],
) -> Received | Refused | Kept:
    """Store what isn't signed; `value` is its body. Returns once it is on disk.

    A notification from Meta is left to the workers. The flat form is answered with the outcome.
    Raises `BadSignature`, `BadToken`, `Invalid` and `TooManyAttempts`.
    """
    is_notification = notifications.is_notification(value)
    if is_notification and settings.meta_app_secret.get_secret_value():
        raise BadSignature
    rules = _check(settings, delivery)
    if is_notification:
        throttle.hit(rules)
        return keep_signed(db, delivery)
    try:
        form = FlatLead.model_validate(value)
    except ValidationError as error:
        raise Invalid.of(error, "body") from None
    body, now = _text(delivery.body), times.now()
    arrival = Arrival(body, value, form, now, settings.phone_region, _limit(rules))
    return _answer(_store(db, settings, throttle, rules, arrival), form)


def _store(
    db: Database, settings: Settings, throttle: "Throttle", rules: Sequence["Rule"], one: Arrival
) -> Outcome | None:
    """Store a delivery and process it, in the first way that works. Returns what `settle` does.

    Raises `TooManyAttempts`.
    """
    is_counted = False
    for write, way in _ways(db):
        if way is flat_form.join and one.existing is None:
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
    return _store_first(db, settings, one)


def _ways(
    db: Database,
) -> list[tuple[Callable[[Any, Arrival], flat_form.Result], Callable[..., Any]]]:
    """Return the ways to store a delivery, those with the fewest round trips first."""
    whole = (db.write_together, flat_form.store)
    if not db.sends:
        return [whole]
    return [(db.send_together, flat_form.create), (db.send_together, flat_form.join), whole]


def _store_first(db: Database, settings: Settings, one: Arrival) -> Outcome | None:
    holder = secrets.token_hex(8)
    with db.write() as session:
        # Claimed at once: a worker takes it only if this request doesn't end.
        own = {"held_by": holder, "claimed_until": times.now() + _OWN, "attempts": 1}
        delivery_id = deliveries.keep(session, Source.FLAT, one.body, **own)
    claimed = Claimed(delivery_id, Source.FLAT, one.body, None, None, 1, one.received_at)
    return processing.settle(db, settings, holder, claimed)


def _check(settings: Settings, delivery: Posted) -> list["Rule"]:
    """Return the limits to count against, if anyone may send. Raises `BadToken`."""
    token = settings.webhook_token.get_secret_value()
    if token:
        given = delivery.headers.get(TOKEN) or delivery.token or ""
        if not notifications.same(token, given):
            raise BadToken
        return []
    if settings.meta_app_secret.get_secret_value():
        raise BadToken("Nothing unsigned is accepted here: set WEBHOOK_TOKEN for other forms")
    from limits import RateLimitItemPerMinute

    limit = RateLimitItemPerMinute(settings.webhook_per_minute)
    return [(limit, ("webhook", network(delivery.address)))]


def _limit(rules: Sequence["Rule"]) -> Limit | None:
    for item, keys in rules:
        return Limit(item.key_for(*keys), item.get_expiry(), item.amount)
    return None


def _answer(outcome: Outcome | None, form: FlatLead) -> Received | Refused:
    """Return the answer to the flat form. Raises `Problem` where it is stored but not processed."""
    if outcome is not None and outcome["state"] == DeliveryState.PROCESSED:
        lead_id: int = outcome["lead_id"]
        return {"status": "success", "message": "Lead created successfully", "lead_id": lead_id}
    if outcome is None or outcome["state"] != DeliveryState.WAITING:
        raise Problem
    message = refusal(outcome["reason"], (form.nearest_center or "").strip())
    return {"status": "error", "message": message}


def refusal(reason: str, center: str | None) -> str:
    """Return what the flat form answers, by what the delivery waits for."""
    return _REFUSALS[reason].format(center=center)


def _text(body: bytes) -> str:
    """Return a body as a text column accepts it. JSON is never changed by it."""
    return body.removeprefix(b"\xef\xbb\xbf").decode(errors="replace").replace("\0", "\ufffd")
