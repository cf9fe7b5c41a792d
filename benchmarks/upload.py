"""Time and memory to upload a CSV of 50,000 rows, compared with a bare insert of the same leads.

The floor puts the leads into a table with three indexes and no triggers, in one transaction. It
parses no CSV, converts no times, looks up no centers and no leads, and writes no history.
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
BOUND = 5.0
BOUND_OF_MEMORY = 150.0
ROUNDS = 5


def run(plan: Plan, databases: Databases) -> Iterator[Figure]:
    rows = plan.size(ROWS)
    for kind in plan.databases:
        file = File(academy.build(databases.create_with_tables(kind)), rows)
        for name in plan.servers:
            # The upload whose memory is measured is not timed, since measuring takes time.
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
    """The spreadsheet as a request body."""

    def __init__(self, made: Academy, rows: int) -> None:
        self.made, self._rows = made, rows
        self._body, headers = academy.form("leads.csv", academy.spreadsheet(rows))
        self._headers = made.headers | headers

    def send(self, server: Server) -> None:
        answer = server.ask("POST", "/leads/upload/", self._headers, self._body)
        assert orjson.loads(answer)["leads_added"] == self._rows, answer[:300]
