"""This installation's settings and database, for scripts that name neither.

They are read and opened at the first use and kept for the process. The servers don't use them: they
carry their own.
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
    """Return the database that the settings name. Raises `ConfigurationError`."""
    return _open(settings().url)


def database_of(session: Session) -> Database:
    """Return the database that a script's session is on."""
    return _open(session.get_bind().engine.url)


@contextmanager
def writing(session: Session) -> Iterator[None]:
    """A short write in a script's session, as `Database.write_in` has it."""
    with database_of(session).write_in(session):
        yield


def _open(url: URL) -> Database:
    return _opened.get(url) or _opened.setdefault(url, Database(url, settings().db_pool_size))


def forget() -> None:
    """Close the databases, and read the settings again at the next use: for tests."""
    while _opened:
        _opened.popitem()[1].close()
    settings.cache_clear()
