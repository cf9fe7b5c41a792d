"""The consent boxes of Meta's forms: the answers of a lead, and the texts of a form.

Source: Meta's documents 'Retrieving Leads, Reading Custom Disclaimer Responses', and in its
Business SDK `UserLeadGenDisclaimerResponse` and `LeadGenLegalContentCheckbox`. A box that was left
empty has a blank `is_checked`, or none.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from backend.core.leads.consents import Box

# The most boxes kept of one lead, and the longest key and text, in characters.
MOST_BOXES = 100
_LONGEST_KEY = 500
_LONGEST_TEXT = 10_000
# Meta sends "1"; whatever isn't clearly a yes is no consent.
_TICKED = frozenset({"1", "true", "yes", "on", "checked"})


def read(
    lead: Mapping[str, Any],
    source: str,
    at: datetime,
    form_id: str | None,
    texts: Mapping[str, str],
) -> tuple[Box, ...]:
    """Return the boxes that a lead was sent with at a time (UTC).

    `texts` are those of its form, by their keys. Of two answers to one box the later one counts.
    """
    found = {
        key: Box(key, is_ticked(answer.get("is_checked")), source, at, texts.get(key), form_id)
        for answer in _dicts(lead.get("custom_disclaimer_responses"))
        if (key := _text(answer.get("checkbox_key"), _LONGEST_KEY))
    }
    return tuple(found.values())[:MOST_BOXES]


def is_ticked(value: object) -> bool:
    """Return whether a box was ticked: `"1"` or `true`; a blank, `false` or nothing is not."""
    if isinstance(value, str):
        return value.strip().casefold() in _TICKED
    # What Meta documents is a text; JSON's own yes counts as well.
    return value is True or (type(value) is int and value == 1)


def texts_of(form: Mapping[str, Any]) -> dict[str, str]:
    """Return what the consent boxes of a form say, by their keys."""
    boxes = _member(_member(form, "legal_content"), "custom_disclaimer").get("checkboxes")
    # A list, or an edge of the graph with a list in it.
    listed = boxes.get("data") if isinstance(boxes, dict) else boxes
    found = {
        key: text
        for box in _dicts(listed)
        if (key := _text(box.get("key"), _LONGEST_KEY))
        and (text := _text(box.get("text"), _LONGEST_TEXT))
    }
    return dict(list(found.items())[:MOST_BOXES])


def _member(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _dicts(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def _text(value: object, longest: int) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).replace("\0", "").strip()[:longest]
