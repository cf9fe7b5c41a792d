"""Errors of the graph host: their groups, and how its answers tell them.

Source: Meta's documents 'Handle Errors' and 'Rate Limiting'.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

import orjson

from backend.core.reasons import Reason, ReasonCode

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
# What Meta says where it gives no other code than 100: the lead is missing, or not allowed.
_NOT_ALLOWED = re.compile(r"missing permissions?\b", re.IGNORECASE)
# Tokens of any kind: by how Meta's begin, by the parameter that they are in, and by their looks.
# Meta's own ids have no letters, and its words no digits.
_TOKENS = re.compile(
    r"""(?:EAA|IGQ)[\w|.%-]{4,}
    |(?:\w*(?:token|secret|proof)|password)(?:["']?\s*=\s*["']?|["']\s*:\s*["']?|%3D)[^\s&"',;]+
    |(?<=token\s)["']?(?=\S*\d)[\w|.%-]{8,}
    |\bBearer\s+\S+
    |\b\d+(?:\||%7C)[\w.-]+
    |(?<![\w|.%-])(?=[\w|.%-]*[A-Za-z])(?=[\w|.%-]*\d)[\w|.%-]{24,}
    |(?<![\w%-])(?=[\d%-]*[A-Za-z])[\w%-]{40,}""",
    re.IGNORECASE | re.VERBOSE,
)
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
    said = without_tokens(error.get("message"), secrets)
    missing = code == _MISSING[0] and (
        error.get("error_subcode") == _MISSING[1] or _NOT_ALLOWED.search(said) is not None
    )
    kind = ReasonCode.MISSING if missing else _KINDS.get(code, ReasonCode.UPSTREAM)
    params: dict[str, Any] = {"error": str(code)}
    if said:
        params["said"] = said
    wait = _told_to_wait(headers) if kind == ReasonCode.THROTTLED else None
    return GraphError(kind, Reason(ReasonCode.GRAPH_ERROR, params), wait)


def without_tokens(message: object, secrets: Iterable[str] = ()) -> str:
    """Return what Meta says, in one line, without `secrets` and whatever looks like a token."""
    if not isinstance(message, str):
        return ""
    for secret in filter(None, secrets):
        for written in {secret, quote(secret, safe=""), quote_plus(secret)}:
            message = message.replace(written, "…")
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
