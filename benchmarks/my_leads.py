"""`GET /leads/my_leads` over 10,000 leads: what the product adds to the driver and the encoder."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from backend.api.handle import Application
from backend.api.messages import Head
from benchmarks import academy, floors
from benchmarks.academy import Academy
from benchmarks.databases import Databases
from benchmarks.figures import Figure, Plan, Race
from benchmarks.servers import SERVERS, serve

LEADS = 10_000
BOUND = 2.0
ROUNDS = 50
TARGET = "/leads/my_leads"


def run(plan: Plan, databases: Databases) -> Iterator[Figure]:
    for kind in plan.databases:
        made = academy.build(databases.create(kind), plan.size(LEADS))
        with _application(made) as answer, floors.leads(made.url) as floor:
            expected = floor()
            yield _compare(plan, f"{kind}, in process", answer, floor, expected)
        for name in plan.servers:
            with serve(name, made.url) as ours, serve(SERVERS[name], made.url) as bare:
                yield _compare(
                    plan,
                    f"{kind}, {name}",
                    partial(ours.ask, "GET", TARGET, made.headers),
                    partial(bare.ask, "GET", TARGET, made.headers),
                    expected,
                )


@contextmanager
def _application(made: Academy) -> Iterator[Callable[[], bytes]]:
    """The product without a server: from the head of a request to the bytes of its answer."""
    app = Application(academy.settings_for(made.url))
    head = Head("GET", TARGET.encode(), b"", {"authorization": f"Bearer {made.token}"}, "")
    yield lambda: app.receive(head).answer().body
    app.close()


def _compare(
    plan: Plan,
    what: str,
    ours: Callable[[], bytes],
    floor: Callable[[], bytes],
    expected: bytes,
) -> Figure:
    for answer in (ours, floor):
        assert answer() == expected, f"{what}: the answers differ"
    race = Race()
    race.run(plan.rounds(ROUNDS), ours, floor)
    return race.figure(what, BOUND)
