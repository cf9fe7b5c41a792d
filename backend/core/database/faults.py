"""What is wrong with a database, as far as its errors tell."""

import sqlite3
from enum import StrEnum

from sqlalchemy.exc import DBAPIError


class Fault(StrEnum):
    """What keeps a database from being written or read, as a sentence."""

    FULL = "The disk is full: nothing can be saved until there is space"
    READ_ONLY = "The database can only be read"
    DAMAGED = "The database file is damaged: restore a backup"
    DISK = "The disk can't be read or written"


_OF_SQLITE = {
    sqlite3.SQLITE_FULL: Fault.FULL,
    sqlite3.SQLITE_READONLY: Fault.READ_ONLY,
    sqlite3.SQLITE_CORRUPT: Fault.DAMAGED,
    sqlite3.SQLITE_NOTADB: Fault.DAMAGED,
    sqlite3.SQLITE_IOERR: Fault.DISK,
}
# PostgreSQL, appendix "Error Codes": disk_full, read_only_sql_transaction, data_corrupted,
# index_corrupted, io_error.
_OF_POSTGRESQL = {
    "53100": Fault.FULL,
    "25006": Fault.READ_ONLY,
    "XX001": Fault.DAMAGED,
    "XX002": Fault.DAMAGED,
    "58030": Fault.DISK,
}


# lock_not_available and query_canceled.
_LIMITS = ("55P03", "57014")


def is_over_limit(error: DBAPIError) -> bool:
    """Return whether a statement waited for a lock or ran longer than it may, see `limits`."""
    return getattr(error.orig, "sqlstate", None) in _LIMITS


def is_lost(error: DBAPIError) -> bool:
    """Return whether the database can't be opened or reached, or has ended the connection."""
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CANTOPEN
    # Without a code the library says it, and not the server. Then PostgreSQL, "Error Codes":
    # classes connection_exception and admin_shutdown with its neighbours.
    state = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or state is None or state.startswith(("08", "57P"))


def fault_of(error: BaseException) -> Fault | None:
    """Return what an error of the database means, or None if it is none of these."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    # The extended codes have the plain one in their lowest byte.
    code = getattr(cause, "sqlite_errorcode", None)
    if isinstance(code, int):
        return _OF_SQLITE.get(code & 0xFF)
    return _OF_POSTGRESQL.get(getattr(cause, "sqlstate", None) or "")
