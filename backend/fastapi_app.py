"""The FastAPI adapter: each row of the table is a route of the app, which passes requests to it.

Requests that match no route go to the table too. The only decision made here is that your own
routes come before the table's.
"""

from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

import orjson
from anyio import CapacityLimiter, create_memory_object_stream, create_task_group, to_thread
from anyio.streams.memory import MemoryObjectSendStream
from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route
from starlette.types import Message, Receive, Scope, Send

from backend import garbage
from backend.api import encode
from backend.api.application import Application
from backend.api.exchange import MOST_DRAINED
from backend.api.messages import Head
from backend.api.openapi_merge import merge
from backend.api.operation import Operation
from backend.api.routes import OPERATIONS, document
from backend.core import settings as settings_module
from backend.core.errors import ConfigurationError, Problem
from backend.core.settings import Settings

if TYPE_CHECKING:
    from backend.fastapi_auth import get_current_user

__all__ = ["app", "carry", "create_app", "get_current_user", "refuse", "tofa"]


# How many deliveries have a thread at a time, in addition to the 40 of all other requests.
DELIVERIES_AT_ONCE = 40


class _App(FastAPI):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["tofa.root_path"] = self.root_path or scope.get("root_path", "")
        if scope["type"] != "lifespan":
            await super().__call__(scope, receive, send)
            return
        with suppress(ConfigurationError):  # the server has been told
            await super().__call__(scope, receive, partial(self._tell, send))

    async def _tell(self, send: Send, message: Message) -> None:
        """Tell the server why it can't start in a sentence, and not as a traceback."""
        if message["type"] == "lifespan.startup.failed" and hasattr(self.state, "refusal"):
            message = {**message, "message": self.state.refusal}
        await send(message)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return a FastAPI app with the whole API. Routes that you add come before the table's."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            api = tofa(app)
            await to_thread.run_sync(api.start)
        except ConfigurationError as error:
            app.state.refusal = str(error)
            raise
        api.worker.start()
        yield
        await to_thread.run_sync(api.close)

    app = _App(
        title="TOFA CRM",
        lifespan=lifespan,
        redirect_slashes=False,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    # Paths without parameters come first, as in the table.
    app.router.routes += map(TableRoute, sorted(OPERATIONS, key=lambda row: "{" in row.path))
    app.router.default = carry
    app.add_exception_handler(405, _another_method)
    app.add_exception_handler(Problem, refuse)
    app.openapi = lambda: _describe(app)  # type: ignore[method-assign]
    return app


def tofa(app: FastAPI) -> Application:
    """Return the API behind an app, creating it on first use."""
    if not hasattr(app.state, "tofa"):
        app.state.tofa = Application(app.state.settings or settings_module.load())
    api: Application = app.state.tofa
    return api


async def refuse(_request: Request, problem: Exception) -> Response:
    """Return the response for your own route that raises a `Problem`, such as `LeadNotFound`."""
    assert isinstance(problem, Problem)
    answer = encode.problem(problem)
    return Response(answer.body, answer.status, dict(answer.headers))


class _Carrier:
    """An ASGI app, so that Starlette passes the request on unchanged."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await carry(scope, receive, send)


class TableRoute(Route):
    """A row of the table as a route, so that tracing, metrics and `url_path_for` find it."""

    def __init__(self, operation: Operation) -> None:
        super().__init__(
            operation.path,
            _Carrier(),
            methods=[operation.method],
            name=operation.name,
            include_in_schema=False,
        )

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match the path, unless one of your own routes takes the request."""
        match, child_scope = super().matches(scope)
        if match is Match.NONE or _is_taken(scope):
            return Match.NONE, {}
        return match, {**child_scope, "route": self}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on whatever its method is: the table answers 405, HEAD and OPTIONS."""
        await self.app(scope, receive, send)


def _is_taken(scope: Scope) -> bool:
    return any(
        route.matches(scope)[0] is Match.FULL
        for route in scope["app"].router.routes
        if not isinstance(route, TableRoute)
    )


class _Carried(Response):
    """The table's response, for handlers that must return a response object."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await carry(scope, receive, send)


async def _another_method(request: Request, error: Exception) -> Response:
    """Let the table respond if a path of your own exists, but not with this method.

    A 405 that your own route or mount raises stays as it is.
    """
    assert isinstance(error, HTTPException)
    scope = request.scope
    # Without the prefix that a mount has added since.
    scope["root_path"] = scope["tofa.root_path"]
    return await http_exception_handler(request, error) if _is_taken(scope) else _Carried()


async def carry(scope: Scope, receive: Receive, send: Send) -> None:
    """Pass a request to the table, and send its response."""
    if scope["type"] != "http":
        await scope["app"].router.not_found(scope, receive, send)
        return
    receive = _Receipt(receive)
    request = Request(scope, receive)
    exchange = tofa(scope["app"]).receive(_head(scope, request))
    if exchange.asks_first:
        exchange = await to_thread.run_sync(exchange.admit)
    body = await _body(request, exchange.limit) if exchange.limit else b""
    if body is None:
        response = exchange.answer(None)
    elif exchange.waits:
        threads = _threads_for_deliveries(scope["app"]) if exchange.is_delivery else None
        response = await to_thread.run_sync(exchange.answer, body, limiter=threads)
    else:
        response = exchange.answer()
    if exchange.app.settings.trusted_proxies:
        await receive.drain()
    headers = [(name.encode(), value.encode("latin-1")) for name, value in response.headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    if response.rest is None:
        await send({"type": "http.response.body", "body": response.body})
    else:
        await _stream(response.chunks(), receive, send)
    if exchange.app.last_uses.is_due:
        await to_thread.run_sync(exchange.app.last_uses.write)


class _Receipt:
    """What comes of a request, and whether all of it came."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._is_over = False

    async def __call__(self) -> Message:
        message = await self._receive()
        self._is_over = not message.get("more_body", False)
        return message

    async def drain(self) -> None:
        """Read the rest of the body."""
        left = MOST_DRAINED
        while left > 0 and not self._is_over:
            left -= len((await self()).get("body", b""))


async def _body(request: Request, limit: int) -> bytes | None:
    """Return the body up to one byte or more over the limit, or None if it can't be read.

    Some servers tell that of a malformed one as if the client had disconnected.
    """
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                break
    except Exception:  # noqa: BLE001  each server has errors of its own for it
        return None
    return bytes(body)


def _threads_for_deliveries(app: FastAPI) -> CapacityLimiter:
    """Return the threads that are kept for what comes in, if readers have taken all others."""
    if not hasattr(app.state, "threads_for_deliveries"):
        app.state.threads_for_deliveries = CapacityLimiter(DELIVERIES_AT_ONCE)
    threads: CapacityLimiter = app.state.threads_for_deliveries
    return threads


def _head(scope: Scope, request: Request) -> Head:
    root = scope.get("root_path", "").rstrip("/")
    path = unquote_to_bytes(scope.get("raw_path") or scope["path"].encode())
    # As ASGI requires, servers and mounts leave the prefix in the path.
    if root and f"{path.decode(errors='replace')}/".startswith(f"{root}/"):
        path = path[len(root.encode()) :]
    return Head(
        method=scope["method"],
        path=path,
        query=scope["query_string"],
        headers={
            name: ",".join(request.headers.getlist(name)) for name in dict.fromkeys(request.headers)
        },
        peer=request.client.host if request.client else "",
        version=scope["http_version"],
        root=root,
    )


async def _stream(chunks: Generator[bytes, None, None], receive: Receive, send: Send) -> None:
    """Send the chunks, while the next one is produced. Stop if the client disconnects."""
    maker, made = create_memory_object_stream[bytes]()
    try:
        async with create_task_group() as group, maker, made:
            group.start_soon(_make, chunks, maker)

            async def watch() -> None:
                while (await receive())["type"] != "http.disconnect":
                    pass
                group.cancel_scope.cancel()

            group.start_soon(watch)
            async for chunk in made:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body"})
            group.cancel_scope.cancel()
    except ExceptionGroup as errors:
        # Some servers raise an `OSError` if the client has disconnected.
        if not isinstance(errors.exceptions[0], OSError):
            raise errors.exceptions[0] from None
    finally:
        # A server that stops doesn't wait for the thread that produces a chunk.
        with suppress(ValueError):
            chunks.close()


async def _make(chunks: Generator[bytes, None, None], maker: MemoryObjectSendStream[bytes]) -> None:
    while (chunk := await to_thread.run_sync(next, chunks, None)) is not None:
        await maker.send(chunk)
    # Close only on success: after an error this would look like the end of the list.
    maker.close()


def _describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of the table, with your own routes added."""
    if app.openapi_schema is None:
        table = orjson.loads(document())
        own = get_openapi(title=app.title, version=app.version, routes=app.routes)
        app.openapi_schema = merge(table, own)
    return app.openapi_schema


app = create_app()
garbage.spare_what_is_imported()


def __getattr__(name: str) -> Any:
    """Return `get_current_user` or `oauth2_scheme`, whose module imports this one."""
    if name not in ("get_current_user", "oauth2_scheme"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from backend import fastapi_auth

    return getattr(fastapi_auth, name)
