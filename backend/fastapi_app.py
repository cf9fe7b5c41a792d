"""The table on FastAPI: what no other route takes is carried to it and back. Decides nothing."""

from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from anyio import create_memory_object_stream, create_task_group, to_thread
from anyio.streams.memory import MemoryObjectSendStream
from fastapi import FastAPI, Request, Response
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from backend.api import encode
from backend.api.application import Application
from backend.api.messages import Head
from backend.core import settings as settings_module
from backend.core.errors import Problem
from backend.core.settings import Settings

if TYPE_CHECKING:
    from backend.fastapi_auth import get_current_user

__all__ = ["app", "carry", "create_app", "get_current_user", "refuse", "tofa"]


def create_app(settings: Settings | None = None) -> FastAPI:
    """A FastAPI app with the whole API; routes that are added to it come before the table's."""

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
    app.router.default = carry
    app.add_exception_handler(405, _another_method)
    app.add_exception_handler(Problem, refuse)
    return app


def tofa(app: FastAPI) -> Application:
    """The API behind an app, opened at its start, or at the first request where none is."""
    if not hasattr(app.state, "tofa"):
        app.state.tofa = Application(app.state.settings or settings_module.load())
    api: Application = app.state.tofa
    return api


async def refuse(_request: Request, problem: Exception) -> Response:
    """What a route of one's own answers when a `Problem` leaves it, such as `LeadNotFound`."""
    assert isinstance(problem, Problem)
    answer = encode.problem(problem)
    return Response(answer.body, answer.status, dict(answer.headers))


class _Carried(Response):
    """The table's answer, from where only a response can be returned."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await carry(scope, receive, send)


async def _another_method(_request: Request, _error: Exception) -> Response:
    """A route of one's own has the path, but not with this method: the table may have it."""
    return _Carried()


async def carry(scope: Scope, receive: Receive, send: Send) -> None:
    """One request to `api.handle`, and its answer back."""
    if scope["type"] != "http":
        await scope["app"].router.not_found(scope, receive, send)
        return
    request = Request(scope, receive)
    names = dict.fromkeys(request.headers)
    exchange = tofa(scope["app"]).receive(
        Head(
            method=scope["method"],
            path=unquote_to_bytes(scope.get("raw_path") or scope["path"].encode()),
            query=scope["query_string"],
            headers={name: ",".join(request.headers.getlist(name)) for name in names},
            peer=request.client.host if request.client else "",
            version=scope["http_version"],
        )
    )
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


async def _stream(chunks: Generator[bytes, None, None], receive: Receive, send: Send) -> None:
    """Sends chunk after chunk; makes the next one meanwhile, and none when the client has gone."""
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
        # An `OSError` is how some servers say that the client has gone.
        if not isinstance(errors.exceptions[0], OSError):
            raise errors.exceptions[0] from None
    finally:
        # A server that is ended does not wait for the thread that makes a chunk.
        with suppress(ValueError):
            chunks.close()


async def _make(chunks: Generator[bytes, None, None], maker: MemoryObjectSendStream[bytes]) -> None:
    while (chunk := await to_thread.run_sync(next, chunks, None)) is not None:
        await maker.send(chunk)
    # Not after an error: it would look like the end.
    maker.close()


app = create_app()


def __getattr__(name: str) -> Any:
    """Return `get_current_user` or `oauth2_scheme`, which are made over this module."""
    if name not in ("get_current_user", "oauth2_scheme"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from backend import fastapi_auth

    return getattr(fastapi_auth, name)
