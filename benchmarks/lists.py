"""What people wait for: a page of a list, a search, the figures, whom to call next.

Eight people are at work at once, each of whom looks at an answer for a moment before the next
question. The same is asked of a tenth of the leads: more leads must not make it slow.
"""

import random
import statistics
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection

from benchmarks import many
from benchmarks.databases import Databases
from benchmarks.figures import Figure, Plan
from benchmarks.servers import Server, serve

LEADS = {"sqlite": 200_000, "postgresql": 1_000_000}
CLIENTS = 8
# Of each client; and in seconds, how long it looks at an answer, on average.
REQUESTS = 60
LOOKS = 0.25
# What takes less than this is not called slower: in milliseconds.
NOISE = 10.0

# What is asked, and within how many milliseconds 95 of 100 are to be answered.
ASKED = {
    "a filtered page of 50": (50.0, (
        "/leads/?status=New&limit=50", "/leads/?status=Called,Joined&limit=50",
        "/leads/?center_id=3&limit=50", "/leads/?source=webhook&age_category=U9&limit=50",
        "/leads/?campaign=Campaign%207&limit=50", "/leads/?due=overdue&sort=due&limit=50",
        "/leads/?created_from=2025-06-01&created_to=2025-06-30&limit=50",
        "/leads/?sort=created&status=Trial%20Scheduled&limit=50",
    )),
    "a search": (100.0, (
        "/leads/?q=zoya", "/leads/?q=khan77", "/leads/?q=zoya%20khan777", "/leads/?q=98765",
        "/leads/?q=4321098", "/leads/?q=kabir.bose55", "/leads/?q=nobody%20here", "/leads/?q=me",
    )),
    "the figures": (300.0, ("/figures/", "/figures/?center_id=3")),
    "call next": (50.0, ("/leads/next",)),
}  # fmt: skip


def run(plan: Plan, databases: Databases) -> Iterator[Figure]:
    for kind in plan.databases:
        leads = plan.size(LEADS[kind])
        small = _measure(plan, databases, kind, max(leads // 10, 100))
        large = _measure(plan, databases, kind, leads)
        for (name, what), found in large.items():
            title = f"{kind}, {name}, {what}"
            yield Figure(f"{title}, 95 of 100 within", found, "ms", bound=ASKED[what][0])
            grown = max(found, NOISE) / max(small[name, what], NOISE)
            yield Figure(f"{title}, beside a tenth of the leads", grown, "times", bound=2.0)


def _measure(
    plan: Plan, databases: Databases, kind: str, leads: int
) -> dict[tuple[str, str], float]:
    url = databases.create(kind)
    made = many.fill(url, leads)
    found = {}
    for name in plan.servers:
        with serve(name, url) as server:
            for what, (_, targets) in ASKED.items():
                for target in targets:
                    server.ask("GET", target, made.headers)
                found[name, what] = _p95(server, targets, made.headers, plan.rounds(REQUESTS))
    databases.drop(url)
    return found


def _p95(server: Server, targets: tuple[str, ...], headers: dict[str, str], many: int) -> float:
    """Of all clients together, in milliseconds."""
    taken: list[float] = []

    def work(seed: int) -> None:
        rng = random.Random(seed)
        connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        for _ in range(many):
            time.sleep(rng.expovariate(1 / LOOKS))
            started = time.perf_counter()
            connection.request("GET", rng.choice(targets), headers=headers)
            answer = connection.getresponse()
            answer.read()
            taken.append((time.perf_counter() - started) * 1e3)
            assert answer.status == 200, answer.status
        connection.close()

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statistics.quantiles(taken, n=20)[-1] if len(taken) > 1 else taken[0]
