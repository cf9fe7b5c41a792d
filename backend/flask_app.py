"""The table on Flask: what no other route takes is carried to it and back. Decides nothing."""

from collections.abc import Iterator

from flask import Flask, Response, current_app, request

from backend.api import encode
from backend.api.application import Application
from backend.api.messages import Head
from backend.core import settings as settings_module
from backend.core.access import Person
from backend.core.errors import Problem
from backend.core.settings import Settings


class _Answer(Response):
    """A response that adds no header of its own."""

    default_mimetype = None
    automatically_set_content_length = False
    autocorrect_location_header = False


def create_app(settings: Settings | None = None) -> Flask:
    """A Flask app with the whole API; routes that are added to it come before the table's."""
    app = Flask("tofa", static_folder=None)
    app.url_map.merge_slashes = False
    app.extensions["tofa"] = Application(settings or settings_module.load())
    app.before_request(carry)
    app.register_error_handler(Problem, refuse)
    return app


def carry() -> Response | None:
    """One request to `api.handle`, and its answer back."""
    if request.url_rule is not None:
        return None
    exchange = tofa().receive(
        Head(
            method=request.environ["REQUEST_METHOD"],
            path=request.environ["PATH_INFO"].encode("latin-1"),
            query=request.query_string,
            headers={name.lower(): value for name, value in request.headers},
            peer=request.remote_addr or "",
            version=request.environ["SERVER_PROTOCOL"].removeprefix("HTTP/"),
        )
    )
    sent = request.stream.read(exchange.limit + 1) if exchange.limit else b""
    response = exchange.answer(sent)
    body: bytes | Iterator[bytes] = response.body if response.rest is None else response.chunks()
    answer = _Answer(body, response.status, list(response.headers.items()))
    answer.call_on_close(exchange.app.worker.after_response)
    return answer


def refuse(problem: Problem) -> Response:
    """What a route of one's own answers when a `Problem` leaves it, such as `Unauthenticated`."""
    answer = encode.problem(problem)
    return Response(answer.body, answer.status, answer.headers)


def tofa() -> Application:
    """The API behind the app that handles the current request."""
    api: Application = current_app.extensions["tofa"]
    return api


def get_current_user_from_token() -> Person:
    """Who makes the current request, for routes of one's own. Raises `Unauthenticated`."""
    return tofa().identify(request.headers.get("Authorization"))


def __getattr__(name: str) -> Flask:
    """`application`, also named `app`: made when a server asks for it, so that an import is free.

    Raises `ConfigurationError`.
    """
    if name not in ("application", "app"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    made = create_app()
    made.extensions["tofa"].start()
    globals().update(application=made, app=made)
    return made


if __name__ == "__main__":
    import runpy
    import sys

    # By its name, and not imported: the command line stands above the servers.
    sys.argv[1:1] = ["serve", "--wsgi"]
    runpy.run_module("backend", run_name="__main__")
