"""Secrets that senders prove, one for all of them: how often a network may guess one."""

import math
import time

from backend.core.accounts import login_limits
from backend.core.accounts.login_limits import network
from backend.core.accounts.windows import MINUTE
from backend.core.db import Database
from backend.core.errors import Forbidden
from backend.core.settings import Settings

# When each network sent a wrong secret last, by the monotonic clock, and how many are kept.
_wrong_from: dict[tuple[str, str], float] = {}
MOST_WATCHED = 10_000


def check(
    db: Database,
    settings: Settings,
    purpose: str,
    address: str,
    refusal: type[Forbidden],
    *,
    is_right: bool,
) -> None:
    """Let a right secret pass. Raises `refusal` for a wrong one, and `TooManyAttempts`.

    Wrong ones are counted for their network and purpose. A right one costs nothing, unless its
    network has just sent this process a wrong one: then it is refused, too, if there were too many.
    """
    place, now = (purpose, network(address)), time.monotonic()
    if is_right and now - _wrong_from.get(place, -math.inf) > MINUTE:
        return
    attempt = login_limits.begin_use(db, settings, purpose, address)
    if is_right:
        with db.write() as session:
            attempt.take_back(session)
        return
    if len(_wrong_from) >= MOST_WATCHED:
        _wrong_from.clear()
    _wrong_from[place] = now
    raise refusal
