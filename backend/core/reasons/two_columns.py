"""A reason in two columns, as deliveries, pauses and the markers of Meta's side keep it.

`reason` is a code to group and filter by. `details` is a JSON object: the parameters of the text
and, where a more exact code than the group is known, that one as `code`. It is null where there is
nothing to add.
"""

from typing import Any

import orjson

from backend.core.reasons.reason import CODE, Reason, dumped, of_json


def columns(reason: str, cause: Reason | None = None) -> dict[str, str | None]:
    """Return the columns `reason` and `details`; `cause` is more exact than its group."""
    return {"reason": str(reason), "details": None if cause is None else encode(reason, cause)}


def encode(reason: str, cause: Reason) -> str | None:
    """Return what the column `details` holds beside `reason`."""
    params = dict(cause.params) if cause.code == reason else cause.as_json()
    return dumped(params) if params else None


def decode(reason: str | None, details: str | None) -> Reason | None:
    """Return what the two columns say; None where both are empty."""
    found: dict[str, Any] = orjson.loads(details) if details else {}
    if reason is None and not found:
        return None
    return of_json({CODE: reason, **found} if reason is not None else found)


def message(reason: str | None, details: str | None) -> str | None:
    """Return the text of what the two columns say."""
    found = decode(reason, details)
    return found.text if found else None
