"""One server in a separate process: `python -m benchmarks.serve NAME`. It prints its port.

`fastapi` and `flask` are the product. `bare-asgi` and `bare-wsgi` return the list of leads with the
floor's function on the same kind of server. `plain-fastapi` and `plain-flask` receive leads with a
minimal handler.
"""

import asyncio
import os
import socket
import sys
from collections.abc import Callable, Iterable
from typing import Any

from benchmarks import floors, plain


def main(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        # Like `backend.cli.serve`.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        print(listening.getsockname()[1], flush=True)
        if name == "fastapi":
            _asgi(_fastapi(), listening)
        elif name == "flask":
            _wsgi(_flask(), listening)
        elif name == "plain-fastapi":
            _asgi(plain.fastapi(os.environ["DATABASE_URL"]), listening)
        elif name == "plain-flask":
            _wsgi(plain.flask(os.environ["DATABASE_URL"]), listening)
        else:
            with floors.leads(os.environ["DATABASE_URL"]) as answer:
                if name == "bare-asgi":
                    _asgi(_bare_asgi(answer), listening)
                else:
                    _wsgi(_bare_wsgi(answer), listening)


def _fastapi() -> Any:
    from backend.fastapi_app import app

    return app


def _flask() -> Any:
    from backend.flask_app import application

    return application


def _asgi(app: Any, listening: socket.socket) -> None:
    import uvicorn

    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run([listening])


def _wsgi(app: Any, listening: socket.socket) -> None:
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log(self, *_: Any, **__: Any) -> None:
            """Log nothing."""

    make_server(
        "127.0.0.1",
        0,
        app,
        threaded=True,
        request_handler=Quiet,
        fd=listening.fileno(),
    ).serve_forever()


def _bare_asgi(answer: Callable[[], bytes]) -> Any:

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        body = await asyncio.to_thread(answer)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def _bare_wsgi(answer: Callable[[], bytes]) -> Any:

    def app(_environ: Any, start_response: Any) -> Iterable[bytes]:
        body = answer()
        start_response(
            "200 OK",
            [("Content-Type", "application/json"), ("Content-Length", str(len(body)))],
        )
        return [body]

    return app


if __name__ == "__main__":
    main(sys.argv[1])
