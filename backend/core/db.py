"""The database, and units of work over it.

A unit of work is one transaction. `read()` sees one snapshot and can't write; `write()` commits at
its end, or rolls everything back when an error leaves it. Core functions take the session of a
unit of work and never commit.

A thread that holds a unit of work must not open a second one: with a pool of one connection it
would wait for itself. One that waits for its turn to write holds no connection.

Scripts keep a session for as long as they run: see `engine` and `get_session`, at the end.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import partial
from sqlite3 import SQLITE_BUSY, OperationalError
from sqlite3 import Connection as SQLiteConnection
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.exc import OperationalError as DatabaseError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

from backend.core.database import pipeline
from backend.core.database.group_commit import Put, Together
from backend.core.database.write_queue import WriteQueue
from backend.core.errors import Busy, ConfigurationError

T = TypeVar("T")

# In seconds: how long a request waits for a free connection, and a writer for the one before it.
POOL_TIMEOUT = 30.0
SQLITE_BUSY_TIMEOUT = 30.0
# In seconds: how often a writer looks whether that of another process is done. One of low priority
# looks more rarely, and leaves the others a moment before it begins.
SQLITE_LOOK = 0.001
SQLITE_LOOK_LOW = 0.005
SQLITE_MOMENT = 0.002
# In pages, of 4 KB: how long the write-ahead log becomes before it is copied into the file. Most of
# what small writes change are the same pages again and again.
SQLITE_CHECKPOINT = 4000
# In seconds: how long a connection to PostgreSQL is taken to be there without being asked.
POSTGRES_MOMENT = 1.0

# What a connection is told that is to write.
_WRITES: dict[str, Any] = {"sqlite_begin": "BEGIN IMMEDIATE", "sqlite_wait": False}

_low_priority: ContextVar[bool] = ContextVar("low_priority", default=False)


@contextmanager
def low_priority() -> Iterator[None]:
    """What this thread writes in here lets others go first, where the database has one writer."""
    token = _low_priority.set(True)
    try:
        yield
    finally:
        _low_priority.reset(token)


class Database:
    """An engine, and the two kinds of units of work. Opening it connects to nothing yet."""

    def __init__(self, url: URL, pool_size: int = 5) -> None:
        self.url = url
        self.engine = _sqlite(url, pool_size) if self.is_sqlite(url) else _postgres(url, pool_size)
        reader = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reader = self.engine.execution_options(**({} if self.is_sqlite(url) else reader))
        self._writer = self.engine.execution_options(**_WRITES)
        self.script_engine = _for_scripts(self.engine)
        self.queue = WriteQueue() if self.is_sqlite(url) else None
        self._together: dict[Put[Any, Any], Together[Any, Any]] = {}

    @property
    def sends(self) -> bool:
        """Whether `send_together` can be used."""
        return not self.is_sqlite(self.url)

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
        read is still so when it writes. Meanwhile it holds no connection.
        """
        with self._turn(), self._begin() as session:
            yield session
            session.commit()

    @contextmanager
    def write_in(self, session: Session) -> Iterator[None]:
        """A short write in a session that a script keeps open, committed at its end.

        What the script has pending is committed first, and read again when it is asked for: others
        may have changed it. After an error the session is rolled back and can go on.
        """
        session.commit()
        session.expire_all()
        with self._turn():
            try:
                _begin_in(session)
                yield
                session.commit()
            except BaseException:
                session.rollback()
                raise

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """The turn among the writers of this process."""
        if self.queue is None:
            yield
            return
        low = _low_priority.get()
        if low:
            # The queue knows nothing of the other processes: leave them a moment.
            time.sleep(SQLITE_MOMENT)
        with self.queue.turn(SQLITE_BUSY_TIMEOUT, low_priority=low):
            yield

    @contextmanager
    def _begin(self) -> Iterator[Session]:
        """A unit of work that writes, begun as soon as no other process is writing."""

        def begin() -> Session:
            session = _session(self._writer)
            try:
                _connect(session)
            except BaseException:
                session.close()
                raise
            return session

        with _when_free(begin) as session:
            yield session

    def write_together(self, put: Put[Session, T], item: T) -> Any:
        """Puts an item into a unit of work that it may share with those of other threads.

        It is committed when this returns what `put` answers for it. One that can't be written
        spoils nothing for the others.
        """
        return self._group(put, self.write).run(item)

    def send_together(self, put: Put[pipeline.Send, T], item: T) -> Any:
        """The same in one round trip to PostgreSQL, where `put` knows beforehand what to say.

        It sends once, and is not called again for what may have been committed.
        """
        return self._group(put, self._sending).run(item)

    def _group(
        self, put: Put[Any, T], write: Callable[[], AbstractContextManager[Any]]
    ) -> Together[Any, T]:
        return self._together.get(put) or self._together.setdefault(put, Together(write, put))

    @contextmanager
    def _sending(self) -> Iterator[pipeline.Send]:
        try:
            connection = self.engine.raw_connection()
        except PoolTimeout as error:
            raise Busy from error
        driver: Any = connection.driver_connection
        try:
            driver.autocommit = True
            yield partial(pipeline.send, driver)
            driver.autocommit = False
        except BaseException:
            connection.invalidate()  # whatever it is in the midst of
            raise
        finally:
            connection.close()

    def close(self) -> None:
        self.engine.dispose()


