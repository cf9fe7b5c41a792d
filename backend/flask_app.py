"""The Flask adapter: each row of the table is a rule of the app, which passes requests to it.

Requests that match no rule go to the table too. The only decision made here is that your own rules
come before the table's.
"""

import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from typing import Any

import click
from flask import Flask, Response, current_app, request
from flask.cli import FlaskGroup, routes_command
from werkzeug.datastructures import EnvironHeaders
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from backend import garbage
from backend.api import encode
from backend.api.application import Application
from backend.api.exchange import MOST_DRAINED, Exchange, Settled
from backend.api.messages import Head
from backend.api.operation import Operation
from backend.api.routes import OPERATIONS
from backend.core import settings as settings_module
from backend.core.access import Person
from backend.core.errors import ConfigurationError, Problem
from backend.core.settings import Settings
from backend.core.startup_errors import tell_in_a_sentence

# In bytes: how much of a body that isn't wanted is read at once.
_PIECE = 1 << 16
# Where `body_limit` leaves a request for `carry`. No header of a client can get this name.
_ADMITTED = "tofa.admitted"


class _Answer(Response):
    """A response to which Flask adds no headers."""

    default_mimetype = None
    automatically_set_content_length = False
    autocorrect_location_header = False


def endpoint_of(operation: Operation) -> str:
    """Return the name of a row's rule, which no function and no blueprint of yours can have."""
    return f"tofa:{operation.name}"


class TableRule(Rule):
    """A row of the table as a rule, so that tracing, metrics and `url_for` find it."""

    @classmethod
    def of(cls, operation: Operation) -> "TableRule":
        """Return the rule for a row."""
        path = operation.path.replace("{name:path}", "<path:name>")
        return cls(
            path.replace("{", "<").replace("}", ">"),
            endpoint=endpoint_of(operation),
            methods=[operation.method],
        )


class OwnRules:
    """The rules that you add to the app, which come before the table's."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    @cached_property
    def _map(self) -> Map | None:
        """A map of these rules alone, if there are any. Flask takes none after a first request."""
        rules = self._app.url_map.iter_rules()
        own = [rule.empty() for rule in rules if type(rule) is not TableRule]
        converters = self._app.url_map.converters
        return Map(own, converters=converters, merge_slashes=False) if own else None

    def find(self) -> tuple[Rule, dict[str, Any]] | None:
        """Return the rule for the current request with its path parameters, or None."""
        if self._map is None:
            return None
        try:
            rule, values = self._map.bind_to_environ(request.environ).match(return_rule=True)
        except HTTPException:
            return None
        return rule, dict(values)


def create_app(settings: Settings | None = None) -> Flask:
    """Return a Flask app with the whole API. Rules that you add come before the table's."""
    app = _with_rules()
    app.extensions["tofa"] = Application(settings or settings_module.load())
    return app


def _with_rules() -> Flask:
    """Return an app that has the rules of the table, and no settings."""
    app = Flask("tofa", static_folder=None)
    app.url_map.merge_slashes = False
    # Otherwise a rule that you add would take the OPTIONS of the table's row with the same path.
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    for operation in OPERATIONS:
        app.url_map.add(TableRule.of(operation))
        app.view_functions[endpoint_of(operation)] = carry
    own = OwnRules(app)

    @app.before_request
    def route() -> Response | None:
        if request.url_rule is None:
            return carry()
        if type(request.url_rule) is TableRule and (found := own.find()):
            request.url_rule, request.view_args = found
        return None

    app.register_error_handler(Problem, refuse)
    return app


def carry(**_path: str) -> Response:
    """Pass the current request to the table, and return its response."""
    exchange = request.environ.pop(_ADMITTED, None) or _admitted(current_app, request.environ)
    response = exchange.answer(_sent(exchange.limit + 1) if exchange.limit else b"")
    if is_behind_proxy(current_app):
        _drain()
    body: bytes | Iterator[bytes] = response.body if response.rest is None else response.chunks()
    answer = _Answer(body, response.status, list(response.headers.items()))
    answer.call_on_close(exchange.app.after_response)
    return answer


