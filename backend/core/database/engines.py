"""The engines over SQLite and PostgreSQL: their pools, pragmas, and how a transaction begins.

On PostgreSQL the option `postgres_begin` is the statement that begins a transaction.
On SQLite a connection's execution options say how: `sqlite_begin` is the statement that begins a
transaction, empty where none is begun by itself; without `sqlite_wait` it doesn't wait for another
process that is writing, and fails at once.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from sqlite3 import SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL, OperationalError
from sqlite3 import Connection as SQLiteConnection
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.exc import OperationalError as DatabaseError
from sqlalchemy.pool import ConnectionPoolEntry

from backend.core.database import journal, limits
from backend.core.database.file_guard import FileGuard
from backend.core.database.write_queue import is_low_priority
from backend.core.errors import ConfigurationError

T = TypeVar("T")

# In seconds: how long a request waits for a free connection, and a writer for the one before it.
POOL_TIMEOUT = 30.0
SQLITE_BUSY_TIMEOUT = 30.0
# In seconds: how often a writer looks whether that of another process is done. One of low priority
# looks more rarely.
SQLITE_LOOK = 0.001
SQLITE_LOOK_LOW = 0.005
# In pages of 4 KB: how long the write-ahead log becomes before it is copied into the file. Most of
# what small writes change are the same pages again and again.
SQLITE_CHECKPOINT = 4000
# In KiB: the page cache of a connection, and while it writes much. Each lead is in many indexes,
# and pages that don't fit are written twice.
SQLITE_CACHE = 2000
SQLITE_LARGE_CACHE = 16_000
# In seconds: how long a connection to PostgreSQL counts as working without being asked.
POSTGRES_MOMENT = 1.0

# What SQLite says while another process holds the file for a moment.
_HELD = (SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL)

# The option of an address by which the settings choose the journal.
JOURNAL = "journal"

# The options of a connection that is going to write.
WRITES: dict[str, Any] = {"sqlite_begin": "BEGIN IMMEDIATE", "sqlite_wait": False}
# The options of a connection that only reads PostgreSQL: one snapshot.
READS_POSTGRES: dict[str, Any] = {
    "postgres_begin": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
}


def open_engine(
    url: URL, pool_size: int, guard: FileGuard | None, kinds: limits.Kinds | None = None
) -> Engine:
    """Return the engine of a database. Raises `ConfigurationError` for SQLite in memory.

    `kinds` are the limits on PostgreSQL, for each kind of work.

    On SQLite, the `guard` is asked before a connection is opened or used; PostgreSQL has none.
    """
    return _postgres(url, pool_size, kinds) if guard is None else _sqlite(url, pool_size, guard)


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _sqlite(url: URL, pool_size: int, guard: FileGuard) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise ConfigurationError(
            "DATABASE_URL needs a file: a SQLite database in memory is gone with its connection."
        )
    chosen = str(url.query.get(JOURNAL, ""))
    engine = create_engine(
        url.set(query={}),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT,
        hide_parameters=True,  # people's names and phones have no place in a log
        connect_args={"timeout": SQLITE_BUSY_TIMEOUT, "check_same_thread": False},
    )

    @event.listens_for(engine, "do_connect")
    def _before_opening(*_given: object) -> None:
        # Opening a file that is gone would create an empty one.
        guard.check()
        guard.make()

    @event.listens_for(engine, "checkout")
    def _before_use(*_given: object) -> None:
        guard.check()

    @event.listens_for(engine, "connect")
    def _configure(connection: SQLiteConnection, _record: object) -> None:
        connection.isolation_level = None  # the driver would begin too late: see `_begin`
        _use_journal(connection, journal.mode(url.database or "", chosen))
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {SQLITE_CHECKPOINT}")
        connection.execute("PRAGMA foreign_keys = ON")
        # Only now there is the log.
        guard.remember()

    @event.listens_for(engine, "close")
    def _before_closing(*_given: object) -> None:
        guard.closing()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        statement = options.get("sqlite_begin", "BEGIN")
        if not statement:
            return
        if options.get("sqlite_wait", True):
            connection.exec_driver_sql(statement)
        else:
            _begin_at_once(connection, statement)

    return engine


@contextmanager
def large_cache(connection: Connection) -> Iterator[None]:
    """Let a large write keep the pages that it changes in memory, instead of writing them twice."""
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(f"PRAGMA cache_size = -{SQLITE_LARGE_CACHE}")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA cache_size = -{SQLITE_CACHE}")


def _use_journal(connection: SQLiteConnection, mode: str) -> None:
    """Set the journal's mode. The file keeps whether that is a write-ahead log.

    The first process to open a file changes it, and must be alone with it for that moment: SQLite
    tells the others at once that it is locked, whatever their busy timeout.
    """
    ends = time.monotonic() + SQLITE_BUSY_TIMEOUT
    while True:
        try:
            connection.execute(f"PRAGMA journal_mode = {mode}")
        except OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _HELD or time.monotonic() > ends:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_at_once(connection: Connection, begin: str) -> None:
    """Begin, or say at once that another process is writing.

    Left to wait by itself, SQLite looks more and more rarely, and a writer starves beside others
    that follow one another closely.
    """
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        driver.execute(begin)
    except OperationalError as error:
        raise DBAPIError.instance(begin, None, error, OperationalError) from error
    finally:
        driver.execute(f"PRAGMA busy_timeout = {int(SQLITE_BUSY_TIMEOUT * 1000)}")


def when_free(begin: Callable[[], T]) -> T:
    """Return what `begin` returns, as soon as no other process is writing."""
    look = SQLITE_LOOK_LOW if is_low_priority() else SQLITE_LOOK
    ends = time.monotonic() + SQLITE_BUSY_TIMEOUT
    while True:
        try:
            return begin()
        except DatabaseError as error:
            if not _is_busy(error) or time.monotonic() > ends:
                raise
        time.sleep(look)


def _is_busy(error: DatabaseError) -> bool:
    return getattr(error.orig, "sqlite_errorcode", None) == SQLITE_BUSY


# What only reads. A `WITH` that has one of the other words anywhere counts as a write.
_READS = re.compile(
    r"\s*(SELECT|VALUES|EXPLAIN|PRAGMA|BEGIN|WITH(?!.*\b(INSERT|UPDATE|DELETE|REPLACE)\b))\b",
    re.IGNORECASE | re.DOTALL,
)


def for_scripts(engine: Engine) -> Engine:
    """Return the engine as scripts get it. On SQLite a transaction begins at the first write only.

    So a session that a script keeps open for reading blocks no one, and each of its reads sees
    what is there by then, as on PostgreSQL.
    """
    if engine.dialect.name != "sqlite":
        return engine.execution_options(of_a_script=True)
    scripts = engine.execution_options(sqlite_begin="", of_a_script=True)

    @event.listens_for(scripts, "before_cursor_execute")
    def _begin_before_a_write(
        connection: Connection, _cursor: object, statement: str, *_others: object
    ) -> None:
        if connection.get_execution_options().get("sqlite_begin") or _READS.match(statement):
            return
        driver = connection.connection.driver_connection
        assert driver is not None
        if not driver.in_transaction:
            when_free(partial(_begin_at_once, connection, "BEGIN IMMEDIATE"))

    return scripts


def _postgres(url: URL, pool_size: int, kinds: limits.Kinds | None) -> Engine:
    engine = create_engine(
        url,
        # The driver begins nothing by itself: see `_begin`.
        isolation_level="AUTOCOMMIT",
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT,
        hide_parameters=True,
        # Prepared statements belong to a connection, and PgBouncer changes that at any time.
        connect_args={"prepare_threshold": None},
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        """Begin, and set the limits, in one round trip."""
        options = connection.get_execution_options()
        if options.get("isolation_level") != "AUTOCOMMIT":
            begin = options.get("postgres_begin", "BEGIN")
            statement = "; ".join((begin, *limits.settings_now(kinds)))
            # Without parameters several statements are possible.
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})

    @event.listens_for(engine, "checkin")
    def _leave(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["left"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _check(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        """Ask whether the connection still works, unless it did a moment ago: it costs a trip."""
        left = record.info.get("left")
        if left is not None and time.monotonic() - left > POSTGRES_MOMENT:
            try:
                engine.dialect.do_ping(connection)
            except connection.Error as error:
                raise InvalidatePoolError from error

    return engine
