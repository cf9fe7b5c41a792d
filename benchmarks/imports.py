"""Time and memory to plan and commit a CSV of 100,000 rows, with all checks.

One row in ten is a duplicate, a sibling, or for an unrecognised center. The same file is then sent
again, when nearly every row matches an existing lead.
"""

import csv
import io
from collections.abc import Iterator
from functools import partial

import orjson

from benchmarks import academy
from benchmarks.academy import Academy
from benchmarks.databases import Databases
from benchmarks.figures import Figure, Plan, seconds
from benchmarks.servers import Server, serve

ROWS = 100_000
# In microseconds: 20,000 rows per second.
BOUND = 50.0
BOUND_OF_MEMORY = 100.0


def run(plan: Plan, databases: Databases) -> Iterator[Figure]:
    rows = plan.size(ROWS)
    for kind in plan.databases:
        file = File(academy.build(databases.create_with_tables(kind)), rows)
        for name in plan.servers:
            # The import whose memory is measured is not timed, since measuring takes time.
            watched = databases.copy(file.made.url)
            with serve(name, watched) as server, server.watch() as memory:
                file.send(server)
            databases.drop(watched)
            ours = databases.copy(file.made.url)
            with serve(name, ours) as server:
                first, again = (seconds(partial(file.send, server)) for _ in range(2))
            databases.drop(ours)
            what = f"{kind}, {name}"
            yield Figure(f"{what}, a row", first / rows * 1e6, "µs", bound=BOUND)
            yield Figure(f"{what}, a repeated row", again / rows * 1e6, "µs", bound=BOUND)
            yield Figure(
                f"{what}, memory above idle", memory.above_idle, "MB", bound=BOUND_OF_MEMORY
            )


class File:
    """The spreadsheet as a request body."""

    def __init__(self, made: Academy, rows: int) -> None:
        self.made, self._rows = made, rows
        self._body, headers = academy.form("leads.csv", mixed(rows))
        self._headers = made.headers | headers

    def send(self, server: Server) -> None:
        planned = orjson.loads(server.ask("POST", "/imports/", self._headers, self._body))
        assert planned["rows_done"] == self._rows, planned
        target = f"/imports/{planned['id']}/commit"
        done = orjson.loads(server.ask("POST", target, self.made.headers))
        assert done["state"] == "committed", done
        assert sum(done["totals"].values()) == self._rows, done


def mixed(rows: int) -> bytes:
    """Return the academy's spreadsheet, with the usual problems in it."""
    read = csv.reader(io.StringIO(academy.spreadsheet(rows).decode(), newline=""))
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(next(read))
    before: list[str] = []
    for number, row in enumerate(read):
        created, name, age, _phone, email, address, center = row
        if number % 30 == 10:
            row = [created, before[1], age, before[3], email, address, center]
        elif number % 30 == 20:
            row = [created, f"{name} II", age, before[3], email, address, center]
        elif number % 30 == 29:
            row[-1] = f"TOFA Nowhere {number % 7}"
        writer.writerow(row)
        before = row
    return text.getvalue().encode()
