"""Health checks for the host: whether this process runs, and whether its database is usable."""

import logging
import time

from sqlalchemy.exc import SQLAlchemyError

from backend.core.database import upsert
from backend.core.database.faults import fault_of
from backend.core.db import Database
from backend.core.errors import Busy, FileReplaced, NotReady
from backend.core.lifecycle import migrate
from backend.core.logs import tracebacks
from backend.models import RateCount
from backend.schemas.health import Alive

log = logging.getLogger("tofa")

# The row that is written to see whether rows can be.
_KEY = "ready"
# What the host is told, who can do something about it.
_REPLACED = (
    "The database file was replaced or removed, so nothing was saved. The server must be restarted"
)
# In seconds: how long any write counts, so that many who ask don't wear out the disk.
WRITTEN = 1.0


def alive() -> Alive:
    """Return the answer of a process that runs."""
    return {"status": "ok"}


def ready(db: Database) -> Alive:
    """Check that the database can be read and written. Raises `NotReady` with the reason.

    It can't if it is unreachable, full, damaged, read-only or a replica, or if it has another
    version's tables.
    """
    try:
        with db.read() as session:
            works = migrate.works_with(session.connection())
        if works:
            _write(db)
    except FileReplaced as error:
        raise NotReady(_REPLACED) from error
    except (SQLAlchemyError, Busy) as error:
        fault = fault_of(error)
        log.warning("The database isn't ready: %s", fault or tracebacks.told(error))
        raise NotReady(fault or "The database can't be reached") from error
    if not works:
        raise NotReady("The database belongs to another version of TOFA CRM: run `migrate`")
    return {"status": "ready"}


def _write(db: Database) -> None:
    """Write a row, unless this process has written anything a moment ago."""
    if time.monotonic() - db.written_at < WRITTEN:
        return
    row = {"key": _KEY, "count": 1, "expires_at": time.time() + 60}
    with db.write() as session:
        statement = upsert.insert(session, RateCount).values(row)
        statement = statement.on_conflict_do_update(index_elements=["key"], set_=row)
        session.connection().execute(statement)