def body_limit(app: Flask, environ: dict[str, Any]) -> int:
    """Return how many bytes of a request's body to read before it is passed on, 0 for none.

    For servers that read bodies themselves, and so before `carry` can ask for it. It may wait.
    """
    exchange = environ[_ADMITTED] = _admitted(app, environ)
    return exchange.limit


def _admitted(app: Flask, environ: dict[str, Any]) -> Exchange | Settled:
    """Return a request, settled if its person may not send what it announces."""
    api: Application = app.extensions["tofa"]
    exchange = api.receive(_head(environ))
    return exchange.admit() if exchange.asks_first else exchange


def is_behind_proxy(app: Flask) -> bool:
    """Return whether all requests come from a proxy."""
    api: Application = app.extensions["tofa"]
    return api.settings.trusted_proxies > 0


def _head(environ: dict[str, Any]) -> Head:
    return Head(
        method=environ["REQUEST_METHOD"],
        path=environ["PATH_INFO"].encode("latin-1"),
        query=environ.get("QUERY_STRING", "").encode("latin-1"),
        headers={name.lower(): value for name, value in EnvironHeaders(environ)},
        peer=environ.get("REMOTE_ADDR", ""),
        version=environ["SERVER_PROTOCOL"].removeprefix("HTTP/"),
        root=environ.get("SCRIPT_NAME", "").rstrip("/"),
    )


def _sent(most: int) -> bytes | None:
    """Return the body, up to `most` bytes, or None if it can't be read."""
    environ = request.environ
    if "HTTP_TRANSFER_ENCODING" in environ and not environ.get("wsgi.input_terminated"):
        return None  # uWSGI would give us an empty one
    body = b""
    try:
        while len(body) < most and (chunk := request.stream.read(most - len(body))):
            body += chunk
    except Exception:  # noqa: BLE001  each server has errors of its own for it
        return None
    return body


def _drain() -> None:
    """Read the rest of the body."""
    with suppress(Exception):  # as in `_sent`
        left = MOST_DRAINED
        while left > 0 and (chunk := request.stream.read(_PIECE)):
            left -= len(chunk)


def refuse(problem: Problem) -> Response:
    """Return the response for your own view that raises a `Problem`, such as `Unauthenticated`."""
    answer = encode.problem(problem)
    return Response(answer.body, answer.status, answer.headers)


def tofa() -> Application:
    """Return the API behind the app that handles the current request."""
    api: Application = current_app.extensions["tofa"]
    return api


def get_current_user_from_token() -> Person:
    """Return the person who makes the current request. Raises `Unauthenticated`."""
    return tofa().identify(request.headers.get("Authorization"))


def __getattr__(name: str) -> Flask:
    """Return `application`, also named `app`, created on first use rather than at import.

    It is ready to be served, except where its rules are only listed. Raises `ConfigurationError`.
    """
    if name not in ("application", "app"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if _is_only_listed():
        return _with_rules()
    try:
        made = create_app()
        made.extensions["tofa"].start()
    except ConfigurationError:
        tell_in_a_sentence()
        raise
    globals().update(application=made, app=made)
    return made


def _is_only_listed() -> bool:
    """Return whether `flask routes` or `flask --help` asks for the app."""
    context = click.get_current_context(silent=True)
    return context is not None and (
        context.command is routes_command or isinstance(context.command, FlaskGroup)
    )


def _is_looked_up() -> bool:
    """Return whether a server is looking for `application` without asking `__getattr__`.

    uWSGI does so, and each server that loads this file under a name of its own.
    """
    if __name__ != "backend.flask_app":
        return __name__ != "__main__"
    uwsgi = sys.modules.get("uwsgi")
    return "backend.flask_app" in str(getattr(uwsgi, "opt", ""))


garbage.spare_what_is_imported()

if _is_looked_up():
    __getattr__("application")

if __name__ == "__main__":
    import runpy

    # Run it by name: the command line imports the servers, not the other way round.
    sys.argv[1:1] = ["serve", "--wsgi"]
    runpy.run_module("backend", run_name="__main__")
