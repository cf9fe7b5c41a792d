"""Values as texts that a person can read."""

from collections.abc import Mapping
from typing import Any

from backend.core.intake.bodies import json_text
from backend.core.intake.bodies.decoding import without_surrogates

# A whole number as a float, up to here, has all its digits.
_EXACT = 2.0**53
_DEEPEST = 8


def text_of(value: object, depth: int = 0) -> str:
    """Return a value as a text: `Football, Cricket`, `source: ig`, `yes`; nothing for null."""
    if isinstance(value, str):
        return without_surrogates(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    if isinstance(value, list | dict):
        return _of_several(value, depth)
    return str(value)


def _of_several(value: list[Any] | dict[str, Any], depth: int) -> str:
    if depth >= _DEEPEST:
        return json_text.dumps(value)
    if isinstance(value, list):
        return ", ".join(text for one in value if (text := text_of(one, depth + 1).strip()))
    return labelled({name: text_of(one, depth + 1).strip() for name, one in value.items()})


def labelled(texts: Mapping[str, str]) -> str:
    """Return texts with their names; without, where the names only count them."""
    told = {name: text for name, text in texts.items() if text}
    if all(name.isdecimal() for name in told):
        return ", ".join(told.values())
    return ", ".join(f"{name}: {text}" for name, text in told.items())
