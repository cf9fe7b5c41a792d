"""The database, and units of work over it.

A unit of work is one transaction. `read()` sees one snapshot and can't write; `write()` commits at
its end, or rolls everything back on an error. Core functions take the session of a
unit of work and never commit.

A thread in a unit of work must not open a second one: with a pool of one connection it would wait
for itself. A thread that waits for its turn to write holds no connection.

Scripts keep a session for as long as they run: see `engine` and `get_session`, at the end.
"""

import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any, Protocol, TypeVar
from weakref import WeakSet

from sqlalchemy import URL, Engine
from sqlalchemy.exc import OperationalError as DatabaseError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool
from sqlmodel import Session

from backend.core.database import engines, limits, pipeline
from backend.core.database.file_guard import FileGuard
from backend.core.database.group_commit import Put, Together
from backend.core.database.places import Places
from backend.core.database.write_queue import WriteQueue, is_low_priority, low_priority
from backend.core.errors import Busy

__all__ = [
    "DATABASE_URL",
    "Database",
    "create_db_and_tables",
    "engine",
    "get_session",
    "get_session_sync",
    "low_priority",
]

T = TypeVar("T")

# In seconds: how long a writer of low priority leaves other processes before it begins.
SQLITE_MOMENT = 0.002


class Watcher(Protocol):
    """Is told how long a unit of work has waited to begin."""

    def __call__(self, seconds: float, *, writes: bool) -> None: ...


class Database:
    """An engine, and the two kinds of units of work. Opening it connects to nothing yet."""

    def __init__(self, url: URL, pool_size: int = 5, kinds: limits.Kinds | None = None) -> None:
        self.url = url
        self._kinds = kinds
        self.guard = FileGuard(url.database or "") if self.is_sqlite(url) else None
        self.engine = engines.open_engine(url, pool_size, self.guard, kinds)
        reads = {} if self.is_sqlite(url) else engines.READS_POSTGRES
        self._reader = self.engine.execution_options(**reads)
        self._writer = self.engine.execution_options(**engines.WRITES)
        self.script_engine = engines.for_scripts(self.engine)
        self.queue = WriteQueue() if self.is_sqlite(url) else None
        # On SQLite nobody waits for those who read.
        self._places = Places(1 if self.is_sqlite(url) else pool_size)
        # By the monotonic clock: when this process last committed something.
        self.written_at = -math.inf
        self._together: dict[Put[Any, Any], Together[Any, Any]] = {}
        self._watcher: Watcher | None = None
        _databases.add(self)

    @property
    def sends(self) -> bool:
        """Whether `send_together` can be used: PostgreSQL only."""
        return not self.is_sqlite(self.url)

    @staticmethod
    def is_sqlite(url: URL) -> bool:
        return engines.is_sqlite(url)

    def watch(self, watcher: Watcher) -> None:
        """Call `watcher` with the seconds that each unit of work has waited to begin."""
        self._watcher = watcher

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a unit of work that only reads. Raises `Busy` when no connection comes free."""
        started = time.perf_counter()
        with self._places.place(engines.POOL_TIMEOUT), _unit(self._reader) as session:
            if self._watcher is not None:
                self._watcher(time.perf_counter() - started, writes=False)
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a unit of work that is committed at its end. Raises `Busy` as `read` does.

        On SQLite it waits for the other writers before it reads anything, so that what it has
        read is still so when it writes. Meanwhile it holds no connection.
        """
        started = time.perf_counter()
        place = self._places.place(engines.POOL_TIMEOUT)
        with self._turn(), place, self._begin() as session:
            if self._watcher is not None:
                self._watcher(time.perf_counter() - started, writes=True)
            large = self.queue is not None and is_low_priority()
            with engines.large_cache(session.connection()) if large else nullcontext():
                yield session
                session.commit()
            self._committed()

    @contextmanager
    def write_if_free(self) -> Iterator[Session]:
        """Open a unit of work as `write` does, but never wait for a turn or a connection.

        Raises `Busy`, or an `OperationalError` if another process is writing.
        """
        pool = self.engine.pool
        if isinstance(pool, QueuePool) and pool.checkedout() >= pool.size():
            raise Busy
        turn = self.queue.turn(0, low_priority=True) if self.queue else nullcontext()
        with turn, self._begin_now() as session:
            yield session
            session.commit()
            self._committed()

    def _committed(self) -> None:
        if self.guard is not None:
            self.guard.check()
        self.written_at = time.monotonic()

    @contextmanager
    def write_in(self, session: Session) -> Iterator[None]:
        """Open a short write in a session that a script keeps open, committed at its end.

        The script's pending changes are committed first, and its objects are read again when they
        are used: others may have changed them. After an error the session is rolled back, and can
        be used further.
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
        """Wait for the turn among the writers of this process."""
        if self.queue is None:
            yield
            return
        low = is_low_priority()
        if low:
            # The queue knows nothing of the other processes: leave them a moment.
            time.sleep(SQLITE_MOMENT)
        with self.queue.turn(engines.SQLITE_BUSY_TIMEOUT, low_priority=low):
            yield

    @contextmanager
    def _begin(self) -> Iterator[Session]:
        """Open a unit of work that writes, as soon as no other process is writing."""

        with engines.when_free(self._begin_now) as session:
            yield session

    def _begin_now(self) -> Session:
        session = _session(self._writer)
        try:
            _connect(session)
        except BaseException:
            session.close()
            raise
        return session

    def write_together(self, put: Put[Session, T], item: T) -> Any:
        """Write an item in a unit of work that it may share with items of other threads.

        It is committed when this returns what `put` returns for it. An item that can't be written
        doesn't affect the others.
        """
        return self._group(put, self.write).run(item)

    def send_together(self, put: Put[pipeline.Send, T], item: T) -> Any:
        """Do the same in one round trip to PostgreSQL, where `put` needs no answer in between.

        It sends once, and isn't called again for what may have been committed.
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
            yield partial(pipeline.send, driver, limits.settings_now(self._kinds))
            self._committed()
        except BaseException:
            connection.invalidate()  # its state isn't known
            raise
        finally:
            connection.close()

    def close(self) -> None:
        self.engine.dispose()
        if self.guard is not None:
            self.guard.forget()