def _when_free(begin: Callable[[], T]) -> T:
    """Return what `begin` does, as soon as no other process is writing."""
    look = SQLITE_LOOK_LOW if _low_priority.get() else SQLITE_LOOK
    ends = time.monotonic() + SQLITE_BUSY_TIMEOUT
    while True:
        try:
            return begin()
        except DatabaseError as error:
            if not _is_busy(error) or time.monotonic() > ends:
                raise
        time.sleep(look)


@contextmanager
def _unit(engine: Engine) -> Iterator[Session]:
    with _session(engine) as session:
        _connect(session)
        yield session


def _session(engine: Engine) -> Session:
    return Session(engine, expire_on_commit=False)


def _connect(session: Session, **options: Any) -> None:
    """Takes a connection and begins. Raises `Busy` where none comes free."""
    try:
        session.connection(execution_options=options)
    except PoolTimeout as error:
        raise Busy from error


def _is_busy(error: DatabaseError) -> bool:
    return getattr(error.orig, "sqlite_errorcode", None) == SQLITE_BUSY


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
        hide_parameters=True,  # people's names and phones have no place in a log
        connect_args={"timeout": SQLITE_BUSY_TIMEOUT, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: SQLiteConnection, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is ours, below: the driver's comes too late
        _use_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {SQLITE_CHECKPOINT}")
        connection.execute("PRAGMA foreign_keys = ON")

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


def _begin_at_once(connection: Connection, begin: str) -> None:
    """Begins, or says at once that another process is writing.

    Left to wait by itself, SQLite looks more and more rarely, and a writer starves beside those
    that follow one another closely.
    """
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        connection.exec_driver_sql(begin)
    finally:
        driver.execute(f"PRAGMA busy_timeout = {int(SQLITE_BUSY_TIMEOUT * 1000)}")


# What only reads. A `WITH` that has one of the other words anywhere counts as a write.
_READS = re.compile(
    r"\s*(SELECT|VALUES|EXPLAIN|PRAGMA|BEGIN|WITH(?!.*\b(INSERT|UPDATE|DELETE|REPLACE)\b))\b",
    re.IGNORECASE | re.DOTALL,
)


def _for_scripts(engine: Engine) -> Engine:
    """The engine as scripts have it. On SQLite a transaction begins at the first write only.

    So a session that a script keeps open for reading holds up nobody, and each of its reads sees
    what is there by then, as on PostgreSQL.
    """
    if engine.dialect.name != "sqlite":
        return engine
    scripts = engine.execution_options(sqlite_begin="")

    @event.listens_for(scripts, "before_cursor_execute")
    def _begin_before_a_write(
        connection: Connection, _cursor: object, statement: str, *_others: object
    ) -> None:
        if connection.get_execution_options().get("sqlite_begin") or _READS.match(statement):
            return
        driver = connection.connection.driver_connection
        assert driver is not None
        if not driver.in_transaction:
            _when_free(partial(_begin_at_once, connection, "BEGIN IMMEDIATE"))

    return scripts


def _begin_in(session: Session) -> None:
    """Begins to write in a session that has no transaction, whatever engine it is on."""

    def begin() -> None:
        try:
            _connect(session, **_WRITES)
        except DatabaseError:
            session.rollback()
            raise

    _when_free(begin)


def _postgres(url: URL, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT,
        hide_parameters=True,
        # Prepared statements belong to a connection, and behind PgBouncer there is no such thing.
        connect_args={"prepare_threshold": None},
    )

    @event.listens_for(engine, "checkin")
    def _leave(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["left"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _check(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        """Asks whether it is still there, unless it was a moment ago: that is a round trip."""
        left = record.info.get("left")
        if left is not None and time.monotonic() - left > POSTGRES_MOMENT:
            try:
                engine.dialect.do_ping(connection)
            except connection.Error as error:
                raise InvalidatePoolError from error

    return engine


# For scripts, on the database of the settings, which are read when one of these is used.
DATABASE_URL: str
engine: Engine


def get_session() -> Iterator[Session]:
    """Yield a session, for `Depends` or a `for` loop: committed at its end, or rolled back.

    On SQLite it holds up no one until it writes.
    """
    with get_session_sync() as session:
        yield session
        session.commit()


def get_session_sync() -> Session:
    """Return a session that the caller commits and closes: `with get_session_sync() as db:`.

    On SQLite it holds up no one until it writes. Raises `ConfigurationError`.
    """
    from backend.core import installation

    return Session(installation.database().script_engine)


def create_db_and_tables() -> None:
    """Make an empty database ready, with its first account. Raises `ConfigurationError`."""
    from backend.core import installation
    from backend.core.lifecycle import startup

    startup.prepare(installation.database(), installation.settings())


def __getattr__(name: str) -> object:
    """Return `DATABASE_URL` (with its password) or `engine`, from the settings."""
    if name not in ("DATABASE_URL", "engine"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from backend.core import installation

    db = installation.database()
    if name == "engine":
        return db.script_engine
    return db.url.render_as_string(hide_password=False)
