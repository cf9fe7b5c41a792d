"""Report errors to Sentry, if it is set up: what failed, and nothing about people.

A report is made here from nothing but the place in the code: class, stack and source lines, the
text of the log's message without its parameters, and the request's id, method, route and status.
There are no bodies, queries, cookies, headers, variables, addresses or people in it, and no texts
of errors, which may quote what someone has entered.
"""

import linecache
import logging
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from backend.core.errors import ConfigurationError
from backend.core.logs import tracebacks
from backend.core.settings import Settings

if TYPE_CHECKING:
    from sentry_sdk import Client
    from sentry_sdk.transport import Transport
    from sentry_sdk.types import Event

TAGS = ("request_id", "method", "route", "status")
_ROOT = f"{Path(__file__).resolve().parents[3]}/"


class Reporter(logging.Handler):
    """Sends errors to Sentry."""

    def __init__(self, client: "Client") -> None:
        super().__init__(logging.ERROR)
        self._client = client

    def emit(self, record: logging.LogRecord) -> None:
        """Send a report, unless the same was sent a moment ago. Never raises."""
        if getattr(record, "repeated", 0):
            return
        try:
            self._client.capture_event(report(record))
        except Exception:  # noqa: BLE001  as all of Python's handlers do
            self.handleError(record)

    def close(self) -> None:
        """Send what waits, and stop."""
        self._client.close()
        super().close()


_reporter: Reporter | None = None


def set_up(settings: Settings, transport: "Transport | None" = None) -> None:
    """Report errors from now on, once. Raises `ConfigurationError` if the package is missing."""
    global _reporter
    dsn = settings.sentry_dsn.get_secret_value()
    if not dsn or _reporter is not None:
        return
    try:
        from sentry_sdk import Client
        from sentry_sdk.utils import BadDsn
    except ImportError as error:
        raise ConfigurationError(
            "SENTRY_DSN needs the package sentry-sdk: install it with "
            "`pip install sentry-sdk`, or remove the setting."
        ) from error
    try:
        client = Client(
            dsn=dsn,
            default_integrations=False,
            auto_enabling_integrations=False,
            server_name="",
            transport=transport,
        )
    except BadDsn as error:
        raise ConfigurationError(
            "SENTRY_DSN can't be used: copy it from your project's settings in Sentry."
        ) from error
    _reporter = Reporter(client)
    logging.getLogger("tofa").addHandler(_reporter)


def tear_down() -> None:
    """Stop reporting."""
    global _reporter
    if _reporter is not None:
        logging.getLogger("tofa").removeHandler(_reporter)
        _reporter.close()
        _reporter = None


def report(record: logging.LogRecord) -> "Event":
    """Return the report of a record, as Sentry's event."""
    given = record.__dict__
    event: Event = {
        "level": "fatal" if record.levelno >= logging.CRITICAL else "error",
        "logger": record.name,
        "logentry": {"message": given.get("template", str(record.msg))},
        "tags": {name: str(given[name]) for name in TAGS if given.get(name) is not None},
    }
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        values = [_value(one) for one in tracebacks.chain(error)]
        event["exception"] = {"values": values[::-1]}
    return event


def _value(error: BaseException) -> dict[str, Any]:
    """Return an error: in the place of its text is the code of the database or the system."""
    origin = getattr(error, "orig", error)
    codes = ("sqlstate", "sqlite_errorname", "errno")
    said = next((code for name in codes if (code := getattr(origin, name, None))), "")
    return {
        "type": tracebacks.name(error),
        "module": type(error).__module__,
        "value": str(said),
        "stacktrace": {"frames": list(_frames(error.__traceback__))},
    }


def _frames(at: TracebackType | None) -> Iterator[dict[str, Any]]:
    while at is not None:
        code = at.tb_frame.f_code
        module = str(at.tb_frame.f_globals.get("__name__", ""))
        yield {
            "filename": code.co_filename.removeprefix(_ROOT),
            "function": code.co_qualname,
            "module": module,
            "lineno": at.tb_lineno,
            "context_line": linecache.getline(code.co_filename, at.tb_lineno).rstrip(),
            "in_app": module.startswith("backend"),
        }
        at = at.tb_next
