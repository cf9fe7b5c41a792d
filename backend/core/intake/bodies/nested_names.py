"""Names of form fields that stand for nested values, as PHP reads them: `a[b]`, `a[0]`, `a[]`."""

import re
from collections.abc import Iterable
from typing import Any

from backend.core.intake.bodies import json_text

_NESTED = re.compile(r"([^\[\]]+)((?:\[[^\[\]]{0,100}\]){1,10})")
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
    return json_text.merge([*plain, *nested.items()])


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
