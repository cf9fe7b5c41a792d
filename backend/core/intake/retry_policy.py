"""What to do after an error of the graph host, as a table."""

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from backend.core import times
from backend.core.intake.meta import circuit_breaker
from backend.core.intake.meta.graph_errors import GraphError
from backend.core.intake.reason_texts import ReasonCode, columns
from backend.core.settings import Settings
from backend.models import DeliveryState

# In seconds: the first wait, doubled at each try, and the longest one. With 22 tries that is a day
# and a half, as long as Meta itself goes on trying.
FIRST_WAIT = 2.0
LONGEST_WAIT = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class Rule:
    """What follows from a group of errors.

    After `tries` the delivery has failed; None where it isn't the delivery's fault and doesn't
    count. `pause` stops all reading from Meta for so many seconds where Meta names no time.
    """

    tries: int | None
    pause: float | None = None


TABLE: dict[str, Rule] = {
    ReasonCode.UPSTREAM: Rule(tries=22),
    ReasonCode.MISSING: Rule(tries=5),
    ReasonCode.PERMISSION: Rule(tries=22),
    ReasonCode.THROTTLED: Rule(tries=None, pause=60.0),
    # A fault of this program: a person finds it in the log.
    ReasonCode.ERROR: Rule(tries=5),
    # Tried again now and then: a new token may be in place, or the old one good again.
    ReasonCode.TOKEN_EXPIRED: Rule(tries=None, pause=900.0),
}


def after(session: Session, settings: Settings, error: GraphError, attempts: int) -> dict[str, Any]:
    """Return what to write to a delivery after its `attempts`-th try, and pause where needed."""
    rule = TABLE[error.kind]
    now = times.now()
    outcome: dict[str, Any] = {
        "state": DeliveryState.RETRYING,
        **columns(error.kind, error.cause),
    }
    if rule.pause is not None:
        # Ignore a wait of 0: repeating the request at once leads to throttling.
        until = now + timedelta(seconds=error.wait or rule.pause)
        circuit_breaker.pause(session, settings, error, until)
        return outcome | {"attempts": attempts - 1, "due_at": now}
    if rule.tries is not None and attempts >= rule.tries:
        return outcome | {"state": DeliveryState.FAILED}
    return outcome | {"due_at": now + timedelta(seconds=delay(attempts))}


def delay(attempts: int) -> float:
    """Return the seconds to wait after so many tries, with jitter, so that retries spread out."""
    full = min(FIRST_WAIT * 2.0 ** min(attempts - 1, 30), LONGEST_WAIT)
    return full * random.uniform(0.5, 1.0)  # noqa: S311  not a secret
