"""64 clients at once on one server process with one database connection. None may fail."""

import statistics
import threading
import time
from collections.abc import Iterator
from http.client import HTTPException
from urllib.parse import urlencode

from benchmarks import academy
from benchmarks.academy import Academy
from benchmarks.databases import Databases
from benchmarks.figures import Figure, Plan
from benchmarks.servers import Server, serve

CLIENTS = 64
# They are members of all centers: one person gets only so many lists at once.
PEOPLE = 8
TURNS = 3
LEADS = 1_000
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def run(plan: Plan, databases: Databases) -> Iterator[Figure]:
    for kind in plan.databases:
        made = academy.build(databases.create_with_tables(kind), plan.size(LEADS))
        for name in plan.servers:
            with serve(name, made.url, DB_POOL_SIZE="1") as server:
                crowd = Crowd(server, made, plan.size(CLIENTS), plan.size(LEADS))
                crowd.run()
            what, seconds = f"{kind}, {name}", crowd.seconds
            for fault in crowd.faults[:3]:
                print(f"{what}: {fault}")
            centiles = statistics.quantiles(seconds or [0.0, 0.0], n=100, method="inclusive")
            total = len(seconds) + len(crowd.faults)
            yield Figure(f"{what}, failed of {total}", len(crowd.faults), "", bound=0)
            yield Figure(f"{what}, median", centiles[49] * 1e3, "ms")
            yield Figure(f"{what}, p99", centiles[98] * 1e3, "ms")


class Crowd:
    """Clients that start together. Each sends one request after the other."""

    def __init__(self, server: Server, made: Academy, clients: int, leads: int) -> None:
        self.seconds: list[float] = []
        self.faults: list[str] = []
        self._server, self._leads = server, leads
        self._people = [
            academy.add_member(made.url, f"{server.port}.{number}@tofa.example", len(academy.TOWNS))
            for number in range(PEOPLE)
        ]
        self._start = threading.Barrier(clients)
        self._clients = clients

    def run(self) -> None:
        threads = [
            threading.Thread(target=self._client, args=(number,)) for number in range(self._clients)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _client(self, number: int) -> None:
        self._start.wait()
        for turn in range(TURNS):
            lead = (number * TURNS + turn) % self._leads + 1
            own = self._people[number % PEOPLE]
            self._ask("GET", "/leads/my_leads", own)
            self._ask("GET", "/centers/", own)
            self._ask("PUT", f"/leads/{lead}?status=Called&comment=turn+{turn}", own)
        if number % 8 == 0:
            login = urlencode({"username": academy.EMAIL, "password": academy.PASSWORD})
            self._ask("POST", "/token", FORM, login)

    def _ask(
        self, method: str, target: str, headers: dict[str, str], form: str | None = None
    ) -> None:
        connection = self._server.connect()
        started = time.perf_counter()
        try:
            connection.request(method, target, form, headers)
            response = connection.getresponse()
            body = response.read()
        except (OSError, HTTPException) as error:
            self.faults.append(f"{method} {target}: {error!r}")
            return
        finally:
            connection.close()
        if response.status == 200:
            self.seconds.append(time.perf_counter() - started)
        else:
            self.faults.append(f"{method} {target}: {response.status} {body[:200]!r}")
