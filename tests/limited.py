"""A server as `serve` starts it, in a thread, with any limits for its clients."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import uvicorn

from backend.serving.connection import LimitedConfig
from backend.serving.limits import Limits
from tests.waiting import PATIENCE, wait_until

# The standard limits, except for the time: none that a slow machine could exceed.
LIMITS = Limits(head_bytes=128 << 10, connections=500, seconds=3600.0, bytes_per_second=500)


@contextmanager
def serving(app: Any, **given: Any) -> Iterator[int]:
    """Serve an app with these limits. Yield the port."""
    limits = replace(LIMITS, **given)
    config = LimitedConfig(app, limits, port=0, lifespan="off", log_level="critical")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = server.force_exit = True
        thread.join(PATIENCE)
