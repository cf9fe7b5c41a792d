"""The one encoder that writes the bytes of every answer."""

from typing import Any

import orjson

from backend.api.messages import Response
from backend.core.errors import Invalid, Problem

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC
JSON = {"content-type": "application/json"}


def encode(value: Any) -> bytes:
    """JSON in UTF-8; times are RFC 3339 with `Z`, and one without an offset is in UTC."""
    return orjson.dumps(value, option=_OPTIONS)


def answer(value: Any, status: int = 200) -> Response:
    return Response(status, encode(value), JSON)


def problem(error: Problem) -> Response:
    """What a user is told of an error."""
    told: dict[str, Any] = {"detail": error.detail}
    if isinstance(error, Invalid):
        told["errors"] = error.faults
    return Response(error.status, encode(told), {**JSON, **error.headers})
