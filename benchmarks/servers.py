"""Server processes to measure: start them, send requests, watch their memory, stop them."""

import http.client
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from backend.core.settings import Settings
from benchmarks import academy, processes

# The product's servers, each with its floor.
SERVERS = {"fastapi": "bare-asgi", "flask": "bare-wsgi"}
SECONDS_TO_STOP = 10
# How often to read a server's memory, in seconds.
_INTERVAL = 0.01


@dataclass(frozen=True, slots=True)
class Server:
    """A server on 127.0.0.1."""

    port: int
    process: processes.Process

    def connect(self, timeout: float = 60.0) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> bytes:
        """Send a request on a new connection. Return the response's body. It must be a 200."""
        connection = self.connect()
        try:
            connection.request(method, target, body, dict(headers or {}))
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        assert response.status == 200, f"{method} {target}: {response.status} {content[:300]!r}"
        return content

    @contextmanager
    def watch(self) -> Iterator["Memory"]:
        """Measure the memory of the server and its children while the block runs."""
        memory = Memory(self.process.pid)
        memory.start()
        try:
            yield memory
        finally:
            memory.stop()


@contextmanager
def serve(name: str, url: str, **settings: str) -> Iterator[Server]:
    """Run a server on the academy's database at `url`. `settings` are environment variables."""
    known = {setting.upper() for setting in Settings.model_fields}
    environment = {name: value for name, value in os.environ.items() if name not in known}
    environment |= academy.environment(url) | settings | {"TOFA_ENV_FILE": os.devnull}
    process = processes.start(["benchmarks.serve", name], environment)
    assert process.stdout is not None
    try:
        server = Server(int(process.stdout.readline()), process)
        # The first request waits for the start, and imports modules that are loaded late.
        server.ask("GET", "/centers/")
        yield server
    finally:
        process.terminate()
        try:
            process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        processes.close(process)


@dataclass(slots=True)
class Memory:
    """The resident memory of a process and its children, read a hundred times per second.

    If Linux keeps a high-water mark of the process, that counts too, so that no peak is missed.
    """

    pid: int
    idle: int = 0
    peak: int = 0
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    @property
    def above_idle(self) -> float:
        """Return the highest memory above idle, in MB."""
        return (self.peak - self.idle) / 1e6

    def start(self) -> None:
        with suppress(OSError):
            # Reset the high-water mark: see proc_pid_clear_refs(5).
            Path(f"/proc/{self.pid}/clear_refs").write_text("5")
        self.idle = self.peak = self._resident()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        assert self._thread is not None
        self._thread.join()
        with suppress(OSError):
            for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    self.peak = max(self.peak, int(line.split()[1]) * 1024)

    def _look(self) -> None:
        while not self._over.wait(_INTERVAL):
            self.peak = max(self.peak, self._resident())

    def _resident(self) -> int:
        server = psutil.Process(self.pid)
        total: int = server.memory_info().rss
        command = server.cmdline()
        for child in server.children(recursive=True):
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                # A child shares its parent's memory until it starts its own program.
                if child.cmdline() != command:
                    total += child.memory_info().rss
        return total
