"""What the open pages of 200 people cost that ask for new alerts every ten seconds.

Each page keeps its connection and asks in turn, for alerts that a person hasn't seen, of 100,000 in
all. The processor time of the server counts, not the wait: other load on the machine doesn't.
"""

from collections.abc import Iterator
from contextlib import closing

import psutil

from backend.core import times
from backend.core.database.bulk_insert import insert
from backend.core.db import Database
from benchmarks import academy
from benchmarks.databases import Databases
from benchmarks.figures import Figure, Plan
from benchmarks.servers import Server, serve

PAGES = 200
EVERY = 10.0
ALERTS = 100_000
REQUESTS = 4000
# Of a core, in percent.
BOUND = 10.0


def run(plan: Plan, databases: Databases) -> Iterator[Figure]:
    for kind in plan.databases:
        url = databases.create_with_tables(kind)
        made = academy.build(url)
        _fill(url, plan.size(ALERTS))
        for name in plan.servers:
            with serve(name, url) as server:
                used = _seconds_of(server, made.headers, plan.size(REQUESTS))
            share = 100 * used * PAGES / EVERY
            yield Figure(f"{kind}, {name}, {PAGES} pages: of a core", share, "%", bound=BOUND)
        databases.drop(url)


def _fill(url: str, alerts: int) -> None:
    now = times.now()
    with closing(Database(academy.settings_for(url).url)) as db, db.write() as session:
        rows = [(1, "missed_target", now, None if one % 100 == 0 else now) for one in range(alerts)]
        insert(session, "alert", ("user_id", "kind", "at", "seen_at"), rows)


def _seconds_of(server: Server, headers: dict[str, str], requests: int) -> float:
    """Return the processor time of one request, in seconds."""
    with closing(server.connect()) as connection:

        def ask() -> None:
            connection.request("GET", "/alerts/unseen", headers=headers)
            assert connection.getresponse().read().startswith(b'{"unseen":')

        for _ in range(min(requests, 200)):
            ask()
        before = _used(server)
        for _ in range(requests):
            ask()
    return (_used(server) - before) / requests


def _used(server: Server) -> float:
    used = psutil.Process(server.process.pid).cpu_times()
    return float(used.user + used.system)
