"""Versions of the Graph API: until when Meta answers them, and what it says when one is old.

Source: Meta's documents 'Graph API Changelog' (the table, as of November 2026), 'Platform
Versioning' and 'Marketing API Versioning' (`X-Ad-Api-Version-Warning`). A call to a version that
has ended is answered by the oldest one that hasn't, or fails.
"""

import logging
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from sqlmodel import Session

from backend.core import times
from backend.core.database import upsert
from backend.core.db import Database
from backend.core.intake.meta.graph_errors import without_tokens
from backend.core.reasons import Reason, ReasonCode
from backend.core.reasons.two_columns import decode, encode
from backend.core.settings import Settings
from backend.models import Pause

log = logging.getLogger("tofa.work")

# The day on which each version ends; None where Meta hasn't named one yet.
ENDS: Mapping[str, date | None] = {
    "v18.0": date(2026, 1, 26),
    "v19.0": date(2026, 5, 21),
    "v20.0": date(2026, 9, 24),
    "v21.0": date(2027, 1, 21),
    "v22.0": date(2027, 5, 20),
    "v23.0": date(2027, 10, 8),
    "v24.0": date(2028, 2, 18),
    "v25.0": date(2028, 7, 29),
    "v26.0": None,
    "v27.0": None,
}
# How long before its end a version is announced, and how often the log says so.
SOON = timedelta(days=60)
AGAIN = timedelta(days=1)
_NAME = "graph version"
_WARNING = "x-ad-api-version-warning"
_ANSWERED = "facebook-api-version"
_VERSION = re.compile(r"v([0-9]{1,9})\.([0-9]{1,9})")


class Notice(NamedTuple):
    """What there is to say about a version: the reason, and its last day where that is known."""

    reason: Reason
    ends_on: date | None = None


def ends_soon(version: str, today: date) -> Notice | None:
    """Return what to say about a version that ends within `SOON`, or has ended."""
    ends_on = ENDS.get(version)
    newest = max(ENDS, key=_number)
    if _number(version) < min(map(_number, ENDS)):
        return Notice(Reason(ReasonCode.VERSION_ENDED, {"version": version, "newest": newest}))
    if ends_on is None or ends_on - today > SOON:
        return None
    code = ReasonCode.VERSION_ENDS if today <= ends_on else ReasonCode.VERSION_ENDED
    params = {"version": version, "date": ends_on.isoformat(), "newest": newest}
    return Notice(Reason(code, params), ends_on)


def told(headers: Mapping[str, str], asked: str) -> Reason | None:
    """Return what the headers of an answer say of the version that was asked for.

    Either Meta's own warning, or that another version has answered.
    """
    if warning := without_tokens(headers.get(_WARNING, "").strip(" '\"")):
        return Reason(ReasonCode.VERSION_WARNING, {"said": warning})
    answered = headers.get(_ANSWERED, "").strip()
    if _VERSION.fullmatch(answered) and _number(answered) != _number(asked):
        params = {"answered": answered, "version": asked}
        return Reason(ReasonCode.VERSION_REPLACED, params)
    return None


def notice(session: Session, settings: Settings) -> Notice | None:
    """Return what there is to say about the version in the settings."""
    version = settings.meta_graph_version
    known = ends_soon(version, times.now().date())
    if known is not None:
        return known
    marker = _marker(session, settings)
    reason = decode(marker.reason, marker.details) if marker is not None else None
    return Notice(reason) if reason is not None else None


def keep(db: Database, settings: Settings, reason: Reason) -> None:
    """Keep and log what Meta says of the version, at most once in `AGAIN` for all processes."""
    with db.read() as session:
        if _marker(session, settings) is not None:
            return
    with db.write() as session:
        values = {
            "until": times.now() + AGAIN,
            "reason": reason.code,
            "details": encode(reason.code, reason),
            "held_for": settings.meta_graph_version,
        }
        statement = upsert.insert(session, Pause).values(name=_NAME, **values)
        session.connection().execute(
            statement.on_conflict_do_update(index_elements=["name"], set_=values)
        )
    log.warning("%s", reason.text)


def _marker(session: Session, settings: Settings) -> Pause | None:
    marker = session.get(Pause, _NAME)
    if marker is None or marker.held_for != settings.meta_graph_version:
        return None
    return marker if timedelta(0) < marker.until - times.now() <= AGAIN else None


def _number(version: str) -> tuple[int, int]:
    found = _VERSION.fullmatch(version)
    # Whatever the table can't know is newer than all of it.
    return (int(found[1]), int(found[2])) if found is not None else (10**9, 0)
