"""Real servers, one of each kind for a whole run, whose app is changed from test to test.

A client writes the request line and the headers as it is told, so that a test can send what no
well-behaved library would.
"""

import http.client
import json
import ssl
import threading
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import uvicorn
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import ClosingIterator

from backend.api.application import Application
from backend.core.settings import Settings
from tests.waiting import PATIENCE, wait_until

# Headers that belong to the connection or to the clock, and not to the answer.
_OF_THE_SERVER = ("connection", "date", "server", "keep-alive", "transfer-encoding")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; the names of the headers are in lower case, the server's own left out."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file for a multipart form."""

    name: str
    content: bytes


@dataclass(slots=True)
class Client:
    """Sends requests to one server, each on a connection of its own."""

    port: int
    token: str | None = None
    sent: Mapping[str, str] = field(default_factory=dict)
    # The path under which the API is, and how to encrypt, if it is.
    prefix: str = ""
    tls: ssl.SSLContext | None = None

    def request(
        self,
        method: str,
        target: str,
        *,
        body: bytes | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        file: Upload | None = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
    ) -> Answer:
        """Send a request. `target` is sent unchanged, including percent signs."""
        sent = {**self.sent, **(headers or {})}
        if token or self.token:
            sent.setdefault("Authorization", f"Bearer {token or self.token}")
        if json is not None:
            body = encode_json(json)
            sent.setdefault("Content-Type", "application/json")
        if form is not None:
            body = urlencode(form).encode()
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        if file is not None:
            body = multipart(file)
            sent.setdefault("Content-Type", "multipart/form-data; boundary=frontier")
        if body is not None:
            sent.setdefault("Content-Length", str(len(body)))
        connection = self._connect()
        try:
            connection.putrequest(method, "/", skip_host="Host" in sent, skip_accept_encoding=True)
            # The library refuses some targets that strangers do send.
            connection._buffer[0] = f"{method} {self.prefix}{target} HTTP/1.1".encode("latin-1")  # type: ignore[attr-defined]
            for name, value in sent.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            return Answer(
                response.status,
                {
                    name.lower(): value
                    for name, value in response.getheaders()
                    if name.lower() not in _OF_THE_SERVER
                },
                response.read(),
            )
        finally:
            connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        if self.tls is None:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        return http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=PATIENCE, context=self.tls
        )

    def get(self, target: str, **given: Any) -> Answer:
        return self.request("GET", target, **given)

    def post(self, target: str, **given: Any) -> Answer:
        return self.request("POST", target, **given)

    def put(self, target: str, **given: Any) -> Answer:
        return self.request("PUT", target, **given)

    def delete(self, target: str, **given: Any) -> Answer:
        return self.request("DELETE", target, **given)

    def patch(self, target: str, **given: Any) -> Answer:
        return self.request("PATCH", target, **given)


def encode_json(value: object) -> bytes:
    return json.dumps(value).encode()


def multipart(file: Upload, boundary: str = "frontier", field: str = "file") -> bytes:
    """A form with one file in it."""
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; '
        f'filename="{file.name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
    )
    return head.encode() + file.content + f"\r\n--{boundary}--\r\n".encode()


class Calls:
    """Counts the calls of an app that are running: some work after they have answered."""

    def __init__(self) -> None:
        self._running = 0
        self._changed = threading.Condition()

    def begin(self) -> None:
        with self._changed:
            self._running += 1

    def end(self) -> None:
        with self._changed:
            self._running -= 1
            self._changed.notify_all()

    def wait(self) -> None:
        """Wait until all have ended."""
        with self._changed:
            self._changed.wait_for(lambda: not self._running, timeout=PATIENCE)


class ASGIServer:
    """uvicorn in a thread, over whatever app is in place."""

    def __init__(self) -> None:
        self.app: Any = None
        self.calls = Calls()
        config = uvicorn.Config(
            self._call,
            port=0,
            interface="asgi3",
            http="h11",
            lifespan="off",
            log_level="critical",
            proxy_headers=False,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        wait_until(lambda: self._server.started)
        self.port: int = self._server.servers[0].sockets[0].getsockname()[1]

    async def _call(self, scope: Any, receive: Any, send: Any) -> None:
        self.calls.begin()
        try:
            await self.app(scope, receive, send)
        finally:
            self.calls.end()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(PATIENCE)


class _QuietHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_: Any, **__: Any) -> None:
        """Says nothing."""


class _Ending(ClosingIterator):
    """An answer that ends its call when it is closed, or forgotten: werkzeug doesn't close all of
    those whose clients have gone.
    """

    def __init__(self, answer: Iterable[bytes], end: Callable[[], None]) -> None:
        super().__init__(answer)
        self._end = weakref.finalize(self, end)

    def close(self) -> None:
        super().close()
        self._end()


class WSGIServer:
    """werkzeug's threaded server in a thread, over whatever app is in place."""

    def __init__(self) -> None:
        self.app: Any = None
        self.calls = Calls()
        self._server = make_server(
            "127.0.0.1", 0, self._call, threaded=True, request_handler=_QuietHandler
        )
        self.port: int = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def _call(self, environ: Any, start_response: Any) -> Any:
        self.calls.begin()
        try:
            answer = self.app(environ, start_response)
        except BaseException:
            self.calls.end()
            raise
        return _Ending(answer, self.calls.end)

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join(PATIENCE)
        self._server.server_close()


@dataclass(frozen=True, slots=True)
class Adapter:
    """How an adapter's app is made, which server runs it, and how it is closed."""

    make: Callable[[Settings], Any]
    server: type[ASGIServer] | type[WSGIServer]
    close: Callable[[Any], None]


def _fastapi(settings: Settings) -> Any:
    from backend.fastapi_app import create_app

    return create_app(settings)


def _close_fastapi(app: Any) -> None:
    if hasattr(app.state, "tofa"):
        app.state.tofa.close()


def _flask(settings: Settings) -> Any:
    from backend.flask_app import create_app

    return create_app(settings)


def _close_flask(app: Any) -> None:
    app.extensions["tofa"].close()


_kept: dict[str, Any] = {}


def make_again(adapter: str, settings: Settings) -> Any:
    """Return an app for one test: on FastAPI and Flask the same each time, over these settings.

    There, the routes of the table take longer to make than most tests take to run.
    """
    if adapter not in _REFILLED:
        return ADAPTERS[adapter].make(settings)
    app = _kept.get(adapter)
    if app is None:
        app = _kept[adapter] = ADAPTERS[adapter].make(settings)
    else:
        ADAPTERS[adapter].close(app)
        _REFILLED[adapter](app, Application(settings))
    return app


def _refill_fastapi(app: Any, api: Application) -> None:
    app.state.tofa = api


def _refill_flask(app: Any, api: Application) -> None:
    app.extensions["tofa"] = api


# How an app gets another database.
_REFILLED = {"fastapi": _refill_fastapi, "flask": _refill_flask}


def _django(settings: Settings) -> Any:
    from django.conf import settings as site

    from examples.django.tofa_django import create_app

    # By hand, and once: a module of settings would set the time zone of the whole process.
    if not site.configured:
        site.configure(ROOT_URLCONF="examples.django.urls")
    return create_app(settings)


def _close_django(app: Any) -> None:
    app.tofa.close()


ADAPTERS = {
    "fastapi": Adapter(_fastapi, ASGIServer, _close_fastapi),
    "flask": Adapter(_flask, WSGIServer, _close_flask),
    "django": Adapter(_django, WSGIServer, _close_django),
}
