"""The browsers that show a person's alerts, and the messages that they are sent.

Where a browser's alerts go is a person's input, and this server sends there: only the push services
of browsers are allowed. A browser gets alerts as long as the session that it was added in is open.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, select
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person
from backend.core.database import upsert
from backend.core.errors import Invalid
from backend.core.outbox import messages
from backend.core.settings import Settings
from backend.models import PushSubscription
from backend.schemas.alerts import Browser, PushKey

CHANNEL = "web_push"
# The push services of Chrome and others, Firefox, Edge and Safari: these hosts, and those below
# them where a dot comes first.
SERVICES = (
    "fcm.googleapis.com",
    ".push.services.mozilla.com",
    ".notify.windows.com",
    ".push.apple.com",
)
# The most browsers of a person; the oldest goes.
_MOST = 10


def key(settings: Settings) -> PushKey:
    """Return the key by which browsers know this installation."""
    from backend.core.alerts import web_push

    own = web_push.own_key(settings.secret_key.get_secret_value())
    return {"key": web_push.encode(web_push.public(own))}


def is_allowed(endpoint: str) -> bool:
    """Return whether an address is one of a push service."""
    try:
        parts = urlsplit(endpoint)
        plain = parts.port is None and not (parts.username or parts.password or parts.fragment)
    except ValueError:
        return False
    host = parts.hostname or ""
    known = any(host.endswith(one) if one[0] == "." else host == one for one in SERVICES)
    return parts.scheme == "https" and plain and known


def add(session: Session, person: Person, given: Browser) -> None:
    """Show a person's alerts in a browser. Raises `Invalid`."""
    if not is_allowed(given.endpoint):
        raise Invalid.at("body", "endpoint", msg="This browser's push service isn't known")
    # Imported here: what it needs takes long to import.
    from backend.core.alerts import web_push

    if not web_push.check_keys(given.keys.p256dh, given.keys.auth):
        raise Invalid.at("body", "keys", msg="Use the keys of the browser's subscription")
    row = {
        "user_id": person.id,
        "session_id": person.session_id,
        "endpoint": given.endpoint,
        "public_key": given.keys.p256dh,
        "auth": given.keys.auth,
        "created_at": times.now(),
    }
    statement = upsert.insert(session, PushSubscription).values(row)
    statement = statement.on_conflict_do_update(index_elements=["endpoint"], set_=row)
    session.connection().execute(statement)
    own = select(col(PushSubscription.id)).where(col(PushSubscription.user_id) == person.id)
    newest = own.order_by(col(PushSubscription.created_at).desc(), col(PushSubscription.id).desc())
    too_many = [*session.connection().scalars(newest.offset(_MOST))]
    session.connection().execute(
        delete(PushSubscription).where(col(PushSubscription.id).in_(too_many))
    )


def remove(session: Session, person: Person, endpoint: str) -> None:
    """Show a person's alerts in a browser no more."""
    session.connection().execute(
        delete(PushSubscription).where(
            col(PushSubscription.user_id) == person.id, col(PushSubscription.endpoint) == endpoint
        )
    )


def put(
    session: Session, alerts: Iterable[Mapping[str, Any]], centers: Mapping[int, int | None]
) -> None:
    """Add messages for alerts, which are columns of `Alert`; `centers` are those of their leads."""
    found = list(alerts)
    columns = (col(PushSubscription.user_id), col(PushSubscription.id))
    query = select(*columns, col(PushSubscription.endpoint)).where(
        col(PushSubscription.user_id).in_({one["user_id"] for one in found})
    )
    of_user: dict[int, list[tuple[int, str]]] = {}
    rows: Iterable[Any] = session.connection().execute(query)
    for user_id, id, endpoint in rows:
        of_user.setdefault(user_id, []).append((id, endpoint))
    messages.put(
        session,
        *(
            messages.row(
                CHANNEL,
                one["kind"],
                user_id=one["user_id"],
                lead_id=one["lead_id"],
                receiver=urlsplit(endpoint).hostname,
                data={"browser": id, "count": one["count"], "center": centers.get(one["lead_id"])},
            )
            for one in found
            for id, endpoint in of_user.get(one["user_id"], ())
        ),
    )
