"""What to do after an error of the graph host, as a table."""

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from backend.core import times
from backend.core.intake.meta import circuit_breaker
from backend.core.intake.meta.graph_errors import GraphError
from backend.core.reasons import ReasonCode
from backend.core.reasons.two_columns import columns
from backend.core.settings import Settings
from backend.models import DeliveryState

# In seconds: the first wait, doubled at each try, and the longest one. With 22 tries that is a day
# and a half, as long as Meta itself goes on trying.
FIRST_WAIT = 2.0
LONGEST_WAIT = 6 * 3600.0
# In seconds: the first pause after a throttle that names no time. It doubles as long as nothing is
# answered in between: most throttles are over in a moment, and Meta's longest window is an hour.
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 15 * 60.0


@dataclass(frozen=True, slots=True)
class Rule:
    """What follows from a group of errors.

    After `tries` the delivery has failed; None where it isn't the delivery's fault and doesn't
    count. `pause` stops all reading from Meta for so many seconds where Meta names no time; each
    pause after another one is twice as long, up to `longest_pause`.
    """

    tries: int | None
    pause: float | None = None
    longest_pause: float = 0.0

    def seconds(self, in_a_row: int) -> float:
        """Return how long the pause is that follows so many in a row."""
        assert self.pause is not None
        return max(self.pause, min(self.pause * 2.0 ** min(in_a_row, 30), self.longest_pause))


TABLE: dict[str, Rule] = {
    ReasonCode.UPSTREAM: Rule(tries=22),
    # Meta doesn't say whether a lead is missing or not allowed: a person may yet allow it.
    ReasonCode.MISSING: Rule(tries=22),
    ReasonCode.PERMISSION: Rule(tries=22),
    ReasonCode.THROTTLED: Rule(tries=None, pause=FIRST_PAUSE, longest_pause=LONGEST_PAUSE),
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
        pause_for_all(session, settings, error)
        return outcome | {"attempts": attempts - 1, "due_at": now}
    if rule.tries is not None and attempts >= rule.tries:
        return outcome | {"state": DeliveryState.FAILED}
    return outcome | {"due_at": now + timedelta(seconds=delay(attempts))}


def pause_for_all(session: Session, settings: Settings, error: GraphError) -> None:
    """Pause all reading from Meta, where an error asks for that.

    A pause for which Meta names no time is twice as long as the one before it, unless Meta has
    answered in between; requests that were under way with the refused one don't lengthen it.
    """
    rule, now = TABLE[error.kind], times.now()
    if rule.pause is None:
        return
    # Ignore a wait of 0: repeating the request at once leads to throttling.
    if error.wait:
        circuit_breaker.pause(session, settings, error, now + timedelta(seconds=error.wait))
        return
    current = circuit_breaker.current(session, settings)
    if current is not None and current.reason == error.kind:
        return
    before = circuit_breaker.in_a_row(session, settings)
    until = now + timedelta(seconds=rule.seconds(before))
    circuit_breaker.pause(session, settings, error, until, before + 1)


def delay(attempts: int) -> float:
    """Return the seconds to wait after so many tries, with jitter, so that retries spread out."""
    full = min(FIRST_WAIT * 2.0 ** min(attempts - 1, 30), LONGEST_WAIT)
    return full * random.uniform(0.5, 1.0)  # noqa: S311  not a secret
