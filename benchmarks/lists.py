"""Response times of lists, searches, reports and the call queue.

Eight people work at once: team leads, and members of one or several centers. Each pauses for a
moment after a response. The same is measured with a tenth of the leads, since more leads must not
make it slow.
"""

import random
import statistics
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from itertools import chain

from benchmarks import academy, many
from benchmarks.databases import Databases
from benchmarks.figures import Figure, Plan
from benchmarks.servers import Server, serve

LEADS = {"sqlite": 200_000, "postgresql": 1_000_000}
# Requests per client, and the average pause after each, in seconds.
REQUESTS = 60
LOOKS = 0.25
# Differences below this aren't reported as slower, in milliseconds.
NOISE = 10.0

_YEAR_AGO = (datetime.now(UTC) - timedelta(days=364)).date()
# The requests, with the bound for the 95th percentile in milliseconds.
ASKED = {
    "a filtered page of 50": (50.0, (
        "/leads/?status=New&limit=50", "/leads/?status=Called,Joined&limit=50",
        "/leads/?center_id=3&limit=50", "/leads/?source=webhook&age_category=U9&limit=50",
        "/leads/?campaign=Campaign%207&limit=50", "/leads/?due=overdue&sort=due&limit=50",
        "/leads/?sort=-due&limit=50",
        "/leads/?created_from=2025-06-01&created_to=2025-06-30&limit=50",
        "/leads/?sort=created&status=Trial%20Scheduled&limit=50",
        # Filters that match few leads or none, and pages far from the start.
        "/leads/?source=hand", "/leads/?age_category=U17&status=Joined", "/leads/?test=yes",
        "/leads/?status=Joined&campaign=Campaign%207&age_category=U9", "/leads/?due=none",
        "/leads/?created_from=2020-01-01&created_to=2020-12-31", "/leads/?sort=created",
        "/leads/?reached=joined&test=no", "/leads/?center_id=3,7&source=meta",
        "/leads/?sort=name", "/leads/?sort=-name&status=Trial%20Scheduled", "/leads/?sort=status",
        "/leads/?sort=-status&center_id=3", "/leads/?sort=owner", "/leads/?repeat=yes",
        "/leads/?attempts_from=2&attempts_to=3", "/leads/?sort=last_call",
    )),
    "a search": (100.0, (
        "/leads/?q=zoya", "/leads/?q=khan77", "/leads/?q=zoya%20khan777", "/leads/?q=98765",
        "/leads/?q=4321098", "/leads/?q=kabir.bose55", "/leads/?q=nobody%20here", "/leads/?q=me",
        "/leads/?q=zoya&status=New", "/leads/?q=khan77&sort=due", "/leads/?q=meera&source=hand",
    )),
    "a report": (300.0, ("/reports/", "/reports/?center_id=3")),
    "a report on a year": (300.0, (f"/reports/?from={_YEAR_AGO}",)),
    "the call queue": (50.0, ("/leads/next",)),
}  # fmt: skip


# The people: how many clients, and how many centers each belongs to.
PEOPLE = {"team lead": (4, 0), "member of 1 center": (2, 1), "member of 3 centers": (2, 3)}
Headers = dict[str, str]


def run(plan: Plan, databases: Databases) -> Iterator[Figure]:
    for kind in plan.databases:
        leads = plan.size(LEADS[kind])
        small = _measure(plan, databases, kind, max(leads // 10, 100))
        large = _measure(plan, databases, kind, leads)
        for (name, what), found in large.items():
            title = f"{kind}, {name}, {what}"
            bound = ASKED[what][0]
            for who, taken in found.items():
                yield Figure(f"{title}, {who}: p95", _p95(taken), "ms", bound=bound)
            before, now = (
                max(_p95([*chain(*measured.values())]), NOISE)
                for measured in (small[name, what], found)
            )
            title = f"{title}, compared with a tenth of the leads"
            yield Figure(title, now / before, "times", bound=2.0)


# Response times, in milliseconds.
Taken = dict[str, list[float]]


def _measure(
    plan: Plan, databases: Databases, kind: str, leads: int
) -> dict[tuple[str, str], Taken]:
    url = databases.create_with_tables(kind)
    made = many.fill(url, leads)
    people = {
        who: made.headers
        if not centers
        else academy.add_member(url, f"member.{centers}@tofa.example", centers)
        for who, (_, centers) in PEOPLE.items()
    }
    found = {}
    for name in plan.servers:
        with serve(name, url) as server:
            for what, (_, targets) in ASKED.items():
                for target in targets:
                    server.ask("GET", target, made.headers)
                found[name, what] = _ask(server, targets, people, plan.rounds(REQUESTS))
    databases.drop(url)
    return found


def _ask(server: Server, targets: tuple[str, ...], people: dict[str, Headers], many: int) -> Taken:
    """Run all clients at once, each with so many requests."""
    taken: Taken = {who: [] for who in people}

    def work(who: str, seed: int) -> None:
        rng = random.Random(seed)
        connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        for _ in range(many):
            time.sleep(rng.expovariate(1 / LOOKS))
            started = time.perf_counter()
            connection.request("GET", rng.choice(targets), headers=people[who])
            answer = connection.getresponse()
            answer.read()
            taken[who].append((time.perf_counter() - started) * 1e3)
            assert answer.status == 200, answer.status
        connection.close()

    clients = [who for who, (clients, _) in PEOPLE.items() for _ in range(clients)]
    threads = [threading.Thread(target=work, args=(who, seed)) for seed, who in enumerate(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def _p95(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=20)[-1]
