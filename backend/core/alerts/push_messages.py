"""The messages of the outbox that browsers get for alerts, one for each browser of a person."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core.outbox import messages
from backend.models import PushSubscription

CHANNEL = "web_push"


def put(
    session: Session, alerts: Iterable[Mapping[str, Any]], centers: Mapping[int, int | None]
) -> None:
    """Add messages for alerts, which are columns of `Alert`; `centers` are those of their leads."""
    found = list(alerts)
    columns = (col(PushSubscription.user_id), col(PushSubscription.id))
    query = select(*columns, col(PushSubscription.endpoint)).where(
        col(PushSubscription.user_id).in_({one["user_id"] for one in found})
    )
    browsers: dict[int, list[tuple[int, str]]] = {}
    rows: Iterable[Any] = session.connection().execute(query)
    for user_id, id, endpoint in rows:
        browsers.setdefault(user_id, []).append((id, endpoint))
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
            for id, endpoint in browsers.get(one["user_id"], ())
        ),
    )
