"""Whether the graph host may be asked: it is paused for all workers alike."""

import logging
from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import Session

from backend.core import times
from backend.core.intake.meta.graph_errors import LONGEST_WAIT, Trouble
from backend.core.settings import Settings
from backend.models import Pause

log = logging.getLogger("tofa.work")

_NAME = "graph"
# No pause is longer: what Meta may tell us to wait, and a little.
LONGEST = timedelta(minutes=LONGEST_WAIT) + timedelta(hours=1)


def is_open(session: Session, settings: Settings) -> bool:
    """Whether there is a token, and no pause that was made for it."""
    if not settings.meta_access_token.get_secret_value():
        return False
    return current(session, settings) is None


def current(session: Session, settings: Settings) -> Pause | None:
    """The pause that holds now, for this token."""
    pause = session.get(Pause, _NAME)
    if pause is None or not _holds(pause, settings):
        return None
    return pause


def _holds(pause: Pause, settings: Settings) -> bool:
    """Whether it is not over. One that is too long was made by a clock that ran ahead."""
    left = pause.until - times.now()
    return timedelta(0) < left <= LONGEST and pause.held_for == _fingerprint(settings)


def pause(session: Session, settings: Settings, trouble: Trouble, until: datetime) -> None:
    """Pauses until a time (UTC); a longer pause stays."""
    held_for = _fingerprint(settings)
    found = session.get(Pause, _NAME, with_for_update=True)
    if found is None:
        found = Pause(name=_NAME, until=until, reason=trouble.kind, note=trouble.note)
        session.add(found)
    is_news = not _holds(found, settings)
    if is_news or found.until < until:
        # All that were on their way say the same, each a moment later.
        if is_news or found.reason != trouble.kind:
            log.warning("%s: no lead is read from Meta until %s", trouble.note, f"{until:%F %T %Z}")
        found.until, found.reason, found.note = until, trouble.kind, trouble.note
        found.held_for = held_for


def _fingerprint(settings: Settings) -> str:
    """Tells one token from another, without keeping it."""
    return sha256(settings.meta_access_token.get_secret_value().encode()).hexdigest()[:16]
