"""Errors of the graph host: their groups, and how its answers tell them.

Source: Meta's documents 'Handle Errors' and 'Rate Limiting'.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from backend.core.intake.reason_texts import Reason, ReasonCode

# The longest wait that is accepted, in minutes.
LONGEST_WAIT = 24 * 60
# In characters: how much is kept of what Meta says of an error.
_LONGEST_MESSAGE = 300


@dataclass(frozen=True, slots=True)
class GraphError:
    """Why there is no answer: a group of `retry_policy.TABLE`, the cause, the seconds to wait."""

    kind: str
    cause: Reason
    wait: float | None = None

    @classmethod
    def upstream(cls, code: ReasonCode, **params: Any) -> "GraphError":
        """Return an error that is worth another try."""
        return cls(ReasonCode.UPSTREAM, Reason(code, params))


# The groups of errors, by the code of Meta's error. All of 80000 to 80014 are rate limits.
_KINDS = {
    **dict.fromkeys((1, 2), ReasonCode.UPSTREAM),
    **dict.fromkeys((4, 17, 32, 613, *range(80000, 80015)), ReasonCode.THROTTLED),
    **dict.fromkeys((190, 102), ReasonCode.TOKEN_EXPIRED),
    **dict.fromkeys((10, *range(200, 300)), ReasonCode.PERMISSION),
}
_MISSING = (100, 33)
# Tokens of any kind.
_TOKENS = re.compile(r"EAA\w{8,}|(access_token|appsecret_proof)=[^\s&\"']+")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]+")


def read_error(
    error: object, status: int, headers: Mapping[str, str], secrets: Iterable[str] = ()
) -> GraphError:
    """Return what an answer with an error says; `error` is the member of that name.

    What Meta says of it is kept without `secrets` and other tokens.
    """
    code = error.get("code") if isinstance(error, dict) else None
    if not isinstance(error, dict) or not isinstance(code, int):
        return GraphError.upstream(ReasonCode.GRAPH_STATUS, status=status)
    missing = (code, error.get("error_subcode")) == _MISSING
    kind = ReasonCode.MISSING if missing else _KINDS.get(code, ReasonCode.UPSTREAM)
    params: dict[str, Any] = {"error": str(code)}
    if said := _without_secrets(error.get("message"), secrets):
        params["said"] = said
    wait = _told_to_wait(headers) if kind == ReasonCode.THROTTLED else None
    return GraphError(kind, Reason(ReasonCode.GRAPH_ERROR, params), wait)


def _without_secrets(message: object, secrets: Iterable[str]) -> str:
    if not isinstance(message, str):
        return ""
    for secret in filter(None, secrets):
        message = message.replace(secret, "…")
    return _UNPRINTABLE.sub(" ", _TOKENS.sub("…", message)).strip()[:_LONGEST_MESSAGE]


def _told_to_wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds until access comes back, by `X-Business-Use-Case-Usage`, in minutes.

    None where nothing useful is said: zero minutes, while it refuses to answer, is not.
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
