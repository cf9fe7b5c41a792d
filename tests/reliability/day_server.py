"""Servers that share a clock which only a test moves: `python -m tests.reliability.day_server`.

It imports the product once. Each line that it reads is the number of a server: it kills the one
that it has by that number, with `kill -9`, starts another, and prints its port. Each time the
clock moves, a server does all the work that is due then, beside what it answers.
"""

import gc
import importlib
import json
import mmap
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from backend.api.application import Application
from backend.core import background, times
from backend.core.intake.meta import graph_client
from backend.core.jobs import JOBS, Work
from backend.core.settings import Settings
from tests.servers import ADAPTERS
from tests.waiting import wait_until
from tests.world import settings_for

ROOT = Path(__file__).resolve().parents[2]
# A Monday, 9:15 on the academy's clocks.
START = datetime(2026, 11, 2, 3, 45, tzinfo=UTC)
STEP = timedelta(minutes=15)
SERVERS = 2
# The jobs that a day depends on. None asks Meta for what was missed: nothing may be missed.
WORK = (
    *("alerts", "deliveries", "due follow-ups", "abandoned imports"),
    *("missed targets", "late follow-ups", "waiting leads", "stray leads"),
)


class Board:
    """The clock, as a number of steps, and how far each server is, in memory that they share."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._cells = memoryview(mmap.mmap(file.fileno(), 0)).cast("q")

    @classmethod
    def create(cls, path: Path) -> Self:
        path.write_bytes(bytes(8 * (1 + SERVERS)))
        return cls(path)

    @property
    def step(self) -> int:
        return self._cells[0]

    @step.setter
    def step(self, step: int) -> None:
        self._cells[0] = step

    def now(self) -> datetime:
        return moment(self.step)

    def tell(self, server: int, step: int) -> None:
        """Say that a server has done the work of a step."""
        self._cells[1 + server] = step

    def are_done(self) -> bool:
        """Return whether all servers have done the work of this step."""
        return all(self._cells[1 + server] == self.step for server in range(SERVERS))


def moment(step: int) -> datetime:
    """Return the time of a step (UTC)."""
    return START + step * STEP


@dataclass
class Servers:
    """The servers as a test has them: their ports, and a process that kills and starts them."""

    adapter: str
    given: dict[str, Any]
    board: Path
    ports: list[int] = field(default_factory=lambda: [0] * SERVERS)
    _process: "subprocess.Popen[str] | None" = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, self.adapter, json.dumps(self.given), str(self.board)],
            cwd=ROOT,
            env={**os.environ, "TOFA_ENV_FILE": os.devnull},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(SERVERS):
            self.restart(number)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.communicate()

    def restart(self, number: int) -> None:
        """Kill a server, if it runs, and start another."""
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{number}\n")
        self._process.stdin.flush()
        self.ports[number] = int(self._process.stdout.readline())


def main(adapter: str, given: str, path: str) -> None:
    settings, board = settings_for(**json.loads(given)), Board(Path(path))
    importlib.import_module(f"backend.{adapter}_app")
    gc.freeze()
    running: dict[int, int] = {}
    try:
        for line in sys.stdin:
            number = int(line)
            _kill(running.pop(number, None))
            running[number] = os.fork()
            if not running[number]:
                running.clear()
                _serve(adapter, settings, board, number)
    finally:
        for child in running.values():
            _kill(child)


def _kill(child: int | None) -> None:
    if child is not None:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _serve(adapter: str, settings: Settings, board: Board, number: int) -> None:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    times.now = board.now
    made = ADAPTERS[adapter]
    server, app = made.server(), made.make(settings)
    server.app = app
    api = _application(adapter, app)
    api.start()
    jobs = [job for job in JOBS if job.name in WORK]
    # One client for the day: each reads the machine's certificates again.
    work = Work(api.db, api.settings, graph_client.Client.of(api.settings))
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    done = -1
    while True:
        _wait_for_another(board, done)
        done = board.step
        schedule = background.Schedule(jobs, rests=False)
        while schedule.run_next(work):
            pass
        board.tell(number, done)


def _wait_for_another(board: Board, step: int) -> None:
    wait_until(lambda: board.step != step)


def _application(adapter: str, app: Any) -> Application:
    if adapter == "flask":
        api: Application = app.extensions["tofa"]
        return api
    from backend.fastapi_app import tofa

    return tofa(app)


if __name__ == "__main__":
    main(*sys.argv[1:])
