"""The database, and units of work over it.

A unit of work is one transaction. `read()` sees one snapshot and can't write; `write()` commits at
its end, or rolls everything back when an error leaves it. Core functions take the session of a
unit of work and never commit.

A thread that holds a unit of work must not open a second one: with a pool of one connection it
would wait for itself.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Connection as SQLiteConnection
from sqlite3 import OperationalError

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

from backend.core.errors import Busy, ConfigurationError

# In seconds: how long a request waits for a free connection, and a writer for the one before it.
POOL_TIMEOUT = 30.0
SQLITE_BUSY_TIMEOUT = 30.0


class Database:
    """An engine, and the two kinds of units of work. Opening it connects to nothing yet."""

    def __init__(self, url: URL, pool_size: int = 5) -> None:
        self.url = url
        self.engine = _sqlite(url, pool_size) if self.is_sqlite(url) else _postgres(url, pool_size)
        reader = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reader = self.engine.execution_options(**({} if self.is_sqlite(url) else reader))
        self._writer = self.engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")

    @staticmethod
    def is_sqlite(url: URL) -> bool:
        return url.get_backend_name() == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A unit of work that only reads. Raises `Busy` when no connection comes free."""
        with _unit(self._reader) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A unit of work that is committed at its end. Raises `Busy` as `read` does.

        On SQLite it waits for the other writers before it reads anything, so that what it has
        read is still so when it writes.
        """
        with _unit(self._writer) as session:
            yield session
            session.commit()

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def _unit(engine: Engine) -> Iterator[Session]:
    with Session(engine, expire_on_commit=False) as session:
        try:
            session.connection()
        except PoolTimeout as error:
            raise Busy from error
        yield session


def _sqlite(url: URL, pool_size: int) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise ConfigurationError(
            "DATABASE_URL needs a file: a SQLite database in memory is gone with its connection."
        )
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT,
        connect_args={"timeout": SQLITE_BUSY_TIMEOUT, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: SQLiteConnection, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is ours, below: the driver's comes too late
        _use_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))

    return engine


def _use_wal(connection: SQLiteConnection) -> None:
    """Sets the journal's mode, which the file keeps.

    The first to open a file changes it, and for that moment must be alone with it: SQLite tells
    the others at once that it is locked, whatever their busy timeout.
    """
    ends = time.monotonic() + SQLITE_BUSY_TIMEOUT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except OperationalError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.01)
        else:
            return


def _postgres(url: URL, pool_size: int) -> Engine:
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT,
        pool_pre_ping=True,
        # Prepared statements belong to a connection, and behind PgBouncer there is no such thing.
        connect_args={"prepare_threshold": None},
    )
