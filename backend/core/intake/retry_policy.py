"""What to do after trouble with the graph host, as a table."""

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from backend.core import times
from backend.core.intake.meta import circuit_breaker
from backend.core.intake.meta.graph_errors import Trouble
from backend.core.settings import Settings
from backend.models import DeliveryState

# In seconds: the first wait, doubled at each try, and the longest one. With 22 tries that is a day
# and a half, as long as Meta itself would go on trying.
FIRST_WAIT = 2.0
LONGEST_WAIT = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class Rule:
    """What a kind of trouble costs.

    `tries` before the dead letters, or None where it is not the delivery's fault and does not
    count. `pause` closes the graph host for all, for so many seconds where it says nothing.
    """

    tries: int | None
    pause: float | None = None


TABLE = {
    "upstream": Rule(tries=22),
    "missing": Rule(tries=5),
    "permission": Rule(tries=22),
    "throttled": Rule(tries=None, pause=60.0),
    # What no one foresaw, here and not at Meta's: a person finds it in the log.
    "error": Rule(tries=5),
    # It is tried again now and then: a new token may be in place, or the old one good again.
    "token_expired": Rule(tries=None, pause=900.0),
}


def after(session: Session, settings: Settings, trouble: Trouble, attempts: int) -> dict[str, Any]:
    """What to note of a delivery after its `attempts`-th try, and whether to pause for all."""
    rule = TABLE[trouble.kind]
    now = times.now()
    outcome: dict[str, Any] = {
        "state": DeliveryState.RETRYING,
        "reason": trouble.kind,
        "note": trouble.note,
    }
    if rule.pause is not None:
        # Where it says 0, it says nothing: to ask again at once is how one is throttled.
        until = now + timedelta(seconds=trouble.wait or rule.pause)
        circuit_breaker.pause(session, settings, trouble, until)
        return outcome | {"attempts": attempts - 1, "due_at": now}
    if rule.tries is not None and attempts >= rule.tries:
        return outcome | {"state": DeliveryState.FAILED}
    return outcome | {"due_at": now + timedelta(seconds=delay(attempts))}


def delay(attempts: int) -> float:
    """Seconds to wait after so many tries, with jitter, so that not all come back at once."""
    full = min(FIRST_WAIT * 2.0 ** min(attempts - 1, 30), LONGEST_WAIT)
    return full * random.uniform(0.5, 1.0)  # noqa: S311  not a secret
