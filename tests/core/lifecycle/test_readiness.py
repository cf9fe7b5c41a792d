"""Whether a database is usable: it can be read, and written."""

from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from backend.core.database.faults import Fault, fault_of
from backend.core.db import Database
from backend.core.errors import NotReady
from backend.core.lifecycle import readiness
from tests.world import World


def ready(world: World) -> str:
    """Return what a process says that has written nothing yet."""
    db = Database(world.db.url)
    try:
        return readiness.ready(db)["status"]
    except NotReady as error:
        return error.detail
    finally:
        db.close()


def test_a_database_that_can_be_written(world: World) -> None:
    assert ready(world) == "ready"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_that_can_only_be_read(world: World) -> None:
    db = Database(world.db.url)
    event.listen(db.engine, "connect", lambda made, _: made.execute("PRAGMA query_only = ON"))
    with pytest.raises(NotReady) as told:
        readiness.ready(db)
    assert told.value.detail == Fault.READ_ONLY
    db.close()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_a_replica_answers(world: World) -> None:
    with world.db.write() as session:
        session.connection().exec_driver_sql("SET TRANSACTION READ ONLY")
        with pytest.raises(DBAPIError) as refused:
            session.connection().exec_driver_sql("DELETE FROM ratecount")
    assert fault_of(refused.value) is Fault.READ_ONLY


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_damaged_file(world: World) -> None:
    assert world.db.url.database
    world.db.close()
    with Path(world.db.url.database).open("r+b") as file:
        file.write(b"no database" * 100)
    assert ready(world) == Fault.DAMAGED


def test_a_write_of_a_moment_ago_is_enough(world: World) -> None:
    with world.db.write():
        pass
    event.listen(world.db.engine, "connect", lambda *_: pytest.fail("it was opened"))
    wrote = world.db.written_at
    assert readiness.ready(world.db)["status"] == "ready"
    assert world.db.written_at == wrote
