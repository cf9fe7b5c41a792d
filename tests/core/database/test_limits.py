"""On PostgreSQL nothing waits for a lock or runs for longer than its kind of work may."""

from collections.abc import Callable
from contextlib import closing

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from backend.core.database.faults import is_over_limit
from backend.core.database.limits import Kinds, long_work, unlimited
from backend.core.db import Database, low_priority
from tests.world import World, settings_for

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

SHOWN = text("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")


def shown(db: Database) -> tuple[str, str]:
    with db.write() as session:
        lock, statement = session.connection().execute(SHOWN).one()
    return lock, statement


def test_each_kind_of_work_has_its_limits(world: World) -> None:
    settings = settings_for(
        world.settings.database_url, db_lock_seconds=3, db_statement_seconds=40, db_job_seconds=500
    )
    with closing(Database(settings.url, 1, Kinds.of(settings))) as db:
        assert shown(db) == ("3s", "40s")
        with long_work():
            assert shown(db) == ("30s", "500s")
        with low_priority():
            assert shown(db) == ("30s", "500s")
        with unlimited():
            assert shown(db) == ("0", "0")
        with db.read() as session:
            assert tuple(session.connection().execute(SHOWN).one()) == ("3s", "40s")
            level = session.connection().scalar(text("SHOW transaction_isolation"))
            assert level == "repeatable read"
        # They end with the transaction: a pooler gives the connection to others.
        with db.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            connection.rollback()
            assert driver.execute("SHOW lock_timeout").fetchone() == ("0",)


def test_what_is_sent_at_once_has_them_too(world: World) -> None:
    settings = settings_for(world.settings.database_url, db_lock_seconds=3)

    def put(send: Callable[..., list[list[tuple[str]]]], items: object) -> list[str]:
        ((found,),) = send([("SELECT current_setting('lock_timeout')", ())])
        return [found[0]]

    with closing(Database(settings.url, 1, Kinds.of(settings))) as db:
        assert db.send_together(put, None) == "3s"


def test_a_statement_that_runs_too_long(world: World) -> None:
    settings = settings_for(world.settings.database_url, db_statement_seconds=0.05)
    with closing(Database(settings.url, 1, Kinds.of(settings))) as db:
        with pytest.raises(OperationalError) as caught, db.read() as session:
            session.connection().execute(text("SELECT pg_sleep(60)"))
        assert is_over_limit(caught.value)
        assert shown(db)[1] == "50ms"
