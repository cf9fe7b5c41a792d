"""Servers write the address of each request into their logs, with the query: it is left out there.

Queries have comments, names, phones and searches in them; the webhook's may have a token. What a
proxy or a server with a log of its own writes is not ours to say: docs/monitoring.md has the format
for each. Our own line, which has the route's template in its place, is written by `request_log`.
"""

import logging
import re

# werkzeug is Flask's own server, django.server that of Django.
LOGGERS = (
    "uvicorn.access", "hypercorn.access", "granian.access", "_granian.access", "gunicorn.access",
    "werkzeug", "django.server", "waitress",
)  # fmt: skip
# Where gunicorn writes of requests that it can't read, and how.
ERRORS = "gunicorn.error"
_INVALID = re.compile(r"\A(Invalid request from ip=\S*: ).*", re.DOTALL)
# Where gunicorn has the query alone, or again.
_QUERIES = frozenset({"q", "{query_string}e"})
# What begins a query, also percent-encoded, however often.
_QUESTION_MARK = re.compile(r"\?|%(?:25)*3[fF]")
# At the end of a request line. In its middle, it may be part of the query.
_VERSION = re.compile(r" HTTP/\d(\.\d)?\Z", re.ASCII)


class _WithoutQuery(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple) and record.args:
            record.args = tuple(map(_clean, record.args))
        elif isinstance(record.args, dict):
            # In place: a server may have a kind of dict of its own.
            record.args.update(
                {
                    name: "-" if name in _QUERIES else _clean(value)
                    for name, value in record.args.items()
                }
            )
        elif isinstance(record.msg, str):
            record.msg = _clean(record.msg)
        return True


class _WithoutInput(logging.Filter):
    """For gunicorn, which quotes what it can't read, and the address of a request that fails."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.msg, str):
            record.msg = _INVALID.sub(r"\1-", record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(map(_clean, record.args))
        return True


_filter = _WithoutQuery()
_of_errors = _WithoutInput()


def hide_queries() -> None:
    """Leave queries out of the logs of the servers that are known to use Python's logging."""
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_filter)  # adding it twice does nothing
    logging.getLogger(ERRORS).addFilter(_of_errors)


def _clean(value: object) -> object:
    """Return a text without its query, and without what follows that.

    Nothing within a query ends it: it may have spaces, quotation marks and versions of HTTP in it.
    So of what follows a query, only the version at the end of a request line is kept.
    """
    if not isinstance(value, str) or not (mark := _QUESTION_MARK.search(value)):
        return value
    before, after = value[: mark.start()], value[mark.end() :]
    version = _VERSION.search(after) if " " in before else None
    return f"{before}?-{version[0] if version else ''}"
