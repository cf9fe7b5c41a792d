"""Whether the graph host may be asked: it is paused for all workers alike."""

import logging
from datetime import datetime
from hashlib import sha256

from sqlmodel import Session

from backend.core import times
from backend.core.capture.trouble import Trouble
from backend.core.settings import Settings
from backend.models import Pause

log = logging.getLogger("tofa.work")

_NAME = "graph"


def is_open(session: Session, settings: Settings) -> bool:
    """Whether there is a token, and no pause that was made for it."""
    if not settings.meta_access_token.get_secret_value():
        return False
    return current(session, settings) is None


def current(session: Session, settings: Settings) -> Pause | None:
    """The pause that holds now, for this token."""
    pause = session.get(Pause, _NAME)
    if pause is None or pause.until <= times.now() or pause.held_for != _fingerprint(settings):
        return None
    return pause


def pause(session: Session, settings: Settings, trouble: Trouble, until: datetime) -> None:
    """Pauses until a time (UTC); a longer pause stays."""
    held_for = _fingerprint(settings)
    found = session.get(Pause, _NAME, with_for_update=True)
    if found is None:
        found = Pause(name=_NAME, until=until, reason=trouble.kind, note=trouble.note)
        session.add(found)
    is_news = found.held_for != held_for or found.until <= times.now()
    if is_news or found.until < until:
        # All that were on their way say the same, each a moment later.
        if is_news or found.reason != trouble.kind:
            log.warning("%s: no lead is read from Meta until %s", trouble.note, f"{until:%F %T %Z}")
        found.until, found.reason, found.note = until, trouble.kind, trouble.note
        found.held_for = held_for


def _fingerprint(settings: Settings) -> str:
    """Tells one token from another, without keeping it."""
    return sha256(settings.meta_access_token.get_secret_value().encode()).hexdigest()[:16]
