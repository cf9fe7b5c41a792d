"""Small requests next to large jobs: how long they wait for eight uploads and ten exports.

The uploads have 10,000 rows each; the exports have 40,000 leads, half of them as .csv and half as
.xlsx. A job that gets no slot (503) is sent again after the time in the response. In the meantime
forms send leads to the webhook, and people request the centers and their next lead.
"""

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPException

from benchmarks import academy
from benchmarks.academy import Academy
from benchmarks.databases import Databases
from benchmarks.figures import Figure, Plan
from benchmarks.servers import Server, serve

LEADS = 40_000
ROWS = 10_000
UPLOADS = 8
EXPORTS = 10
# Bounds for the 99th percentile, in milliseconds.
WEBHOOK = {"sqlite": 500.0, "postgresql": 200.0}
OTHERS = 300.0
# How long a client pauses between two requests, in seconds.
PAUSE = 0.02
TOKEN = "sesame"


def run(plan: Plan, databases: Databases) -> Iterator[Figure]:
    for kind in plan.databases:
        leads, rows = plan.size(LEADS), plan.size(ROWS)
        made = academy.build(databases.create_with_tables(kind), leads)
        files = [academy.spreadsheet(rows, leads + number * rows) for number in range(UPLOADS)]
        for name in plan.servers:
            url = databases.copy(made.url)
            with serve(name, url, WEBHOOK_TOKEN=TOKEN) as server:
                rush = Rush(server, made)
                seconds = rush.run(files)
            databases.drop(url)
            yield from _figures(f"{kind}, {name}", rush, seconds, WEBHOOK[kind])


def _figures(what: str, rush: "Rush", seconds: float, webhook: float) -> Iterator[Figure]:
    for fault in rush.faults[:5]:
        print(f"{what}: {fault}")
    yield Figure(f"{what}, all jobs done in", seconds, "s")
    yield Figure(f"{what}, jobs refused with 503", rush.refused, "")
    yield Figure(f"{what}, failed", len(rush.faults), "", bound=0)
    for asked, times in rush.seconds.items():
        bound = webhook if asked == "webhook" else OTHERS
        centiles = statistics.quantiles(times or [0.0, 0.0], n=100, method="inclusive")
        yield Figure(f"{what}, {asked}: median", centiles[49] * 1e3, "ms")
        yield Figure(f"{what}, {asked}: p99", centiles[98] * 1e3, "ms", bound=bound)
        yield Figure(f"{what}, {asked}: slowest", max(times or [0.0]) * 1e3, "ms")


@dataclass
class Rush:
    """The large jobs and the small requests. `seconds` has the time of each small request."""

    server: Server
    made: Academy
    seconds: dict[str, list[float]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    refused: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    def run(self, files: list[bytes]) -> float:
        """Run all jobs. Return how long they took, in seconds."""
        small = [
            threading.Thread(target=self._ask_again_and_again, args=(name, ask))
            for name, ask in self._small().items()
        ]
        jobs = [threading.Thread(target=self._upload, args=(file,)) for file in files]
        jobs += [threading.Thread(target=self._export, args=(n,)) for n in range(EXPORTS)]
        started = time.perf_counter()
        for thread in (*small, *jobs):
            thread.start()
        for thread in jobs:
            thread.join()
        took = time.perf_counter() - started
        self._over.set()
        for thread in small:
            thread.join()
        return took

    def _small(self) -> dict[str, Callable[[int], int]]:
        headers = {"Content-Type": "application/json", "X-Webhook-Token": TOKEN}
        return {
            "webhook": lambda n: self._send(
                "POST", "/leads/meta-webhook/", headers, academy.flat_lead(n)
            )[0],
            "next lead": lambda _: self._send("GET", "/leads/next", self.made.headers)[0],
            "centers": lambda _: self._send("GET", "/centers/", {})[0],
        }

    def _ask_again_and_again(self, name: str, ask: Callable[[int], int]) -> None:
        times = self.seconds[name] = []
        number = 0
        while not self._over.is_set():
            started = time.perf_counter()
            status = ask(number)
            times.append(time.perf_counter() - started)
            if status != 200:
                self.faults.append(f"{name}: {status}")
            number += 1
            time.sleep(PAUSE)

    def _upload(self, file: bytes) -> None:
        body, headers = academy.form("leads.csv", file)
        self._job("POST", "/leads/upload/", self.made.headers | headers, body)

    def _export(self, number: int) -> None:
        ending = "csv" if number % 2 else "xlsx"
        self._job("GET", f"/leads/export.{ending}", self.made.headers)

    def _job(
        self, method: str, target: str, headers: dict[str, str], body: bytes | None = None
    ) -> None:
        while True:
            status, wait = self._send(method, target, headers, body)
            if status != 503:
                break
            self.refused += 1
            time.sleep(wait)
        if status != 200:
            self.faults.append(f"{method} {target}: {status}")

    def _send(
        self, method: str, target: str, headers: dict[str, str], body: bytes | None = None
    ) -> tuple[int, float]:
        """Return the status (0 for no response), and the seconds of `Retry-After`."""
        connection = self.server.connect(timeout=600)
        try:
            connection.request(method, target, body, headers)
            response = connection.getresponse()
            response.read()
            return response.status, float(response.headers.get("Retry-After") or 1)
        except (OSError, HTTPException) as error:
            self.faults.append(f"{method} {target}: {error!r}")
            return 0, 0
        finally:
            connection.close()
