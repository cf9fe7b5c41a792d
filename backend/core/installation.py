"""The settings and database of this installation, for scripts.

Both are loaded on first use and kept for the life of the process. The servers don't use this
module: they pass their own settings and database around.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL
from sqlmodel import Session

from backend.core import settings as settings_module
from backend.core.db import Database
from backend.core.settings import Settings

_opened: dict[URL, Database] = {}


@functools.cache
def settings() -> Settings:
    """Return the settings. Raises `ConfigurationError`."""
    return settings_module.load()


def database() -> Database:
    """Return the database from the settings. Raises `ConfigurationError`."""
    return _open(settings().url)


def database_of(session: Session) -> Database:
    """Return the database that a script's session uses."""
    return _open(session.get_bind().engine.url)


@contextmanager
def writing(session: Session) -> Iterator[None]:
    """Open a short write transaction in a script's session; see `Database.write_in`."""
    with database_of(session).write_in(session):
        yield


def _open(url: URL) -> Database:
    return _opened.get(url) or _opened.setdefault(url, Database(url, settings().db_pool_size))


def forget() -> None:
    """Close the databases, and reload the settings on next use. For tests."""
    while _opened:
        _opened.popitem()[1].close()
    settings.cache_clear()
