"""Connections to those databases of PostgreSQL that tests use again, see `tests/kept.py`.

A process of PostgreSQL reads what tables there are before it can answer anything, and an engine
asks what server this is: together that takes longer than most tests.
"""

import contextlib
import os
import threading
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

import psycopg
from psycopg.pq import TransactionStatus

# How many idle connections a database keeps: a few tests open many.
MANY = 6


@dataclass(slots=True)
class Used:
    """What is kept of one database: idle connections, and what dialects have learnt of it."""

    facts: dict[str, Any] = field(default_factory=dict)
    _idle: list[psycopg.Connection] = field(default_factory=list)
    # How each connection was asked for, and those that an engine has greeted.
    _asked: WeakKeyDictionary[psycopg.Connection, str] = field(default_factory=WeakKeyDictionary)
    _greeted: WeakSet[psycopg.Connection] = field(default_factory=WeakSet)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, asked: str) -> psycopg.Connection | None:
        """Return an idle connection that was asked for in the same way."""
        with self._lock:
            for connection in self._idle:
                if self._asked[connection] == asked and not connection.closed:
                    self._idle.remove(connection)
                    return connection
        return None

    def add(self, connection: psycopg.Connection, asked: str) -> None:
        """Note how a new connection was asked for."""
        with self._lock:
            self._asked[connection] = asked

    def greet(self, connection: psycopg.Connection) -> bool:
        """Return whether this is the first engine that has the connection."""
        with self._lock:
            is_new = connection not in self._greeted
            self._greeted.add(connection)
        return is_new

    def keep(self, connection: psycopg.Connection) -> bool:
        """Make a connection as good as new, and keep it. Return whether that is possible."""
        if (
            connection not in self._asked
            or len(self._idle) >= MANY
            or connection.info.transaction_status != TransactionStatus.IDLE
        ):
            return False
        with contextlib.suppress(psycopg.Error):
            connection.autocommit = True
            connection.isolation_level = connection.read_only = connection.deferrable = None
            connection.execute("DISCARD ALL")
            with self._lock:
                self._idle.append(connection)
            return True
        return False

    def idle(self) -> list[int]:
        """Return the processes of the server that the idle connections have."""
        with self._lock:
            return [one.info.backend_pid for one in self._idle if not one.closed]

    def close(self) -> None:
        with self._lock:
            for connection in self._idle:
                connection.close()
            self._idle.clear()


_used: dict[str, Used] = {}
# What another process has open isn't closed by this one: it stays as it is.
_left: list[dict[str, Used]] = []


def of(database: str | None) -> Used | None:
    """Return what is kept of a database, if anything is."""
    return _used.get(database or "")


def begin(database: str) -> Used:
    """Keep the connections to a database from now on."""
    used = _used[database] = Used()
    return used


def end(database: str) -> None:
    """Close what is kept of a database."""
    _used.pop(database).close()


def _leave() -> None:
    _left.append(dict(_used))
    _used.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave)
