"""Servers in processes of their own, each over a copy of the academy and a graph host."""

import http.client
import os
import signal
import socket
import ssl
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.graph_host import GraphHost
from tests.hosting.documented import ROOT
from tests.servers import Answer, Client
from tests.waiting import PATIENCE, wait_until
from tests.world import SECRET_KEY

APP_SECRET = "the-apps-secret"
WEBHOOK_TOKEN = "the-token-of-the-forms"


def settings_of(url: str, graph: GraphHost) -> dict[str, str]:
    """Return the environment of a server."""
    return {
        **os.environ,
        "TOFA_ENV_FILE": os.devnull,
        "DATABASE_URL": url,
        "SECRET_KEY": SECRET_KEY,
        "META_APP_SECRET": APP_SECRET,
        "META_ACCESS_TOKEN": "EAAToken",
        "META_GRAPH_URL": graph.url,
        "WEBHOOK_TOKEN": WEBHOOK_TOKEN,
        "MAX_UPLOAD_MB": "1",
    }


@dataclass(slots=True)
class Running:
    """A server that can be stopped and started again."""

    command: Sequence[str]
    port: int
    environment: Mapping[str, str]
    output: Path
    ends: int = signal.SIGTERM
    folder: Path = ROOT
    name: str = ""
    # Who runs it, if not the one who runs the tests.
    user: int | None = None
    # The path under which it has the API, and how to encrypt, if it does.
    prefix: str = ""
    tls: ssl.SSLContext | None = None
    # The proxy in front of it, and where that listens.
    proxy: Sequence[str] = ()
    proxy_port: int = 0
    _proxy: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it, and return once it answers."""
        with self.output.open("ab") as output:
            given: dict[str, Any] = {"stdout": output, "stderr": output, "start_new_session": True}
            if self.user is not None:
                given |= {"user": self.user, "group": self.user, "extra_groups": []}
            self._process = subprocess.Popen(
                self.command, cwd=self.folder, env=self.environment, **given
            )
            if self.proxy and self._proxy is None:
                self._proxy = subprocess.Popen(self.proxy, **given)
        wait_until(self._answers)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.said()
        with suppress(OSError):
            return self.client().get("/healthz").status == 200
        return False

    def client(self) -> Client:
        return Client(self.proxy_port or self.port, prefix=self.prefix, tls=self.tls)

    def connect(self) -> socket.socket:
        """Return a connection on which nothing is sent yet."""
        address = ("127.0.0.1", self.proxy_port or self.port)
        connection = socket.create_connection(address, timeout=PATIENCE)
        return self.tls.wrap_socket(connection) if self.tls else connection

    def send(self, *pieces: bytes) -> Answer:
        """Send bytes, and return the answer. Raises an error if the connection is cut."""
        with self.connect() as connection:
            with suppress(BrokenPipeError, ConnectionResetError):
                for piece in pieces:
                    connection.sendall(piece)  # it may have answered before the last one
            response = http.client.HTTPResponse(connection)
            response.begin()
            return Answer(response.status, dict(response.getheaders()), response.read())

    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def signal(self) -> None:
        """Ask it to stop, as systemd does."""
        assert self._process is not None
        self._process.send_signal(self.ends)

    def wait(self) -> None:
        """Return once it has stopped."""
        assert self._process is not None
        self._process.wait(PATIENCE)

    def end(self) -> None:
        """Stop it, and the proxy."""
        self.stop()
        if self._proxy is not None:
            self._proxy.terminate()
            self._proxy.wait(PATIENCE)

    def stop(self) -> None:
        """Stop it, and whatever it has started."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self.signal()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(60)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
