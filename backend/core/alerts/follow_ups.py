"""Announce follow-ups to the owners of their leads when their time comes, within opening hours.

What came due before an installation had alerts isn't announced. A mark keeps how far the announcing
has come, so that each follow-up is announced once, whatever runs this.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import Session, col

from backend.core import times
from backend.core.alerts.announcing import AlertKind, announce
from backend.core.calling.rules import Standard
from backend.core.db import Database, low_priority
from backend.core.settings import Settings
from backend.models import Lead, RetentionMark, Status

_MARK = "due follow-ups"
# How far the mark may lag behind while nothing comes due.
_LAG = timedelta(minutes=5)


def run(db: Database, settings: Settings) -> int:
    """Announce what has come due since the last run. Returns how many people are told."""
    now = times.now()
    with db.read() as session:
        mark = session.get(RetentionMark, _MARK)
        since = mark.at if mark else None
        is_recent = since is not None and now - _LAG < since <= now
        if is_recent and not session.connection().execute(_due(since, now).limit(1)).first():
            return 0
    with low_priority(), db.write() as session:
        return _announce(session, settings, now)


def _announce(session: Session, settings: Settings, now: datetime) -> int:
    mark = session.get(RetentionMark, _MARK, with_for_update=True)
    if mark is None:
        session.add(RetentionMark(name=_MARK, at=now))
        return 0
    since, mark.at = mark.at, now
    of_owner: dict[int, list[int]] = {}
    found: Iterable[Any] = session.connection().execute(_due(since, now))
    for owner_id, lead_id in found:
        of_owner.setdefault(owner_id, []).append(lead_id)
    if not of_owner:
        return 0
    # A date without a time is due at midnight: nobody's phone should ring then.
    at = Standard.of(settings).of_center(session, None).hours.next_open(now)
    for owner_id, ids in sorted(of_owner.items()):
        lead_id = ids[0] if len(ids) == 1 else None
        kind = AlertKind.FOLLOW_UP_DUE
        announce(session, kind, user_id=owner_id, lead_id=lead_id, count=len(ids), at=at)
    return len(of_owner)


def _due(since: datetime | None, now: datetime) -> Select[Any]:
    """Return the query for owned leads whose follow-ups have come due."""
    columns: tuple[Any, ...] = (col(Lead.owner_id), col(Lead.id))
    return select(*columns).where(
        col(Lead.next_followup_date) > since,
        col(Lead.next_followup_date) <= now,
        col(Lead.owner_id).is_not(None),
        col(Lead.status).not_in((Status.JOINED, Status.DEAD)),
        col(Lead.do_not_contact).is_(False),
    )
