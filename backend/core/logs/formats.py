"""The two formats of a record: a line for people, or a JSON object on one line.

The fields of a request are attributes of its record: see `FIELDS`.
"""

import logging
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

from backend.core.logs import tracebacks

# What a record may have, apart from its time, level and message.
FIELDS = ("request_id", "method", "route", "status", "ms", "user_id", "address")


class Text(logging.Formatter):
    """For people: time, level, message, and a traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text. What a client sends can't begin another line."""
        line = f"{_time(record)} {record.levelname} {_one_line(record.getMessage())}"
        given = record.__dict__
        if "ms" in given:
            line += (
                f" {given['ms']} ms, user {given['user_id'] or '-'}, from {given['address']},"
                f" request {given['request_id']}"
            )
        error = _error(record)
        return line if error is None else f"{line}\n{tracebacks.text(error)}"


class Json(logging.Formatter):
    """For programs: one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON."""
        given = record.__dict__
        fields: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **{name: given[name] for name in FIELDS if name in given},
        }
        error = _error(record)
        if error is not None:
            fields["error"] = tracebacks.name(error)
            fields["traceback"] = tracebacks.text(error)
        return orjson.dumps(fields, default=str).decode()


def _time(record: logging.LogRecord) -> str:
    seconds = int(record.created)
    return f"{_second(seconds)}.{int((record.created - seconds) * 1000):03}Z"


@lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:-6]


def _one_line(text: str) -> str:
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")


def _error(record: logging.LogRecord) -> BaseException | None:
    return record.exc_info[1] if record.exc_info else None
