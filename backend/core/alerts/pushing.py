"""Send an alert to a browser's push service: the outbox's channel of Web Push.

What is shown has no names of people: the kind of the alert, and the center.
"""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import orjson
from sqlalchemy import delete, select
from sqlmodel import Session, col

from backend.core import times
from backend.core.alerts import browsers, withdrawing
from backend.core.alerts.announcing import AlertKind
from backend.core.db import Database, low_priority
from backend.core.outbox import sending
from backend.core.outbox.channels import Message, Result
from backend.core.reasons import Reason, ReasonCode
from backend.core.settings import Settings
from backend.models import Center, PushSubscription, User, UserSession

# In seconds: how long a push service may take, and how long it keeps an alert for a browser that
# can't be reached.
TIMEOUT = 5.0
_KEPT = 4 * 3600
# In seconds: how long to wait if a push service asks for that without a time, and the longest.
_WAIT, _LONGEST = 60.0, 3600.0
# The answers that say that the browser isn't there any more.
_GONE = (404, 410)
# The answers to a token that a service doesn't take. Either our key was replaced, for good, or this
# server's clock is wrong, for a while.
_REFUSED = (401, 403)

# The title of each kind: of one, and of several.
TITLES = {
    "new_lead": ("New lead", "{count} new leads"),
    "repeat_enquiry": ("Repeat enquiry", "{count} repeat enquiries"),
    "assigned": ("Assigned to you", "{count} leads assigned to you"),
    "follow_up_due": ("Follow-up due", "{count} follow-ups due"),
    "missed_target": ("Missed target", "{count} missed targets"),
    "delivery_waiting": ("Delivery waiting", "{count} deliveries waiting"),
}


def send(db: Database, settings: Settings, message: Message) -> Result:
    """Send a message to a browser."""
    with db.read() as session:
        idle = timedelta(minutes=settings.session_idle_minutes)
        browser = _browser(session, message, idle)
        things = count(session, message)
        text = orjson.dumps(_shown(session, message, things))
    if browser is None:
        _forget_ended(db, message, idle)
        return Result.void()
    if not things:
        return Result.void()
    if not browsers.is_allowed(browser.endpoint):
        return Result.failed(ReasonCode.RECEIVER_NOT_ALLOWED)
    status, retry_after = _post(settings, browser, text)
    if status is None:
        return Result.again(Reason(ReasonCode.RECEIVER_UNREACHABLE))
    if 200 <= status < 300:
        return Result.sent()
    if status in _GONE or (status in _REFUSED and message.attempts >= sending.TRIES):
        _forget(db, browser)
        return Result.void()
    if status == 429:
        return Result.busy(Reason(ReasonCode.RECEIVER_BUSY), _wait(retry_after))
    if status >= 500 or status in _REFUSED:
        return Result.again(Reason(ReasonCode.RECEIVER_STATUS, {"status": status}))
    return Result.failed(ReasonCode.RECEIVER_STATUS, status=status)


def count(session: Session, message: Message) -> int:
    """Return how many things a message tells now; 0 if that isn't true any more."""
    if message.kind == AlertKind.ASSIGNED:
        return withdrawing.still_theirs(session, message)
    return int(message.data.get("count", 1))


def _browser(session: Session, message: Message, idle: timedelta) -> PushSubscription | None:
    """Return the browser, if its person may still see what it shows."""
    now = times.now()
    query = (
        select(PushSubscription)
        .join(User, col(User.id) == col(PushSubscription.user_id))
        .join(UserSession, col(UserSession.id) == col(PushSubscription.session_id))
        .where(
            col(PushSubscription.id) == message.data.get("browser"),
            col(PushSubscription.user_id) == message.user_id,
            col(User.disabled).is_(False),
            # As `accounts.sessions.is_valid` has it.
            col(UserSession.ended_at).is_(None),
            col(UserSession.ends_at) > now,
            col(UserSession.last_used_at) > now - idle,
            col(UserSession.version) == col(User.token_version),
        )
    )
    return session.scalar(query)


def _shown(session: Session, message: Message, things: int) -> dict[str, Any]:
    one, many = TITLES.get(message.kind, ("Something new", "Something new"))
    center = session.get(Center, message.data.get("center") or 0)
    place = f"#/lead/{message.lead_id}" if message.lead_id is not None else "#/next"
    return {
        "title": one if things == 1 else many.format(count=things),
        "body": center.display_name if center else "",
        "place": place,
        # Browsers show one that was sent twice once.
        "tag": f"{message.kind} {message.lead_id or message.id}",
    }


def _post(
    settings: Settings, browser: PushSubscription, text: bytes
) -> tuple[int | None, str | None]:
    """Return the status of the answer and how long to wait; None where there is no answer."""
    # Imported here: it takes long, and most servers never need it.
    import httpx

    from backend.core.alerts import web_push

    parts = urlsplit(browser.endpoint)
    own = web_push.own_key(settings.secret_key.get_secret_value())
    headers = {
        "authorization": web_push.authorization(
            own, f"{parts.scheme}://{parts.netloc}", _contact(settings)
        ),
        "content-encoding": "aes128gcm",
        "ttl": str(_KEPT),
        "urgency": "high",
    }
    body = web_push.encrypt(text, browser.public_key, browser.auth)
    try:
        with (
            httpx.Client(timeout=TIMEOUT, follow_redirects=False) as client,
            client.stream("POST", browser.endpoint, content=body, headers=headers) as answer,
        ):
            return answer.status_code, answer.headers.get("retry-after")
    except (httpx.HTTPError, httpx.InvalidURL):
        return None, None


def _contact(settings: Settings) -> str:
    """Return where a push service can reach the operator: only `https:` or `mailto:` will do."""
    if settings.public_url.startswith("https://"):
        return settings.public_url
    return f"mailto:{settings.mail_from or 'admin@tofa.invalid'}"


def _wait(retry_after: str | None) -> float:
    asked = float(retry_after) if retry_after and retry_after.isdigit() else _WAIT
    return min(max(asked, 1.0), _LONGEST)


def _forget_ended(db: Database, message: Message, idle: timedelta) -> None:
    """Remove a browser whose session has ended: the next session in it adds it again."""
    own = (
        col(PushSubscription.id) == message.data.get("browser"),
        col(PushSubscription.user_id) == message.user_id,
    )
    # Look first: mostly it's gone already, and no writer has to wait then.
    with db.read() as session:
        if session.scalar(select(col(PushSubscription.id)).where(*own)) is None:
            return
    with low_priority(), db.write() as session:
        found = session.scalar(select(PushSubscription).where(*own).with_for_update())
        if found is not None and _browser(session, message, idle) is None:
            session.delete(found)


def _forget(db: Database, browser: PushSubscription) -> None:
    with low_priority(), db.write() as session:
        own = col(PushSubscription.id) == browser.id
        same = col(PushSubscription.endpoint) == browser.endpoint
        session.connection().execute(delete(PushSubscription).where(own, same))
