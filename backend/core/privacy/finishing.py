"""Finish erasures in the background: look for copies, destroy what is due, clean the file."""

import logging
import shutil
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import OperationalError

from sqlalchemy import bindparam, delete, select, text, update
from sqlmodel import Session, col

from backend.core import times
from backend.core.database import engines
from backend.core.database.bulk_insert import among, batches
from backend.core.database.json_columns import encode
from backend.core.db import Database, low_priority
from backend.core.leads import deleting, erased_keys
from backend.core.privacy import erasing, traces
from backend.core.privacy.columns import OWN
from backend.core.privacy.held import data_of
from backend.core.privacy.traces import Needles, Traces
from backend.models import (
    AliasedLead,
    BulkChange,
    CenterAlias,
    CenterChange,
    Comment,
    Delivery,
    ErasedLead,
    Import,
    LeadEvent,
    Moment,
    RetentionMark,
    SavedView,
)

log = logging.getLogger("tofa.work")

# What a lead's rows are removed from or emptied in, and where erased ones are kept.
_TABLES = (
    "lead", *OWN, "leadsearch", "leadmerge", "notduplicate", "delivery", "import", "importrow",
    "bulkchange", "savedview", "erasedlead", "centeralias", "centerchange",
)  # fmt: skip
_FILE = "leftovers in the file"
# The database's file is written a second time beside it.
_ROOM = 2.2
# As texts: building a query takes longer than running it, and these look all the time.
_DUE = text(
    "SELECT id FROM erasedlead WHERE destroyed_at IS NULL"
    " AND (searched_at IS NULL OR destroy_at <= :now) ORDER BY id LIMIT 1"
).bindparams(bindparam("now", type_=Moment()))
_NEEDED = text(
    "SELECT EXISTS (SELECT 1 FROM erasedlead WHERE destroyed_at > coalesce("
    "(SELECT at FROM retentionmark WHERE name = :name), :long_ago))"
).bindparams(bindparam("long_ago", type_=Moment()))
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def run_next(db: Database) -> int:
    """Finish the next erasure that there is something to do for. Returns how many: 1 or 0.

    Copies are looked for soon after an erasure, and again before its data is destroyed.
    """
    now = times.now()
    with db.read() as session:
        due = _due(session, now)
    if due is None:
        return 0
    with db.read() as session:
        erased = session.get_one(ErasedLead, due)
        needles = traces.needles_of(session, erased.snapshot) if erased.snapshot else None
    found = traces.find(db, needles) if needles is not None else Traces()
    with low_priority(), db.write() as session:
        if needles is not None:
            _remove(session, needles, found)
        erased = session.get_one(ErasedLead, due, with_for_update=True)
        erased.searched_at = now
        session.flush()
        if erased.destroy_at <= now and erased.destroyed_at is None:
            erasing.destroy(session, None, due, now)
    return 1


def _due(session: Session, now: datetime) -> int | None:
    found: int | None = session.connection().scalar(_DUE, {"now": now})
    return found


def _remove(session: Session, needles: Needles, found: Traces) -> None:
    """Remove copies, unless they have become a lead's own meanwhile."""
    for batch in batches(found.deliveries):
        query = select(col(Delivery.id)).where(
            among(session, col(Delivery.id), batch), col(Delivery.lead_id).is_(None)
        )
        ids = [id for id in session.scalars(query.with_for_update()) if id is not None]
        erasing.empty_deliveries(session, ids)
    erasing.remove_rows(session, found.rows)
    for import_id in found.imports:
        one = session.get_one(Import, import_id, with_for_update=True)
        for name, value in (traces.part_of_import(needles, one) or {}).items():
            setattr(one, name, value)
    own = update(Comment).values(text=traces.ERASED)
    session.connection().execute(own.where(among(session, col(Comment.id), found.comments)))
    _remove_edits(session, needles, found)
    _remove_aliases(session, needles, found)
    _forget_deleted(session, found)
    views = select(SavedView).where(among(session, col(SavedView.id), found.views))
    for view in session.scalars(views.with_for_update()):
        view.name = traces.text_without(needles, view.name)


