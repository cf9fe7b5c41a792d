"""A CSV of 50,000 rows, uploaded: beside a bulk insert of the same leads, and what memory it takes.

The floor puts the very rows that the product made into the same table with the same indexes. It
reads no CSV, knows no zone and no center, and writes no history.
"""

from collections.abc import Iterator
from functools import partial

import orjson

from benchmarks import academy, floors
from benchmarks.academy import Academy
from benchmarks.databases import Databases
from benchmarks.figures import Figure, Plan, Race
from benchmarks.servers import Server, serve

ROWS = 50_000
BOUND = 4.0
BOUND_OF_MEMORY = 150.0
ROUNDS = 5


def run(plan: Plan, databases: Databases) -> Iterator[Figure]:
    rows = plan.size(ROWS)
    for kind in plan.databases:
        file = File(academy.build(databases.create(kind)), rows)
        for name in plan.servers:
            # The upload whose memory is watched is not timed: to watch costs time.
            filled = databases.copy(file.made.url)
            with serve(name, filled) as server, server.watch() as memory:
                file.send(server)
            insert = floors.insert(filled)
            race = Race()
            for _ in range(plan.rounds(ROUNDS)):
                ours, bare = databases.copy(file.made.url), databases.copy(file.made.url)
                with serve(name, ours) as server:
                    race.run(1, partial(file.send, server), partial(insert, bare))
                databases.drop(ours)
                databases.drop(bare)
            yield race.figure(f"{kind}, {name}", BOUND)
            yield Figure(
                f"{kind}, {name}, memory above idle", memory.above_idle, "MB", bound=BOUND_OF_MEMORY
            )
            databases.drop(filled)


class File:
    """The spreadsheet, ready to be sent."""

    def __init__(self, made: Academy, rows: int) -> None:
        self.made, self._rows = made, rows
        self._body, headers = academy.form("leads.csv", academy.spreadsheet(rows))
        self._headers = made.headers | headers

    def send(self, server: Server) -> None:
        answer = server.ask("POST", "/leads/upload/", self._headers, self._body)
        assert orjson.loads(answer)["leads_added"] == self._rows, answer[:300]
