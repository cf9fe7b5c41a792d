"""Storing deliveries, from several threads at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from backend.core.db import Database
from backend.core.intake import deliveries
from tests.core.intake.arrivals import all_deliveries
from tests.waiting import PATIENCE
from tests.world import World


@pytest.mark.parametrize("count", [3000])
def test_an_import_and_a_notification_of_the_same_leads(world: World, count: int) -> None:
    """Whatever the order in the file, there is no deadlock."""
    ids = [str(10**15 + number) for number in range(count)]
    both = Barrier(2)

    def put_aside(db: Database) -> None:
        found = [
            {"body": "{}", "center_text": "Mars", "leadgen_id": id, "form_id": None}
            for id in reversed(ids)
        ]
        with db.write() as session:
            both.wait(PATIENCE)
            deliveries.put_aside(session, found)

    def announce(db: Database) -> None:
        found = [{"source": "meta", "body": "{}", "leadgen_id": id} for id in ids]
        with db.read():
            both.wait(PATIENCE)
        with db.write() as session:
            deliveries.announce(session, found)

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(one, world.db) for one in (put_aside, announce)]:
            done.result(60)
    assert sorted(one.leadgen_id or "" for one in all_deliveries(world.db)) == ids
