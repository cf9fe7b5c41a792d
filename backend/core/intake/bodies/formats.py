"""A body becomes a value as JSON has them, whatever its format; the content type is only a hint.

JSON comes first: scripts often send it as a form or as plain text, which spares them a preflight.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

from backend.core.intake import field_mapping
from backend.core.intake.bodies import json_text, loose_json, multipart, unpacking
from backend.core.intake.bodies.decoding import decode
from backend.core.intake.bodies.errors import Unreadable
from backend.core.intake.bodies.nested_names import nest
from backend.core.reasons import ReasonCode

Pairs = Sequence[tuple[str, str]]

_FORM = "application/x-www-form-urlencoded"
# More than any form has.
_MOST_FIELDS = 10_000
# The names that a body may have that doesn't say that it is a form.
_NAME = re.compile(r"[\w.\-\[\] ]{1,100}")
# In a letter, one line can be like the field of a form.
_ENOUGH = 2
# What goes on in the next line: an address, and what is no field. Other lines are a text.
_OF_LINES = ("address", None)
_TEXT = "text"
_LINE = re.compile(r"([^=:\n{}<>\"']{1,100}?)[ \t]*([=:])[ \t]*(.*)")


def read(body: bytes, content_type: str, encoding: str, limit: int) -> Any:
    """Return the value of a body. `limit` is in bytes, for a body that is compressed.

    Raises `Unreadable` and `TooLong`.
    """
    if not encoding:
        try:
            return _without_quotes(json_text.loads(body))
        except ValueError:
            pass
    body = unpacking.unpack(body, encoding, limit)
    if not body.strip():
        raise Unreadable(ReasonCode.EMPTY_BODY)
    for way in _WAYS:
        value = way(body, content_type)
        if value is not None:
            return value
    raise Unreadable(ReasonCode.UNKNOWN_FORMAT)


def _json(body: bytes, content_type: str) -> Any:
    try:
        value = json_text.loads_text(decode(body, content_type))
    except ValueError:
        return None
    return _without_quotes(value)


def _without_quotes(value: Any) -> Any:
    """Return the JSON in a JSON text: some tools write it as a text once more."""
    if not isinstance(value, str):
        return value
    try:
        return json_text.loads_text(value)
    except ValueError:
        return value


def _multipart(body: bytes, content_type: str) -> Any:
    pairs = multipart.read(body, content_type)
    return nest(pairs) if pairs else None


def _urlencoded(body: bytes, content_type: str) -> Any:
    """Return a form's fields; without its content type only what looks like one."""
    is_form = _FORM in content_type.lower()
    if not is_form and b"\n" in body.strip():
        return None
    body = body.strip().removeprefix(b"?")
    parts = [part for part in body.split(b"&", _MOST_FIELDS + 1) if part]
    if len(parts) > _MOST_FIELDS:
        raise Unreadable(ReasonCode.TOO_MANY_FIELDS)
    if len(parts) == 1 and (value := _json(_unquoted(parts[0]).rstrip(b"="), "")) is not None:
        # jQuery sends the text of an object as the name of a field.
        return value if isinstance(value, dict | list) else None
    split = [part.partition(b"=") for part in parts]
    if not (any if is_form else all)(equals for _, equals, _ in split):
        return None
    pairs = [
        (decode(_unquoted(name), content_type), decode(_unquoted(value), content_type))
        for name, _, value in split
    ]
    return nest(pairs) if is_form or all(_NAME.fullmatch(name) for name, _ in pairs) else None


def _unquoted(part: bytes) -> bytes:
    return unquote_to_bytes(part.replace(b"+", b" "))


def _loose_json(body: bytes, content_type: str) -> Any:
    try:
        return loose_json.loads(decode(body, content_type))
    except ValueError:
        return None


def _lines(body: bytes, content_type: str) -> Any:
    """Return the fields of a text with one a line: `name=value`, or `name: value` if known.

    If several are known, a line without a name belongs to the one before it, or is kept as it is:
    emails have a greeting above the fields, and a signature below.
    """
    lines = [line.lstrip(" \t") for line in decode(body, content_type).splitlines() if line.strip()]
    if not 0 < len(lines) <= _MOST_FIELDS:
        return None
    found = [_LINE.fullmatch(line) for line in lines]
    matches = [match for match in found if match]
    is_form = all(match[2] == "=" and _NAME.fullmatch(match[1]) for match in matches)
    known = {field for match in matches if (field := field_mapping.field_of(match[1], {}))}
    if not is_form and not known:
        return None
    if len(matches) < len(lines) and (len(known) < _ENOUGH or any("<" in one for one in lines)):
        return None
    pairs: list[tuple[str, str]] = []
    others: list[str] = []
    for line, match in zip(lines, found, strict=True):
        if match:
            pairs.append((match[1], match[3].strip()))
        elif pairs and field_mapping.field_of(pairs[-1][0], {}) in _OF_LINES:
            name, text = pairs.pop()
            pairs.append((name, f"{text}\n{line}".strip()))
        else:
            others.append(line.strip())
    return nest([*pairs, (_TEXT, "\n".join(others))] if others else pairs)


_WAYS: Sequence[Callable[[bytes, str], Any]] = (
    _json, _multipart, _urlencoded, _loose_json, _lines
)  # fmt: skip
