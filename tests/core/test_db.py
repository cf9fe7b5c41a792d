"""Units of work: one snapshot to read, one transaction to write, all of it or nothing."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, nullcontext
from pathlib import Path
from sqlite3 import Cursor
from types import SimpleNamespace

import pytest
from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError

from backend.core.database import engines
from backend.core.db import Database, low_priority
from backend.core.errors import Busy, ConfigurationError
from backend.models import Center
from tests.waiting import PATIENCE, wait_until
from tests.world import TELLAPUR, World

sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
postgresql_only = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def name(world: World) -> str:
    with world.db.read() as session:
        return session.get_one(Center, TELLAPUR).display_name


def rename(db: Database, name: str) -> None:
    with db.write() as session:
        session.get_one(Center, TELLAPUR).display_name = name


def test_a_write_is_there_afterwards(world: World) -> None:
    rename(world.db, "New")
    assert name(world) == "New"


def test_an_error_rolls_everything_back(world: World) -> None:
    def fail() -> None:
        with world.db.write() as session:
            session.get_one(Center, TELLAPUR).display_name = "New"
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert name(world) == "Tellapur"
    rename(world.db, "The next one works")


def test_what_is_written_while_reading_is_dropped(world: World) -> None:
    with world.db.read() as session:
        session.get_one(Center, TELLAPUR).display_name = "New"
    assert name(world) == "Tellapur"


@postgresql_only
def test_a_reader_can_not_write(world: World) -> None:
    with world.db.read() as session:
        session.get_one(Center, TELLAPUR).display_name = "New"
        with pytest.raises(DBAPIError, match="read-only transaction"):
            session.flush()
    rename(world.db, "The same connection writes again")


def test_a_reader_sees_one_snapshot(world: World) -> None:
    with world.db.read() as session:
        query = text("SELECT display_name FROM center WHERE id = 1")
        before = session.connection().scalar(query)
        rename(world.db, "New")
        assert session.connection().scalar(query) == before == "Tellapur"
    assert name(world) == "New"


def test_a_reader_does_not_wait_for_a_writer(world: World) -> None:
    with world.db.write() as session:
        session.get_one(Center, TELLAPUR).display_name = "New"
        session.flush()
        assert name(world) == "Tellapur"
    assert name(world) == "New"


def test_objects_can_be_used_afterwards(world: World) -> None:
    with world.db.write() as session:
        center = session.get_one(Center, TELLAPUR)
        center.city = "Pune"
    assert (center.city, center.display_name) == ("Pune", "Tellapur")


@sqlite_only
def test_writers_come_one_after_the_other(world: World) -> None:
    """What one has read is still so when it writes: no count is lost."""
    rename(world.db, "0")
    queue = world.db.queue
    assert queue is not None
    finished: list[int] = []

    def count(thread: int) -> None:
        for _ in range(10):
            with world.db.write() as session:
                center = session.get_one(Center, TELLAPUR)
                # Keep the turn until another one waits for it, if there is one left.
                wait_until(lambda: queue.waiting or len(finished) == 3)
                center.display_name = str(int(center.display_name) + 1)
        finished.append(thread)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(4)))
    assert name(world) == "40"


@sqlite_only
def test_a_writer_does_not_wait_for_ever(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.core.database.engines.SQLITE_BUSY_TIMEOUT", 0.05)
    other = Database(world.db.url)
    with world.db.write(), pytest.raises(OperationalError, match="locked"), other.write():
        pass
    rename(other, "New")
    other.close()


@sqlite_only
@pytest.mark.parametrize("low", [False, True])
def test_a_writer_does_not_starve(world: World, monkeypatch: pytest.MonkeyPatch, low: bool) -> None:
    """However long another process writes, it looks as often as at first, and takes the turn.

    Left to wait by itself, SQLite looks more and more rarely, and others always come first.
    """
    looks = 1000
    slept: list[float] = []
    other = Database(world.settings.url)

    @event.listens_for(world.db.engine, "before_cursor_execute")
    def check_that_sqlite_does_not_wait(
        _connection: Connection, cursor: Cursor, statement: str, *_others: object
    ) -> None:
        if statement == "BEGIN IMMEDIATE":
            assert cursor.connection.execute("PRAGMA busy_timeout").fetchone() == (0,)

    with ExitStack() as turn:
        turn.enter_context(other.write())

        def sleep(seconds: float) -> None:
            slept.append(seconds)
            if len(slept) == looks:
                turn.close()

        clock = SimpleNamespace(monotonic=lambda: sum(slept), sleep=sleep)
        monkeypatch.setattr(engines, "time", clock)
        with low_priority() if low else nullcontext(), world.db.write():
            pass
    assert slept == [engines.SQLITE_LOOK_LOW if low else engines.SQLITE_LOOK] * looks
    rename(other, "New")
    other.close()


@sqlite_only
def test_how_sqlite_is_set_up(world: World) -> None:
    with world.db.write() as session:
        pragmas = {
            pragma: session.connection().exec_driver_sql(f"PRAGMA {pragma}").scalar()
            for pragma in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000,
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["read", "write"])
def test_no_free_connection(world: World, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """A second unit of work in the thread that holds the only connection waits for itself."""
    monkeypatch.setattr("backend.core.database.engines.POOL_TIMEOUT", 0.05)
    db = Database(world.db.url, pool_size=1)
    with db.read(), pytest.raises(Busy) as refusal, getattr(db, kind)():
        pass
    assert (refusal.value.status, refusal.value.headers) == (503, {"retry-after": "2"})
    with getattr(db, kind)():
        pass
    db.close()


def test_a_waiting_request_gets_the_connection(world: World) -> None:
    db = Database(world.db.url, pool_size=1)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with db.read():
            held.set()
            done.wait(PATIENCE)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(PATIENCE)
    threading.Timer(0.05, done.set).start()
    rename(db, "New")
    thread.join()
    db.close()
    assert name(world) == "New"


def test_opening_connects_to_nothing(tmp_path: Path) -> None:
    Database(make_url(f"sqlite:///{tmp_path}/tofa.db"))
    assert list(tmp_path.iterdir()) == []
    Database(make_url("postgresql+psycopg://nobody@127.0.0.1:1/nowhere"))


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory(url: str) -> None:
    with pytest.raises(ConfigurationError, match="needs a file"):
        Database(make_url(url))


def test_an_error_names_no_people(world: World) -> None:
    """It goes into the log, with the statement and without what was in it."""
    insert = text("INSERT INTO lead (player_name, phone, no_such_column) VALUES (:name, :phone, 1)")
    with pytest.raises(DBAPIError) as raised, world.db.write() as session:
        session.connection().execute(insert, {"name": "Zoë Khan", "phone": "9848000001"})
    assert "INSERT INTO lead" in str(raised.value)
    assert "Khan" not in str(raised.value)
    assert "9848000001" not in str(raised.value)


@postgresql_only
@pytest.mark.parametrize("moment", [0.0, 60.0])
def test_a_connection_that_is_gone(
    world: World, monkeypatch: pytest.MonkeyPatch, moment: float
) -> None:
    """It is found by asking; one that was used a moment ago fails its caller, and then is gone."""
    monkeypatch.setattr(engines, "POSTGRES_MOMENT", moment)
    with world.db.read() as session:
        own = session.scalar(text("SELECT pg_backend_pid()"))
    with closing(Database(world.settings.url)) as other, other.write() as session:
        session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": own})
    if moment:
        with pytest.raises(OperationalError), world.db.read() as session:
            session.scalar(text("SELECT 1"))
    with world.db.read() as session:
        assert session.scalar(text("SELECT 1")) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_has_connections_of_its_own(world: World) -> None:
    """A server may fork when its app is loaded, and a connection in use."""

    def own_connections() -> set[int]:
        with world.db.engine.connect() as connection:
            return {id(connection.connection.driver_connection)}

    before = own_connections()
    child = os.fork()
    if child == 0:
        os._exit(int(before == own_connections()))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert own_connections() == before
