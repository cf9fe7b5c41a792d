"""Waits for a condition, so that no test sleeps for a while and hopes.

The only place in the tests that reads a clock: `PATIENCE` ends what hangs, and measures nothing.
"""

import time
from collections.abc import Callable

from sqlalchemy import text

from backend.core.db import Database

# In seconds. Generous: a slow machine that does much else must not fail a test.
PATIENCE = 120.0
# In seconds: how often it is looked.
LOOK = 0.005

# Of the database that is asked: sessions that wait for a lock that another one has.
_BLOCKED = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND backend_type = 'client backend' AND wait_event_type = 'Lock'"
)


def is_soon(done: Callable[[], object], patience: float = PATIENCE) -> bool:
    """Return True once `done()` is true, or False when it takes longer than `patience`."""
    ends = time.monotonic() + patience
    while not done():
        if time.monotonic() > ends:
            return False
        time.sleep(LOOK)
    return True


def wait_until(done: Callable[[], object], patience: float = PATIENCE) -> None:
    """Return once `done()` is true. Raises AssertionError when it takes longer than `patience`."""
    assert is_soon(done, patience), f"still not so after {patience:.0f} s"


def check_it_waits(db: Database, go: Callable[[], object], done: Callable[[], object]) -> None:
    """Call `go`, which lets another thread write, and check that it waits for this one.

    On SQLite it waits in the queue of this process; of PostgreSQL, the database says who waits.
    """
    go()
    if db.queue is not None:
        queue = db.queue
        wait_until(lambda: done() or queue.waiting)
    else:
        with db.engine.connect() as connection:
            autocommit = connection.execution_options(isolation_level="AUTOCOMMIT")
            wait_until(lambda: done() or autocommit.execute(_BLOCKED).scalar())
    assert not done(), "it did not wait"