def _remove_edits(session: Session, needles: Needles, found: Traces) -> None:
    """Erase the person's texts in the histories of other leads."""
    for batch in batches(found.edits):
        query = select(LeadEvent).where(among(session, col(LeadEvent.id), batch))
        for line in session.scalars(query.with_for_update()):
            data = traces.data_without(needles, data_of(line.data))
            # What a script has stored may be no object, which the history shows.
            line.data = encode(data if isinstance(data, dict) else {})


def _remove_aliases(session: Session, needles: Needles, found: Traces) -> None:
    """Remove aliases of centers: nobody else will type the same. Changes of centers stay."""
    connection = session.connection()
    came_in = among(session, col(AliasedLead.alias_key), found.aliases)
    connection.execute(delete(AliasedLead).where(came_in))
    connection.execute(
        delete(CenterAlias).where(among(session, col(CenterAlias.key), found.aliases))
    )
    changes = select(CenterChange).where(among(session, col(CenterChange.id), found.center_changes))
    for change in session.scalars(changes.with_for_update()):
        change.data = traces.data_without(needles, change.data)


def _forget_deleted(session: Session, found: Traces) -> None:
    """Forget the rows of leads that were deleted: they can't be restored any more."""
    gone = {*found.deleted}
    ids = sorted({change_id for change_id, _ in gone})
    query = select(BulkChange).where(among(session, col(BulkChange.id), ids))
    for kept in session.scalars(query.with_for_update()):
        kept.changes = [
            deleting.forgotten(one) if (kept.id, one["id"]) in gone else one for one in kept.changes
        ]


def check_key(db: Database, secret: bytes) -> None:
    """Warn if hashes were made with another key, so that erased people aren't recognised."""
    with db.read() as session:
        if erased_keys.is_key_lost(session, secret):
            log.warning(
                "Some erased people can't be recognised if they come in again: set ERASURE_KEY to "
                "the SECRET_KEY from when they were erased"
            )


def clean_file(db: Database) -> int:
    """Clean the database's files once something was destroyed: what is deleted stays in them.

    SQLite's file is rewritten. PostgreSQL vacuums the tables, beside other work. Returns whether it
    was done.
    """
    if not _is_needed(db):
        return 0
    now = times.now()
    if not (_clean_sqlite(db) if db.is_sqlite(db.url) else _vacuum(db)):
        return 0
    with low_priority(), db.write() as session:
        session.merge(RetentionMark(name=_FILE, at=now))
    return 1


def _clean_sqlite(db: Database) -> bool:
    path = Path(db.url.database or "")
    if shutil.disk_usage(path.parent).free < _ROOM * path.stat().st_size:
        log.warning("The disk is too full to remove erased data from the database file")
        return False
    assert db.queue is not None
    with db.queue.turn(engines.SQLITE_BUSY_TIMEOUT, low_priority=True):
        return _rewrite(db)


def _vacuum(db: Database) -> bool:
    """Let PostgreSQL free the rows that were removed, which its own vacuum may leave for long.

    Tables that something else holds, such as that vacuum, are left to it.
    """
    connection = db.engine.raw_connection()
    driver = connection.driver_connection
    assert driver is not None
    try:
        driver.execute(f"VACUUM (SKIP_LOCKED, INDEX_CLEANUP ON) {', '.join(_TABLES)}")
    finally:
        connection.close()
    return True


def _is_needed(db: Database) -> bool:
    with db.read() as session:
        given = {"name": _FILE, "long_ago": _LONG_AGO}
        return bool(session.connection().scalar(_NEEDED, given))


def _rewrite(db: Database) -> bool:
    """Rewrite the file, and empty its log. Returns whether nothing of before is left in them."""
    connection = db.engine.raw_connection()
    driver = connection.driver_connection
    assert driver is not None
    try:
        # The index keeps what was removed until its parts are merged.
        driver.execute("INSERT INTO leadsearch(leadsearch) VALUES ('optimize')")
        driver.execute("VACUUM")
        busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
    except OperationalError:
        log.info("The database file is in use; it will be cleaned later", exc_info=True)
        return False
    finally:
        connection.close()
