"""Deprecated names of `backend.core.db`, for code that was written for earlier versions."""

import functools
import warnings
from collections.abc import Iterator

from sqlalchemy import Engine
from sqlmodel import Session

from backend.core import first_run, settings
from backend.core.db import Database

__all__ = ["create_db_and_tables", "engine", "get_session"]

warnings.warn(
    "backend.database is deprecated: use backend.core.db", DeprecationWarning, stacklevel=2
)

engine: Engine


def get_session() -> Iterator[Session]:
    """One unit of work that may write, for `Depends`: committed at its end, or rolled back."""
    with _database().write() as session:
        yield session


def create_db_and_tables() -> None:
    """Makes an empty database ready, with its first account. Raises `ConfigurationError`."""
    first_run.prepare(_database(), settings.load())


@functools.cache
def _database() -> Database:
    made = settings.load()
    return Database(made.url, made.db_pool_size)


def __getattr__(name: str) -> Engine:
    """`engine`, opened when it is asked for."""
    if name != "engine":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _database().engine
