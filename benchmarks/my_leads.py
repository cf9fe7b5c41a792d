"""Time and memory of `GET /leads/my_leads`, compared with the driver and the encoder alone.

The time is for 10,000 leads, the memory for four clients at once with 300,000 leads each.
"""

import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

from backend.api.application import Application
from backend.api.messages import Head
from benchmarks import academy, floors, many
from benchmarks.academy import Academy
from benchmarks.databases import Databases
from benchmarks.figures import Figure, Plan, Race
from benchmarks.servers import SERVERS, Server, serve

LEADS = 10_000
BOUND = 1.5
ROUNDS = 50
LONG = 300_000
AT_ONCE = 4
ENCODINGS = ("identity", "gzip")
# In MB, above idle.
MEMORY = 150
TARGET = "/leads/my_leads"


def run(plan: Plan, databases: Databases) -> Iterator[Figure]:
    for kind in plan.databases:
        made = academy.build(databases.create_with_tables(kind), plan.size(LEADS))
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
        yield from _memory(plan, databases, kind)


def _memory(plan: Plan, databases: Databases, kind: str) -> Iterator[Figure]:
    """Measure four clients at once, at full size with a fresh server: requests leave memory."""
    url = databases.create_with_tables(kind)
    leads = plan.size(LONG)
    made = many.fill(url, leads)
    for name in plan.servers:
        title = f"{kind}, {name}, {AT_ONCE} × {leads:,} leads"
        for some in [[one] for one in ENCODINGS] if plan.share == 1 else [ENCODINGS]:
            with serve(name, url) as server:
                for encoding in some:
                    above_idle = _read_at_once(server, made, encoding, title)
                    what = f"{title}, {encoding}: memory above idle"
                    yield Figure(what, above_idle, "MB", bound=MEMORY)
    databases.drop(url)


def _read_at_once(server: Server, made: Academy, encoding: str, title: str) -> float:
    """Return the memory above idle, in MB."""
    read(server, made, encoding)
    with server.watch() as memory, ThreadPoolExecutor(AT_ONCE) as clients:
        asked = [clients.submit(read, server, made, encoding) for _ in range(AT_ONCE)]
    sizes = {client.result() for client in asked}
    assert len(sizes) == 1, f"{title}: the responses differ in length: {sizes}"
    return memory.above_idle


def read(server: Server, made: Academy, encoding: str) -> int:
    """Read a whole list without storing it. Return its number of bytes of JSON."""
    connection = server.connect()
    connection.request("GET", TARGET, headers=made.headers | {"Accept-Encoding": encoding})
    response = connection.getresponse()
    assert response.status == 200
    assert response.getheader("content-encoding", "identity") == encoding
    unpacker = zlib.decompressobj(wbits=31)
    length, end = 0, b""
    while piece := response.read(64 << 10):
        text = unpacker.decompress(piece) if encoding == "gzip" else piece
        length, end = length + len(text), text[-1:] or end
    connection.close()
    assert end == b"]"
    return length


@contextmanager
def _application(made: Academy) -> Iterator[Callable[[], bytes]]:
    """Return the product without a server: from the head of a request to the response's bytes."""
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
        assert answer() == expected, f"{what}: the responses differ"
    race = Race()
    race.run(plan.rounds(ROUNDS), ours, floor)
    return race.figure(what, BOUND)
