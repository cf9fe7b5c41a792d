"""A whole installation to test: a server, workers and a graph host, as processes to kill.

At the end, `check` verifies that the database has every acknowledged lead exactly once.
"""

import os
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException

from sqlalchemy import select, text
from sqlmodel import col

from backend.core.db import Database
from backend.core.settings import Settings
from backend.models import Delivery, DeliveryState, Lead
from benchmarks import academy, processes
from benchmarks.notifications import SECRET
from tests.graph_host import FIRST_LEAD

# The states that still need processing.
_LEFT = (DeliveryState.RECEIVED, DeliveryState.RETRYING)


@dataclass(frozen=True, slots=True)
class Faults:
    """The rates of faulty responses from the graph host, and how soon a claim expires."""

    hang: float = 0.001
    throttle: float = 0.01
    fail: float = 0.05
    # Whether a throttle names a time to wait; otherwise the installation has to guess one.
    names_time: bool = True
    # In seconds; None keeps the default.
    claim: float | None = None


@dataclass(slots=True)
class Process:
    """A process that can be killed and restarted. `port` is its current port."""

    command: Sequence[str]
    environment: dict[str, str]
    has_port: bool = True
    port: int = 0
    _running: processes.Process | None = None

    def start(self) -> None:
        self._running = processes.start(self.command, self.environment)
        if self.has_port:
            assert self._running.stdout is not None
            self.port = int(self._running.stdout.readline())

    def kill(self) -> None:
        """Kill the process with `kill -9`."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            processes.close(self._running)

    def wait_for_a_line(self) -> None:
        assert self._running is not None
        assert self._running.stdout is not None
        self._running.stdout.readline()

    def wait_until_ready(self) -> None:
        from benchmarks.servers import Server

        assert self._running is not None
        for _ in range(100):
            with suppress(OSError, AssertionError, HTTPException):
                Server(self.port, self._running).ask("GET", "/readyz")
                return
            time.sleep(0.1)
        raise TimeoutError("The server does not get ready.")


@dataclass(slots=True)
class Rig:
    """The processes of an installation that uses the database at `url`."""

    url: str
    host: Process
    server: Process
    workers: list[Process]
    kills: int = field(default=0)

    def kill_one(self, chance: random.Random) -> None:
        """Kill the server or a worker, and restart it."""
        victim = chance.choice([self.server, *self.workers])
        victim.kill()
        victim.start()
        self.kills += 1

    def wait_until_done(self, seconds: float) -> int:
        """Wait until everything is processed. Return how many deliveries are left in the end."""
        ends = time.monotonic() + seconds
        with closing(Database(academy.settings_for(self.url).url)) as db:
            while (left := _left(db)) and time.monotonic() < ends:
                time.sleep(0.2)
        return left


@contextmanager
def rig(name: str, url: str, faults: Faults, workers: int) -> Iterator[Rig]:
    """Run an installation with so many workers. FastAPI also works in the background itself."""
    with ExitStack() as stack:
        rates = [f"--{kind}={getattr(faults, kind)}" for kind in ("hang", "throttle", "fail")]
        if not faults.names_time:
            rates.append("--throttles-name-no-time")
        host = _started(stack, ["tests.graph_host", *rates], dict(os.environ))
        known = {setting.upper() for setting in Settings.model_fields}
        environment = {key: value for key, value in os.environ.items() if key not in known}
        environment |= academy.environment(url) | {
            "TOFA_ENV_FILE": os.devnull,
            "META_APP_SECRET": SECRET,
            "META_ACCESS_TOKEN": "EAAtoken-of-the-benchmarks",
            "META_GRAPH_URL": f"http://127.0.0.1:{host.port}",
            "BACKGROUND_WORK": "true" if name == "fastapi" and faults.claim is None else "false",
        }
        server = _started(stack, ["benchmarks.serve", name], environment)
        server.wait_until_ready()
        command = ["benchmarks.worker", *([str(faults.claim)] if faults.claim else [])]
        made = [_started(stack, command, environment, port=False) for _ in range(workers)]
        for worker in made:
            worker.wait_for_a_line()
        yield Rig(url, host, server, made)


def _started(
    stack: ExitStack, command: Sequence[str], environment: dict[str, str], port: bool = True
) -> Process:
    process = Process(command, environment, port)
    stack.callback(process.kill)
    process.start()
    return process


def _left(db: Database) -> int:
    with db.read() as session:
        query = select(col(Delivery.id)).where(col(Delivery.state).in_(_LEFT))
        return len(session.scalars(query).all())


def check(url: str, acknowledged: set[int]) -> list[str]:
    """Return what is wrong with the database, as sentences."""
    wrong = []
    with closing(Database(academy.settings_for(url).url)) as db, db.read() as session:
        connection = session.connection()
        query = select(col(Lead.leadgen_id)).where(col(Lead.leadgen_id).is_not(None))
        found = [int(id or 0) - FIRST_LEAD for id in session.scalars(query)]
        if lost := acknowledged - set(found):
            wrong.append(f"{len(lost)} acknowledged leads are missing: {sorted(lost)[:5]}")
        if len(found) != len(set(found)):
            wrong.append("A lead exists twice")
        for what, sql in _QUESTIONS.items():
            if (count := connection.execute(text(sql)).scalar()) != 0:
                wrong.append(f"{count} {what}")
    return wrong + unsound(url)


_QUESTIONS = {
    "phones have more than one lead": (
        "SELECT count(*) FROM (SELECT phone_key FROM lead WHERE phone_key IS NOT NULL"
        " GROUP BY phone_key HAVING count(*) > 1) AS many"
    ),
    "leads don't have exactly one event 'created'": (
        "SELECT count(*) FROM (SELECT lead.id FROM lead LEFT JOIN leadevent"
        " ON leadevent.lead_id = lead.id AND leadevent.kind = 'created'"
        " GROUP BY lead.id HAVING count(leadevent.id) <> 1) AS odd"
    ),
    "events are repeat enquiries": ("SELECT count(*) FROM leadevent WHERE kind = 'repeat_enquiry'"),
    "deliveries are not processed": "SELECT count(*) FROM delivery WHERE state <> 'processed'",
    "deliveries have the lead of another delivery": (
        "SELECT count(*) FROM delivery JOIN lead ON lead.id = delivery.lead_id"
        " WHERE delivery.leadgen_id <> lead.leadgen_id"
    ),
    "leads have no origin": (
        "SELECT count(*) FROM lead LEFT JOIN leadorigin ON leadorigin.lead_id = lead.id"
        " WHERE lead.leadgen_id IS NOT NULL AND leadorigin.lead_id IS NULL"
    ),
}


def unsound(url: str) -> list[str]:
    """Return what the database's own integrity checks report."""
    with closing(Database(academy.settings_for(url).url)) as db, db.engine.connect() as connection:
        if db.engine.name == "sqlite":
            said = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            return [*(line for line in said if line != "ok"), *map(str, broken)]
        # The indexes must contain the same rows as the tables.
        wrong = []
        for table in ("delivery", "lead", "leadevent"):
            counts = set()
            for by_index in ("on", "off"):
                connection.exec_driver_sql(f"SET LOCAL enable_indexscan = {by_index}")
                connection.exec_driver_sql(f"SET LOCAL enable_indexonlyscan = {by_index}")
                connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
                other = "off" if by_index == "on" else "on"
                connection.exec_driver_sql(f"SET LOCAL enable_seqscan = {other}")
                query = f"SELECT count(*) FROM (SELECT id FROM {table} ORDER BY id) AS ordered"
                counts.add(connection.exec_driver_sql(query).scalar())
            if len(counts) != 1:
                wrong.append(f"An index of {table} is corrupt: {counts}")
        return wrong
