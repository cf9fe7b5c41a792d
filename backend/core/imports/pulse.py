"""How far a commit is. It is one transaction, of which nobody else can read what it has written: it
shows by something that is no part of the data.

On PostgreSQL that is a lock, whose key has the number of rows, and which goes with the transaction
however that ends. On SQLite, where all processes are on one host, it is a file beside the database;
one that a killed process has left behind counts no more when it is not renewed.
"""

import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from sqlalchemy import URL, text
from sqlmodel import Session

# In seconds: a batch of rows takes a tenth of one, on a slow host a few.
FRESH = 15.0

_BEAT = text("SELECT pg_advisory_xact_lock(:import_id, :done)")
_READ = text(
    "SELECT CAST(CAST(classid AS bigint) AS int), max(CAST(objid AS bigint)) FROM pg_locks "
    "WHERE locktype = 'advisory' AND objsubid = 2 AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND CAST(classid AS bigint) = ANY(:ids) GROUP BY classid"
)


def beat(session: Session, import_id: int, done: int) -> None:
    """Shows from within its transaction that a commit is at work, and how many rows are done."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        # It is worth no failure: where nothing more can be written, the commit will tell.
        with suppress(OSError):
            _file(connection.engine.url, import_id).write_text(str(done))
    else:
        connection.execute(_BEAT, {"import_id": import_id, "done": done})


def end(url: URL, import_id: int) -> None:
    """Leaves nothing behind, once the transaction is over."""
    if url.get_backend_name() == "sqlite":
        with suppress(OSError):
            _file(url, import_id).unlink(missing_ok=True)


def read(session: Session, import_ids: Collection[int]) -> dict[int, int]:
    """How many rows are done, of those among the imports that are being committed."""
    if not import_ids:
        return {}
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        found = connection.execute(_READ, {"ids": list(import_ids)})
        return dict(map(tuple, found))
    seen = {id: _seen(_file(connection.engine.url, id)) for id in import_ids}
    return {import_id: done for import_id, done in seen.items() if done is not None}


def _file(url: URL, import_id: int) -> Path:
    return Path(f"{url.database}-import-{import_id}")


def _seen(file: Path) -> int | None:
    try:
        if time.time() - file.stat().st_mtime > FRESH:
            return None
        # It may be read at the moment in which it is written.
        return int(file.read_text() or 0)
    except (OSError, ValueError):
        return None
