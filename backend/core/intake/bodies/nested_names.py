"""Names of form fields that stand for nested values, as PHP reads them: `a[b]`, `a[0]`, `a[]`."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from backend.core.intake.bodies import json_text, likely_names

_NESTED = re.compile(r"([^\[\]]+)((?:\[[^\[\]]{0,100}\]){1,10})")
# The names of the fields that a child is known by.
_NAMES = frozenset({"player_name", "first_name"})
_KEYS = re.compile(r"\[([^\[\]]*)\]")


def nest(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the fields of a form as an object; several values of one name are a list."""
    plain: list[tuple[str, Any]] = []
    nested: dict[str, Any] = {}
    for name, value in pairs:
        match = _NESTED.fullmatch(name.strip())
        if match is None:
            plain.append((name, value))
            continue
        keys = _KEYS.findall(match[2])
        if keys[-1] == "":
            # `sports[]` is sent once for each value.
            keys.pop()
        if not (keys and _put(nested, [match[1], *keys], value)):
            plain.append((match[1] if not keys else name, value))
    return json_text.merge([*plain, *nested.items()]) | _side_by_side(plain)


def _side_by_side(plain: Sequence[tuple[str, Any]]) -> dict[str, list[Any]]:
    """Return the values of names that are sent as often as that of a child, blank ones too.

    The second age belongs to the second name, even if there is no first one.
    """
    values: dict[str, list[Any]] = {}
    for name, value in plain:
        values.setdefault(name, []).append(value)
    several = {name: found for name, found in values.items() if len(found) > 1}
    child = next((one for one in several if likely_names.field_of(one) in _NAMES), None)
    if child is None or len(set(several[child])) == 1:
        return {}
    return {name: one for name, one in several.items() if len(one) == len(several[child])}


def _put(found: dict[str, Any], path: list[str], value: str) -> bool:
    """Put a value in its place. Returns whether that is free, or has other values like it."""
    *before, last = path
    for key in before:
        inner = found.setdefault(key, {})
        if not isinstance(inner, dict):
            return False
        found = inner
    there = found.get(last)
    if isinstance(there, dict):
        return False
    found[last] = (
        value if there is None else [*([there] if isinstance(there, str) else there), value]
    )
    return True
