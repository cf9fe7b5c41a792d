"""The Flask app on uvicorn, so that one server with one set of limits serves both.

A request has a thread only once its body is here, so a slow client holds none. What is over 512 KB
waits in a temporary file. As on FastAPI, no more of a body is read than the API takes, and a file
only from a person who may send it.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from anyio import CapacityLimiter, to_thread
from flask import Flask

from backend.api.exchange import MOST_DRAINED
from backend.flask_app import body_limit, is_behind_proxy

Environ = dict[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# How many requests have a thread at a time.
THREADS = 200
# The size in bytes from which on a body waits in a file.
IN_MEMORY = 1 << 19


class FlaskOnASGI:
    """The Flask app as an ASGI app."""

    def __init__(self, app: Flask, threads: int = THREADS) -> None:
        self._app = app
        self._threads = CapacityLimiter(threads)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        environ = environ_of(scope)
        with SpooledTemporaryFile(IN_MEMORY) as body:
            if not await self._read(environ, receive, body):
                return  # the client is gone
            body.seek(0)
            environ["wsgi.input"] = body
            answer = _Answer(self._app, environ)
            try:
                await self._send(answer, receive, send)
            finally:
                await self._in_thread(answer.close)

    async def _in_thread(self, do: Callable[..., Any], *given: Any) -> Any:
        return await to_thread.run_sync(do, *given, limiter=self._threads)

    async def _read(self, environ: Environ, receive: Receive, body: IO[bytes]) -> bool:
        """Read the body as far as the API takes it. Return whether all of that came."""
        if not {"CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"} & environ.keys():
            return True
        limit = await self._in_thread(body_limit, self._app, environ)
        # A proxy reads no answer before it has sent all of the body.
        most = MOST_DRAINED if is_behind_proxy(self._app) else limit
        more, came = most > 0, 0
        while more and came <= most:
            message = await receive()
            if message["type"] == "http.disconnect":
                return False
            part = message.get("body", b"")
            if limit and came <= limit:
                body.write(part)
            came += len(part)
            more = message.get("more_body", False)
        return True

    async def _send(self, answer: "_Answer", receive: Receive, send: Send) -> None:
        part = await self._in_thread(answer.start)
        await send(
            {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
        )
        if not answer.is_long:
            await send({"type": "http.response.body", "body": part or b""})
            return
        gone = asyncio.ensure_future(_until_gone(receive))
        try:
            while part is not None and not gone.done():
                await send({"type": "http.response.body", "body": part, "more_body": True})
                part = await self._in_thread(answer.next)
        finally:
            gone.cancel()
        await send({"type": "http.response.body"})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class _Answer:
    """What the app answers: each method is called in a thread, one after the other."""

    def __init__(self, app: Flask, environ: Environ) -> None:
        self._app, self._environ = app, environ
        self._made: Iterable[bytes] = ()
        self._parts: Iterator[bytes] = iter(())
        self._length: int | None = None
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        # Whether more follows the first part.
        self.is_long = True

    def start(self) -> bytes | None:
        """Call the app. Return the first part of the body, or None if it is empty."""
        self._made = self._app(self._environ, self._start_response)
        self._parts = iter(self._made)
        first = self.next()
        self.is_long = first is not None and len(first) != self._length
        return first

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], _error: object = None
    ) -> Callable[[bytes], object]:
        self.status = int(status.split(" ", 1)[0])
        self.headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
        ]
        self._length = next(
            (int(value) for name, value in self.headers if name == b"content-length"), None
        )
        return _write

    def next(self) -> bytes | None:
        """Return the next part, or None at the end. Raises what the app raises."""
        return next(self._parts, None)

    def close(self) -> None:
        """Let the app do what it does after a response."""
        if close := getattr(self._made, "close", None):
            close()


def _write(_part: bytes) -> None:
    raise NotImplementedError("Flask returns its body")


def environ_of(scope: Message) -> Environ:
    """Return the environment of a request, without its body. See PEP 3333."""
    host, port = scope["server"] or ("127.0.0.1", None)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "REMOTE_ADDR": scope["client"][0] if scope["client"] else "",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    for name, value in scope["headers"]:
        if b"_" in name:
            continue  # `X_Token` must not stand in for `X-Token`
        key = name.upper().replace(b"-", b"_").decode("latin-1")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        text = value.decode("latin-1")
        environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ
