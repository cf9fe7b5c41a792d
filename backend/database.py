"""Deprecated aliases of `backend.core.db`, for code written for earlier versions."""

import warnings

from sqlalchemy import Engine

from backend.core import db
from backend.core.db import create_db_and_tables, get_session, get_session_sync

__all__ = ["DATABASE_URL", "create_db_and_tables", "engine", "get_session", "get_session_sync"]

warnings.warn(
    "backend.database is deprecated: use backend.core.db", DeprecationWarning, stacklevel=2
)

DATABASE_URL: str
engine: Engine


def __getattr__(name: str) -> object:
    """Return `DATABASE_URL` or `engine`, created on first use."""
    if name not in ("DATABASE_URL", "engine"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(db, name)
    return value