_databases: WeakSet[Database] = WeakSet()


def _leave_connections() -> None:
    """Leave the connections to the process that this one was forked from: two can't share one."""
    for db in _databases:
        db.engine.dispose(close=False)
        if db.guard is not None:
            db.guard.left()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_connections)


@contextmanager
def _unit(engine: Engine) -> Iterator[Session]:
    with _session(engine) as session:
        _connect(session)
        yield session


def _session(engine: Engine) -> Session:
    return Session(engine, expire_on_commit=False)


def _connect(session: Session, **options: Any) -> None:
    """Take a connection and begin. Raises `Busy` where none comes free."""
    try:
        session.connection(execution_options=options)
    except PoolTimeout as error:
        raise Busy from error


def _begin_in(session: Session) -> None:
    """Begin to write in a session that has no transaction, whatever its engine."""

    def begin() -> None:
        try:
            _connect(session, **engines.WRITES)
        except DatabaseError:
            session.rollback()
            raise

    engines.when_free(begin)


# For scripts: the database of the settings, which are read when one of these is used.
DATABASE_URL: str
engine: Engine


def get_session() -> Iterator[Session]:
    """Yield a session, for `Depends` or a `for` loop: committed at its end, or rolled back.

    On SQLite it blocks no one until it writes.
    """
    with get_session_sync() as session:
        yield session
        session.commit()


def get_session_sync() -> Session:
    """Return a session that the caller commits and closes: `with get_session_sync() as db:`.

    On SQLite it blocks no one until it writes. Raises `ConfigurationError`.
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
