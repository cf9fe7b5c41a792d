"""JSON as senders write it: with repeated keys, line breaks in texts, NaN, a value on each line."""

import json
import re
from typing import Any

import orjson

from backend.core.intake.bodies.decoding import without_surrogates

_SPACES = re.compile(r"[\s,]*")
# A text, which stays as it is, or a comma behind the last value of an object or a list.
_TEXT_OR_LAST_COMMA = re.compile(r'("(?:[^"\\]|\\.)*+")|,(?=\s*+[}\]])', re.DOTALL)
# In digits: a longer number stays the text that it is, as does one with an exponent. As a number
# it would be read as digits that nobody has sent.
_LONGEST_NUMBER = 15
# With how many of the values before it a repeated key's value is compared.
_COMPARED = 50


def loads(body: bytes) -> Any:
    """Return a plain body's value. Raises `ValueError` for what isn't plain JSON in UTF-8.

    An object that may repeat a key, or that has others or fractions in it, is read by `loads_text`.
    """
    value = orjson.loads(body)
    is_flat = type(value) is dict and body.count(b":") == len(value)
    if is_flat and not any(type(one) is float for one in value.values()):
        return value
    return loads_text(body.decode())


def loads_text(text: str) -> Any:
    """Return a text's value, or a list where it has several values. Raises `ValueError`.

    A comma behind the last value of an object or a list doesn't count.
    """
    try:
        return _values(text)
    except ValueError:
        without = _TEXT_OR_LAST_COMMA.sub(lambda match: match[1] or "", text)
        if without == text:
            raise
        return _values(without)


def _values(text: str) -> Any:
    values: list[Any] = []
    try:
        place = _after_spaces(text, 0)
        while place < len(text):
            value, place = _DECODER.raw_decode(text, place)
            values.append(value)
            place = _after_spaces(text, place)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if not values:
        raise ValueError("no value")
    return values if len(values) > 1 else values[0]


def _after_spaces(text: str, place: int) -> int:
    match = _SPACES.match(text, place)
    return match.end() if match else place


def dumps(value: object) -> str:
    """Return a value as JSON, whatever its texts and numbers are. Raises `ValueError`."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        pass
    try:
        return json.dumps(value)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits


def _fraction(digits: str) -> float | str:
    is_exact = len(digits) <= _LONGEST_NUMBER and "e" not in digits.lower()
    return float(digits) if is_exact else digits


def merge(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object. The values of a repeated key are a list, without blanks and repeats."""
    found: dict[str, Any] = {}
    repeated: dict[str, list[Any]] = {}
    for key, given in pairs:
        name = without_surrogates(key)
        value = without_surrogates(given) if isinstance(given, str) else given
        if name in found:
            repeated.setdefault(name, [found[name]]).append(value)
        else:
            found[name] = value
    for name, values in repeated.items():
        told: list[Any] = []
        for value in values:
            if not blank(value) and value not in told[-_COMPARED:]:
                told.append(value)
        found[name] = told[0] if len(told) == 1 else told
    return found


def blank(value: object) -> bool:
    """Return whether a value says nothing."""
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], {})


_DECODER = json.JSONDecoder(
    strict=False, parse_int=_integer, parse_float=_fraction, object_pairs_hook=merge
)
