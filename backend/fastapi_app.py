"""The table on FastAPI: each row is a route of the app, and carries its requests to the table.

What no route takes goes to the table too. Nothing is decided here but that a site's own routes come
before the table's.
"""

from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

import orjson
from anyio import create_memory_object_stream, create_task_group, to_thread
from anyio.streams.memory import MemoryObjectSendStream
from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from starlette.requests import ClientDisconnect
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from backend.api import encode, openapi
from backend.api.application import Application
from backend.api.messages import Head
from backend.api.operation import Operation
from backend.api.routes import OPERATIONS, document
from backend.core import settings as settings_module
from backend.core.errors import Problem
from backend.core.settings import Settings

if TYPE_CHECKING:
    from backend.fastapi_auth import get_current_user

__all__ = ["app", "carry", "create_app", "get_current_user", "refuse", "tofa"]


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return a FastAPI app with the whole API; routes that a site adds come before the table's."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        api = tofa(app)
        await to_thread.run_sync(api.start)
        api.worker.start()
        yield
        await to_thread.run_sync(api.close)

    app = FastAPI(
        title="TOFA CRM",
        lifespan=lifespan,
        redirect_slashes=False,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    # Paths without parameters first, as the table has it.
    app.router.routes += map(TableRoute, sorted(OPERATIONS, key=lambda row: "{" in row.path))
    app.router.default = carry
    app.add_exception_handler(405, _another_method)
    app.add_exception_handler(Problem, refuse)
    app.openapi = lambda: _describe(app)  # type: ignore[method-assign]
    return app


def tofa(app: FastAPI) -> Application:
    """Return the API behind an app; it is opened at the start, or at the first request."""
    if not hasattr(app.state, "tofa"):
        app.state.tofa = Application(app.state.settings or settings_module.load())
    api: Application = app.state.tofa
    return api


async def refuse(_request: Request, problem: Exception) -> Response:
    """Answer for a site's own route that raises a `Problem`, such as `LeadNotFound`."""
    assert isinstance(problem, Problem)
    answer = encode.problem(problem)
    return Response(answer.body, answer.status, dict(answer.headers))


class _Carrier:
    """An ASGI app, so that Starlette hands over the request as it came."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await carry(scope, receive, send)


class TableRoute(Route):
    """A row of the table as a route, which tracing, metrics and `url_path_for` find by its name."""

    def __init__(self, operation: Operation) -> None:
        super().__init__(
            operation.path,
            _Carrier(),
            methods=[operation.method],
            name=operation.name,
            include_in_schema=False,
        )

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match the path, unless a site's own route takes the request."""
        match, child_scope = super().matches(scope)
        if match is Match.NONE or _is_taken(scope):
            return Match.NONE, {}
        return match, {**child_scope, "route": self}


def _is_taken(scope: Scope) -> bool:
    return any(
        route.matches(scope)[0] is Match.FULL
        for route in scope["app"].router.routes
        if not isinstance(route, TableRoute)
    )


class _Carried(Response):
    """The table's answer, where only a response can be returned."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await carry(scope, receive, send)


async def _another_method(_request: Request, _error: Exception) -> Response:
    """Ask the table: a route has the path, but not with this method."""
    return _Carried()


async def carry(scope: Scope, receive: Receive, send: Send) -> None:
    """Carry one request to the table, and its answer back."""
    if scope["type"] != "http":
        await scope["app"].router.not_found(scope, receive, send)
        return
    request = Request(scope, receive)
    exchange = tofa(scope["app"]).receive(_head(scope, request))
    body = bytearray()
    try:
        if exchange.limit:
            async for chunk in request.stream():
                body += chunk
                if len(body) > exchange.limit:
                    break
    except ClientDisconnect:
        return
    if exchange.waits:
        response = await to_thread.run_sync(exchange.answer, bytes(body))
    else:
        response = exchange.answer()
    headers = [(name.encode(), value.encode("latin-1")) for name, value in response.headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    if response.rest is None:
        await send({"type": "http.response.body", "body": response.body})
    else:
        await _stream(response.chunks(), receive, send)


def _head(scope: Scope, request: Request) -> Head:
    root = scope.get("root_path", "").rstrip("/")
    path = unquote_to_bytes(scope.get("raw_path") or scope["path"].encode())
    # Servers and mounts leave the prefix in the path, as ASGI has it.
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
    """Send chunk after chunk; the next one is made meanwhile. Stop when the client has gone."""
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
        # Some servers raise an `OSError` when the client has gone.
        if not isinstance(errors.exceptions[0], OSError):
            raise errors.exceptions[0] from None
    finally:
        # A server that is stopped doesn't wait for the thread that makes a chunk.
        with suppress(ValueError):
            chunks.close()


async def _make(chunks: Generator[bytes, None, None], maker: MemoryObjectSendStream[bytes]) -> None:
    while (chunk := await to_thread.run_sync(next, chunks, None)) is not None:
        await maker.send(chunk)
    # Not after an error: it would look like the end.
    maker.close()


def _describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of the table, with a site's own routes added to it."""
    if app.openapi_schema is None:
        table = orjson.loads(document())
        own = get_openapi(title=app.title, version=app.version, routes=app.routes)
        app.openapi_schema = openapi.merge(table, own)
    return app.openapi_schema


app = create_app()


def __getattr__(name: str) -> Any:
    """Return `get_current_user` or `oauth2_scheme`, which are made over this module."""
    if name not in ("get_current_user", "oauth2_scheme"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from backend import fastapi_auth

    return getattr(fastapi_auth, name)
