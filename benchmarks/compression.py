"""The effect of gzip on the legacy list, by compressor, level and network speed.

A slow network is simulated by a reader that waits until the bytes could have arrived. The client
decompresses, too.
"""

import time
import zlib
from collections.abc import Callable, Iterator

from isal import isal_zlib

from benchmarks import academy, many
from benchmarks.academy import Academy
from benchmarks.databases import Databases
from benchmarks.figures import Figure, Plan, Race, seconds
from benchmarks.my_leads import TARGET
from benchmarks.servers import Server, serve

SIZES = {10_000: 15, 300_000: 3}
LEVELS: dict[str, Callable[[bytes], bytes]] = {
    "zlib, level 6": lambda body: zlib.compress(body, 6),
    "zlib, level 3": lambda body: zlib.compress(body, 3),
    "zlib, level 1": lambda body: zlib.compress(body, 1),
    "ISA-L, level 0": lambda body: isal_zlib.compress(body, 0),
    "ISA-L, level 1": lambda body: isal_zlib.compress(body, 1),
    "ISA-L, level 3": lambda body: isal_zlib.compress(body, 3),
}
# In bits per second. The first one is loopback.
NETWORKS = {"loopback": 0.0, "1 Gbit/s": 1e9, "100 Mbit/s": 1e8, "20 Mbit/s": 2e7}
# How many times as long it may take compressed. On loopback there is no bound.
BOUNDS = {"1 Gbit/s": 1.1, "100 Mbit/s": 1.0, "20 Mbit/s": 1.0}
_PIECE = 64 << 10


def run(plan: Plan, databases: Databases) -> Iterator[Figure]:
    kind = plan.databases[0]
    for leads, rounds in SIZES.items():
        url = databases.create_with_tables(kind)
        size = plan.size(leads)
        made = academy.build(url, size) if leads < 100_000 else many.fill(url, size)
        for number, name in enumerate(plan.servers):
            with serve(name, url) as server:
                body = fetch(server, made, "identity", 0.0)
                if number == 0 and leads < 100_000:
                    yield from _levels(body, plan.rounds(rounds))
                for network, rate in NETWORKS.items():
                    race = Race()
                    for _ in range(plan.rounds(rounds)):
                        race.add(
                            seconds(lambda: fetch(server, made, "gzip", rate)),  # noqa: B023
                            seconds(lambda: fetch(server, made, "identity", rate)),  # noqa: B023
                        )
                    assert fetch(server, made, "gzip", 0.0) == body
                    what = f"{kind}, {name}, {size:,} leads, {network}"
                    yield race.figure(what, BOUNDS.get(network))
        databases.drop(url)


def _levels(body: bytes, rounds: int) -> Iterator[Figure]:
    for level, compress in LEVELS.items():
        taken = [seconds(lambda: compress(body)) for _ in range(rounds)]  # noqa: B023
        share = 100 * len(compress(body)) / len(body)
        what = f"{len(body) / 1e6:.1f} MB, {level}"
        yield Figure(f"{what}: time", 1e3 * sum(taken) / len(taken), "ms")
        yield Figure(f"{what}: size in percent", share, "")


def fetch(server: Server, made: Academy, encoding: str, rate: float) -> bytes:
    """Read a list at so many bits per second, and decompress it."""
    connection = server.connect(timeout=600)
    connection.request("GET", TARGET, headers=made.headers | {"Accept-Encoding": encoding})
    response = connection.getresponse()
    assert response.getheader("content-encoding", "identity") == encoding
    unpacker = zlib.decompressobj(wbits=31)
    pieces, came, started = [], 0, time.perf_counter()
    while piece := response.read(_PIECE):
        came += len(piece)
        pieces.append(unpacker.decompress(piece) if encoding == "gzip" else piece)
        if rate and (ahead := came * 8 / rate - (time.perf_counter() - started)) > 0:
            time.sleep(ahead)
    connection.close()
    return b"".join(pieces)
