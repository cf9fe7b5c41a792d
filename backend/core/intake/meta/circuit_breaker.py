"""Whether leads may be read from Meta: a pause counts for all workers."""

import logging
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import update
from sqlmodel import Session, col

from backend.core import times
from backend.core.intake.meta.graph_errors import LONGEST_WAIT, GraphError
from backend.core.reasons import Reason, ReasonCode
from backend.core.reasons.two_columns import decode, encode
from backend.core.settings import Settings
from backend.models import Pause

log = logging.getLogger("tofa.work")

_NAME = "graph"
# No pause is longer: the longest wait that Meta may ask for, and a margin.
LONGEST = timedelta(minutes=LONGEST_WAIT) + timedelta(hours=1)


def is_open(session: Session, settings: Settings) -> bool:
    """Return whether there is a token, and no pause that was made for it."""
    return closed(session, settings) is None


def closed(session: Session, settings: Settings) -> Reason | None:
    """Return why Meta can't be asked, or None where it can."""
    if not settings.meta_access_token.get_secret_value():
        return Reason(ReasonCode.NO_TOKEN)
    found = current(session, settings)
    return Reason(ReasonCode.PAUSED, {"cause": cause(found)}) if found else None


def cause(pause: Pause) -> Reason:
    """Return why reading is paused."""
    return decode(pause.reason, pause.details) or Reason(ReasonCode.OTHER)


def current(session: Session, settings: Settings) -> Pause | None:
    """Return the pause that counts now, for this token."""
    pause = session.get(Pause, _NAME)
    if pause is None or not _counts(pause, settings):
        return None
    return pause


def _counts(pause: Pause, settings: Settings) -> bool:
    """Return whether it isn't over. One that is too long was made by a clock that ran ahead."""
    left = pause.until - times.now()
    return timedelta(0) < left <= LONGEST and pause.held_for == _fingerprint(settings)


def pause(
    session: Session, settings: Settings, error: GraphError, until: datetime, in_a_row: int = 0
) -> None:
    """Pause until a time (UTC), unless a longer pause is in place.

    `in_a_row` counts it with those before it for which Meta has named no time.
    """
    found = session.get(Pause, _NAME, with_for_update=True)
    if found is None:
        found = Pause(name=_NAME, until=until, reason=error.kind)
        session.add(found)
    is_new = not _counts(found, settings)
    if not is_new and found.until >= until:
        return
    # All requests under way fail with the same error, each a moment later: one line is enough.
    if is_new or found.reason != error.kind:
        log.warning("%s. No lead is read from Meta until %s", error.cause.text, f"{until:%F %T %Z}")
    found.until, found.reason, found.in_a_row = until, error.kind, in_a_row
    found.details = encode(error.kind, error.cause)
    found.held_for = _fingerprint(settings)


def in_a_row(session: Session, settings: Settings) -> int:
    """Return how many pauses have followed one another, without an answer in between."""
    found = session.get(Pause, _NAME)
    is_own = found is not None and found.held_for == _fingerprint(settings)
    return found.in_a_row if found is not None and is_own else 0


def answered(session: Session) -> None:
    """Note that Meta has answered since the last pause: the next one begins at its shortest."""
    over = update(Pause).where(
        col(Pause.name) == _NAME, col(Pause.in_a_row) > 0, col(Pause.until) <= times.now()
    )
    session.connection().execute(over.values(in_a_row=0))


def _fingerprint(settings: Settings) -> str:
    """Tell one token from another, without storing it."""
    return sha256(settings.meta_access_token.get_secret_value().encode()).hexdigest()[:16]
