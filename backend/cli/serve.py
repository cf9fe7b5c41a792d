"""The command `serve`: run either server on a socket opened here.

Opening the socket first shows at once if the port is already in use.
"""

import contextlib
import copy
import errno
import os
import socket
from argparse import Namespace
from typing import Any

from backend.cli import output
from backend.cli.context import opened
from backend.core.errors import BadRequest, ConfigurationError
from backend.core.logs import setting_up
from backend.core.settings import Settings, load

# How many connections can wait to be accepted.
BACKLOG = 2048
# The address of the web app.
PAGE = "/"


def serve(arguments: Namespace) -> int:
    """Run the server until it is interrupted."""
    host, port, workers = arguments.host, arguments.port, arguments.workers
    if arguments.wsgi and workers > 1:
        raise BadRequest(
            "--workers is for FastAPI only. To run Flask in several processes, give "
            "backend.flask_app:application to a WSGI server such as granian"
        )
    settings = _logging(load())
    output.set_up(settings)
    with _listen(host, port) as listener:
        where = f"TOFA CRM is running at {_url(host, listener)}{PAGE} (press Ctrl-C to stop)"
        if arguments.wsgi:
            return _wsgi(settings, listener, where)
        if workers > 1:
            return _many(settings, workers, listener, where)
        return _asgi(settings, listener, where)


def _logging(settings: Settings) -> Settings:
    """Return the settings with a format for the log, which further processes get too."""
    log_format = settings.log_format or "text"
    os.environ["LOG_FORMAT"] = log_format
    return settings.model_copy(update={"log_format": log_format})


def _asgi(settings: Settings, listener: socket.socket, where: str) -> int:
    from backend.fastapi_app import create_app, tofa

    app = create_app(settings)
    tofa(app).start()
    return _run(_config(app, settings), listener, where)


def _run(config: Any, listener: socket.socket, where: str) -> int:
    import uvicorn

    server = uvicorn.Server(config)
    output.say(where)
    # Ctrl-C is the normal way to stop: the server has finished its requests by then.
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listener])
    return 0 if server.started else 1


def _many(settings: Settings, workers: int, listener: socket.socket, where: str) -> int:
    from uvicorn.config import STARTUP_FAILURE
    from uvicorn.supervisors import Multiprocess

    # Prepare the database once here, so that each process doesn't print the same messages.
    with opened():
        pass
    supervisor = Multiprocess(
        _config("backend.fastapi_app:app", settings, workers=workers), sockets=[listener]
    )
    output.say(where)
    supervisor.run()
    failed = any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes)
    return 1 if failed else 0


def _config(app: Any, settings: Settings, **given: Any) -> Any:
    from uvicorn.config import LOGGING_CONFIG

    from backend.serving.connection import LimitedConfig
    from backend.serving.limits import Limits

    log = copy.deepcopy(LOGGING_CONFIG)
    log["formatters"]["default"] = {"()": setting_up.FORMATS[os.environ["LOG_FORMAT"]]}
    # Problems only: this module prints its own startup message, and requests are logged by the API.
    log["loggers"]["uvicorn"]["level"] = "WARNING"
    log["loggers"]["uvicorn.error"]["level"] = "WARNING"
    # TRUSTED_PROXIES decides whose X-Forwarded-For is trusted, on every server alike.
    return LimitedConfig(
        app,
        Limits.of(settings),
        log_config=log,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        **given,
    )


def _wsgi(settings: Settings, listener: socket.socket, where: str) -> int:
    from backend.flask_app import create_app
    from backend.serving.wsgi import FlaskOnASGI

    app = create_app(settings)
    app.extensions["tofa"].start()
    try:
        return _run(_config(FlaskOnASGI(app), settings, lifespan="off"), listener, where)
    finally:
        app.extensions["tofa"].close()


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there. Raises `ConfigurationError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
        # asyncio doesn't set this on a socket it didn't open. Without it the body of a response
        # waits until the client has acknowledged the head, which takes up to 40 ms.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(
                f"Port {port} is in use. Stop the program that uses it, or choose another port "
                "with --port."
            ) from error
        raise ConfigurationError(
            f"Can't listen on {host}, port {port}: {error.strerror}."
        ) from error


def _url(host: str, listener: socket.socket) -> str:
    """Return the server's address for a browser on this machine."""
    here = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    port = listener.getsockname()[1]
    return f"http://[{here}]:{port}" if ":" in here else f"http://{here}:{port}"
