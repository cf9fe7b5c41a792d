"""Servers write the address of each request into their logs: the webhook's may hold a token.

The flat form may send `token` in the query, and Meta's handshake does send the verify token there.
What the webhook is asked by its query is therefore left out of the logs of the servers that are
known to use Python's logging. What a proxy in front of them writes is not ours to say.
"""

import logging
import re
from urllib.parse import unquote

# werkzeug is Flask's own server, django.server that of Django.
LOGGERS = (
    "uvicorn.access", "hypercorn.access", "granian.access", "gunicorn.access", "werkzeug",
    "django.server",
)  # fmt: skip
_WEBHOOK = "meta-webhook"
_QUERY = re.compile(r"\?[^\s\"]*")


class _WithoutQuery(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(map(_clean, record.args))
        elif isinstance(record.args, dict):
            # In place: a server may have a kind of dict of its own.
            record.args.update({name: _clean(value) for name, value in record.args.items()})
        if isinstance(record.msg, str):
            record.msg = _clean(record.msg)
        return True


_filter = _WithoutQuery()


def hide_tokens() -> None:
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_filter)  # adding it twice does nothing


def _clean(value: object) -> object:
    if not isinstance(value, str) or "?" not in value or _WEBHOOK not in unquote(value):
        return value
    return _QUERY.sub("?-", value)
