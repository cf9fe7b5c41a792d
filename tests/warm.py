"""Processes that don't import for two seconds what most of them import: they are forks of one.

`Warm.start` takes the place of `benchmarks.processes.start`. What it starts is a process like any
other, to be killed and measured, but for its interpreter, which has read its modules before.
"""

import gc
import importlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Self

from tests.forking import ROOT, become
from tests.waiting import PATIENCE

# In bytes: what a process is told at most, which is mostly its environment.
LONGEST = 1 << 17
# In seconds: not to wait at all.
AT_ONCE = 0.0
# More open files than the parent has.
MANY = 1024
SERVERS = (
    *("backend.fastapi_app", "backend.flask_app", "backend.cli.work", "backend.cli.context"),
    *(
        "backend.core.intake.processing",
        "backend.core.lifecycle.startup",
        "alembic.command",
        "benchmarks.plain",
    ),
    *("benchmarks.floors", "uvicorn.lifespan.on", "uvicorn.protocols.http.auto"),
    *("uvicorn.protocols.websockets.auto", "uvicorn.loops.auto", "werkzeug.serving"),
    *("psycopg", "sqlite3", "http.server", "argparse"),
)


@dataclass(slots=True)
class Forked:
    """A process that was started, as `subprocess.Popen` has it."""

    pid: int
    stdin: IO[bytes] | None
    stdout: IO[bytes] | None
    _ended: IO[bytes]
    _code: int | None = None

    @property
    def has_ended(self) -> bool:
        """Whether it has ended."""
        try:
            self.wait(AT_ONCE)
        except subprocess.TimeoutExpired:
            return False
        return True

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code. Raises `subprocess.TimeoutExpired`."""
        if self._code is None:
            with selectors.DefaultSelector() as waiting:
                waiting.register(self._ended, selectors.EVENT_READ)
                if not waiting.select(timeout):
                    raise subprocess.TimeoutExpired("fork", timeout or 0)
            self._code = int(self._ended.read() or 0)
            self._ended.close()
        return self._code

    def finish(self, told: bytes = b"") -> bytes:
        """Tell it something, and return what it says until it ends, which it does well."""
        assert self.stdin is not None
        assert self.stdout is not None
        with suppress(BrokenPipeError):
            self.stdin.write(told)
        self.stdin.close()
        with self.stdout as said:
            last = said.read()
        assert self.wait(PATIENCE) == 0, last
        return last

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self._code is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


class Warm:
    """The process that all others are forks of; it ends with its block."""

    def __init__(self, imports: Sequence[str] = SERVERS) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.warm", str(theirs.fileno()), *imports],
                cwd=ROOT,
                env={**os.environ, "TOFA_ENV_FILE": os.devnull},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._process.wait(PATIENCE)

    def start(self, command: Sequence[str], environment: Mapping[str, str]) -> Forked:
        """Start `python -m` with a command."""
        reads, writes = os.pipe()
        said, says = os.pipe()
        ended, ends = os.pipe()
        told = json.dumps([[*command], {**environment}]).encode()
        socket.send_fds(self._socket, [told], [reads, says, ends])
        for theirs in (reads, says, ends):
            os.close(theirs)
        pid = int(self._socket.recv(LONGEST))
        return Forked(
            pid, os.fdopen(writes, "wb", 0), os.fdopen(said, "rb"), os.fdopen(ended, "rb")
        )


@dataclass(slots=True)
class Parent:
    """The other side: it forks, and tells how each of its children ended."""

    asked: socket.socket
    # By the child: where to tell of its end.
    children: dict[int, int] = field(default_factory=dict)

    def run(self) -> None:
        wakes, wake = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(wakes, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake)
        with selectors.DefaultSelector() as events:
            events.register(self.asked, selectors.EVENT_READ)
            events.register(wakes, selectors.EVENT_READ)
            while True:
                for event, _ in events.select():
                    if event.fileobj == wakes:
                        with suppress(BlockingIOError):
                            os.read(wakes, 4096)
                        self._tell()
                    elif (child := self._fork()) is not None:
                        events.close()
                        signal.set_wakeup_fd(-1)
                        self.asked.detach()
                        _go_on(*child)
                        return

    def _tell(self) -> None:
        """Tell of each child that has ended."""
        with suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                where = self.children.pop(found[0])
                with suppress(BrokenPipeError):
                    os.write(where, str(os.waitstatus_to_exitcode(found[1])).encode())
                os.close(where)

    def _fork(self) -> tuple[bytes, int, int] | None:
        """Fork, as asked. Return only in the child: what to do, its input and its output."""
        told, given, *_ = socket.recv_fds(self.asked, LONGEST, 3)
        if not told:
            sys.exit()
        reads, says, ends = given
        child = os.fork()
        if not child:
            return told, reads, says
        self.children[child] = ends
        os.close(reads)
        os.close(says)
        self.asked.send(str(child).encode())
        return None


def _go_on(told: bytes, reads: int, says: int) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(reads, 0)
    os.dup2(says, 1)
    # What is of the parent and of other children.
    os.closerange(3, MANY)
    command, environment = json.loads(told)
    become(["-m", *command], environment, str(ROOT))


def main(number: str, *imports: str) -> None:
    for name in imports:
        importlib.import_module(name)
    # What is shared is nobody's garbage: looking for some would copy it into each process.
    gc.freeze()
    Parent(socket.socket(fileno=int(number))).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
