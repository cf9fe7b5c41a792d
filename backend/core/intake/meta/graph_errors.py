"""What goes wrong with the graph host: the kinds of it, and how its answers tell them.

Source: Meta's documents 'Handle Errors' and 'Rate Limiting'.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

# The longest that we let ourselves be told to wait, in minutes.
LONGEST_WAIT = 24 * 60


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no answer: a kind of `backoff.TABLE`, a sentence, and the seconds to wait."""

    kind: str
    note: str
    wait: float | None = None


# The kinds of trouble, by the code of Meta's error.
_KINDS = {
    **dict.fromkeys((1, 2), "upstream"),
    **dict.fromkeys((4, 17, 32, 613, 80001, 80005), "throttled"),
    **dict.fromkeys((190, 102), "token_expired"),
    **dict.fromkeys((10, *range(200, 300)), "permission"),
}
_MISSING = (100, 33)


def read_trouble(error: object, status: int, headers: Mapping[str, str]) -> Trouble:
    """What an answer with an error says; `error` is whatever stands in the place of one."""
    code = error.get("code") if isinstance(error, dict) else None
    if not isinstance(error, dict) or not isinstance(code, int):
        return Trouble("upstream", f"The graph host answered {status}")
    missing = (code, error.get("error_subcode")) == _MISSING
    kind = "missing" if missing else _KINDS.get(code, "upstream")
    wait = _told_to_wait(headers) if kind == "throttled" else None
    return Trouble(kind, f"The graph host answered the error {code}", wait)


def _told_to_wait(headers: Mapping[str, str]) -> float | None:
    """The seconds until access comes back, by `X-Business-Use-Case-Usage`, which has minutes.

    None where nothing useful is said: zero minutes, while it refuses us, is not.
    """
    try:
        usage = orjson.loads(headers.get("x-business-use-case-usage", "{}"))
        minutes = [
            float(one["estimated_time_to_regain_access"])
            for group in usage.values()
            for one in group
            if "estimated_time_to_regain_access" in one
        ]
    except (ValueError, TypeError, AttributeError, KeyError):
        return None
    longest = max(minutes, default=0.0)
    return min(longest, LONGEST_WAIT) * 60 if longest > 0 else None
