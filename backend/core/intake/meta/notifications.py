"""Meta's protocol: the signature, and what a notification says.

Source: Meta's documents 'Webhooks: Getting Started' and 'Retrieving Leads'.
"""

import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

SIGNATURE = "x-hub-signature-256"
_ID = re.compile(r"[0-9]{1,40}")


@dataclass(frozen=True, slots=True)
class Notice:
    """A lead that Meta announces; ids are texts, since they are too large for a double."""

    leadgen_id: str
    form_id: str | None
    body: str


@dataclass(frozen=True, slots=True)
class Notification:
    """What a notification says: its leads, and how many of its changes can't be read."""

    notices: tuple[Notice, ...]
    unreadable: int


def is_signed(secret: str, body: bytes, signature: str) -> bool:
    """Return whether `X-Hub-Signature-256` fits the raw bytes; the sha1 header is never enough."""
    return same(f"sha256={hmac.new(secret.encode(), body, sha256).hexdigest()}", signature)


def same(expected: str, given: str) -> bool:
    """Return whether two texts are equal, in a time that reveals nothing about the first."""
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogateescape"))


def is_notification(value: object) -> bool:
    """Return whether a body is in Meta's own form, and not the flat one."""
    return isinstance(value, dict) and "object" in value and "entry" in value


def read(body: str) -> Notification | None:
    """Return the leads that a notification announces, each once; other changes are skipped.

    None for a body that isn't a notification.
    """
    try:
        # Numbers stay texts: an id may be too large for a number.
        value = json.loads(body, parse_int=str)
    except (ValueError, RecursionError):
        return None
    if not is_notification(value):
        return None
    found: dict[str, Notice] = {}
    unreadable = 0
    for told, change in _leadgen(value):
        leadgen_id, text = as_id(told.get("leadgen_id")), _written(change)
        if leadgen_id is None or text is None:
            unreadable += 1
        else:
            form_id = as_id(told.get("form_id"))
            found.setdefault(leadgen_id, Notice(leadgen_id, form_id, text))
    return Notification(tuple(found.values()), unreadable)


def as_id(value: object) -> str | None:
    """Return an id as text, from a number or a text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value)
    return text if _ID.fullmatch(text) else None


def page_of(body: str) -> str | None:
    """Return the page of a `Notice`, by its body; None where it names none."""
    try:
        told = json.loads(body, parse_int=str).get("value")
    except (ValueError, AttributeError, RecursionError):
        return None
    return as_id(told.get("page_id")) if isinstance(told, dict) else None


def _written(change: dict[str, Any]) -> str | None:
    """Return the JSON of a change; None where it is nested too deep to be written."""
    try:
        return json.dumps(change)
    except RecursionError:
        return None


def _leadgen(value: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield the changes of a notification that announce leads, each after its value."""
    if value["object"] != "page":
        return
    for entry in _dicts(value["entry"]):
        for change in _dicts(entry.get("changes")):
            if change.get("field") == "leadgen":
                told = change.get("value")
                yield (told if isinstance(told, dict) else {}), change


def _dicts(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))
