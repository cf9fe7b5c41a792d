"""The door: what comes in by the webhook is on disk before anyone asks what it says."""

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
from backend.core.intake.meta import notifications
from backend.core.intake.outcomes import Claimed, Outcome
from backend.core.settings import Settings
from backend.models import DeliveryState, Source
from backend.schemas.intake import Handshake, Kept
from backend.schemas.leads import FlatLead, Received, Refused

if TYPE_CHECKING:
    from backend.core.rate_limits import Rule, Throttle

log = logging.getLogger("tofa")

TOKEN = "x-webhook-token"  # noqa: S105  the name of a header
# How long a flat form is left to the request that brought it, before a worker takes it up.
_OWN = timedelta(seconds=60)

# What the flat form answers, by what a delivery waits for; the words are those of old.
_REFUSALS = {
    "no_phone": "Phone number is required",
    "no_center": "Center/Location is required",
    deliveries.UNKNOWN_CENTER: "Center '{center}' not found",
}


class BadSignature(Forbidden):
    """A body in Meta's own form that is not signed with the app's secret."""

    detail = "The signature is missing or wrong"


class BadToken(Forbidden):
    """The flat form without the token that is set for it, or without one being set."""

    detail = "The webhook token is missing or wrong"


@dataclass(frozen=True, slots=True)
class Posted:
    """What came in, byte by byte; the names of the headers are in lower case."""

    body: bytes
    headers: Mapping[str, str]
    token: str | None
    address: str


def shake_hands(settings: Settings, asked: Handshake) -> str:
    """The challenge of Meta's handshake. Raises `Forbidden` where the token is not ours."""
    token = settings.meta_verify_token.get_secret_value()
    if not token or asked.mode != "subscribe" or not notifications.same(token, asked.verify_token):
        raise Forbidden
    return asked.challenge


def warn(settings: Settings) -> None:
    """Says at the start who may send leads, where that is hardly what is wanted."""
    token, secret = settings.webhook_token, settings.meta_app_secret
    if token.get_secret_value():
        return
    if secret.get_secret_value():
        log.warning("WEBHOOK_TOKEN is not set: the webhook takes leads from Meta alone")
    else:
        log.warning(
            "Neither WEBHOOK_TOKEN nor META_APP_SECRET is set: anyone may send leads to the webhook"
        )


def is_signed(settings: Settings, delivery: Posted) -> bool:
    """Whether it is Meta's beyond doubt, whatever it says."""
    secret = settings.meta_app_secret.get_secret_value()
    signature = delivery.headers.get(notifications.SIGNATURE)
    return bool(secret and signature) and notifications.is_signed(
        secret, delivery.body, signature or ""
    )


def keep_signed(db: Database, delivery: Posted) -> Kept:
    """Keeps what Meta has signed, before it is so much as parsed; the workers do the rest."""
    db.write_together(deliveries.keep_all, deliveries.row(Source.META, _text(delivery.body)))
    return {"status": "success"}


def is_for_workers(answer: Mapping[str, object]) -> bool:
    """Whether an answer leaves something to be done; the flat form's says what has become of it."""
    return "message" not in answer


def receive(
    db: Database,
    settings: Settings,
    throttle: "Throttle",
    delivery: Posted,
    value: Mapping[str, Any],
) -> Received | Refused | Kept:
    """Keeps what is not signed; `value` is its body. Answers once it is on disk.

    A notification of Meta is left to the workers. The flat form is answered with what became of
    it, as it always was. Raises `BadSignature`, `BadToken`, `Invalid` and `TooManyAttempts`.
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
    return _answer(_take(db, settings, throttle, rules, arrival), form)


def _take(
    db: Database, settings: Settings, throttle: "Throttle", rules: Sequence["Rule"], one: Arrival
) -> Outcome | None:
    """Keeps a delivery and understands it, in the first way that can be gone. Answers as `settle`.

    Raises `TooManyAttempts`.
    """
    is_counted = False
    for way, put in _ways(db):
        if put is flat_form.join and one.twin is None:
            continue
        try:
            taken = way(put, one)
        except flat_form.NotTaken:
            log.info("A delivery is kept before it is understood", exc_info=True)
            break
        if isinstance(taken, TooManyAttempts):
            raise taken
        if not isinstance(taken, flat_form.Left):
            return taken
        is_counted, one = True, replace(one, limit=None, twin=taken.twin)
    if not is_counted:
        throttle.hit(rules)
    return _keep_first(db, settings, one)


def _ways(
    db: Database,
) -> list[tuple[Callable[[Any, Arrival], flat_form.Taken], Callable[..., Any]]]:
    """Those with the fewest round trips come first."""
    taking = (db.write_together, flat_form.take)
    if not db.sends:
        return [taking]
    return [(db.send_together, flat_form.create), (db.send_together, flat_form.join), taking]


def _keep_first(db: Database, settings: Settings, one: Arrival) -> Outcome | None:
    holder = secrets.token_hex(8)
    with db.write() as session:
        # Claimed in the same breath: a worker takes it up only if this request does not end.
        own = {"held_by": holder, "claimed_until": times.now() + _OWN, "attempts": 1}
        delivery_id = deliveries.keep(session, Source.FLAT, one.body, **own)
    claimed = Claimed(delivery_id, Source.FLAT, one.body, None, None, 1, one.received_at)
    return processing.settle(db, settings, holder, claimed)


def _check(settings: Settings, delivery: Posted) -> list["Rule"]:
    """What to count, if anyone may send. Raises `BadToken`."""
    token = settings.webhook_token.get_secret_value()
    if token:
        given = delivery.headers.get(TOKEN) or delivery.token or ""
        if not notifications.same(token, given):
            raise BadToken
        return []
    if settings.meta_app_secret.get_secret_value():
        raise BadToken("Nothing unsigned is taken here: set WEBHOOK_TOKEN for other forms")
    from limits import RateLimitItemPerMinute

    limit = RateLimitItemPerMinute(settings.webhook_per_minute)
    return [(limit, ("webhook", network(delivery.address)))]


def _limit(rules: Sequence["Rule"]) -> flat_form.Limit | None:
    for item, keys in rules:
        return flat_form.Limit(item.key_for(*keys), item.get_expiry(), item.amount)
    return None


def _answer(outcome: Outcome | None, form: FlatLead) -> Received | Refused:
    """What the flat form is told. Raises `Problem` where it is here, and not yet understood."""
    if outcome is not None and outcome["state"] == DeliveryState.PROCESSED:
        lead_id: int = outcome["lead_id"]
        return {"status": "success", "message": "Lead created successfully", "lead_id": lead_id}
    if outcome is None or outcome["state"] != DeliveryState.WAITING:
        raise Problem
    message = refusal(outcome["reason"], (form.nearest_center or "").strip())
    return {"status": "error", "message": message}


def refusal(reason: str, center: str | None) -> str:
    """What the flat form is told, by what it waits for."""
    return _REFUSALS[reason].format(center=center)


def _text(body: bytes) -> str:
    """A body as a text column takes it. JSON is never changed by it."""
    return body.removeprefix(b"\xef\xbb\xbf").decode(errors="replace").replace("\0", "\ufffd")
