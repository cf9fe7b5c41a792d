"""Encode every answer and every error as JSON."""

from typing import Any

import orjson

from backend.api.messages import Response
from backend.core.errors import Invalid, Problem

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC
JSON = {"content-type": "application/json"}


def encode(value: Any) -> bytes:
    """Return JSON in UTF-8. Times are RFC 3339 with `Z`; those without an offset count as UTC."""
    return orjson.dumps(value, _as_text, _OPTIONS)


def _as_text(value: object) -> str:
    """Return the text of bytes: SQLite keeps those that a script has stored as a text."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    raise TypeError(type(value).__name__)


def answer(value: Any, status: int = 200) -> Response:
    """Return the response with this value."""
    return Response(status, encode(value), JSON)


def response(value: Any) -> Response:
    """Return a response as it is, and for anything else the one with this value."""
    return value if isinstance(value, Response) else answer(value)


def problem(error: Problem) -> Response:
    """Return the response to an error: what the user may know of it."""
    told: dict[str, Any] = {"detail": error.detail}
    if isinstance(error, Invalid):
        told["errors"] = error.faults
    return Response(error.status, encode(told), {**JSON, **error.headers})
