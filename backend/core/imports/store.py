"""Imports and their rows, as they are kept."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from backend.core import bulk, times
from backend.core.errors import Conflict, ImportNotFound
from backend.core.imports import pulse, rows
from backend.core.imports.rows import PLAIN, Row
from backend.models import Import, ImportRow, ImportState
from backend.schemas.imports import ImportFilter, ImportOut

# A plan that has not gone on for so long is not being made any more: its server has died.
DEAD_AFTER = timedelta(minutes=2)
# A plan that is being done; it is kept nowhere, so that nothing is left of it when its server dies.
COMMITTING = "committing"
ABANDONED = "The server stopped in the middle of it: send the file again"

# In characters.
_LONGEST_NAME = 255

# The columns that a plan's commit changes, as PostgreSQL names their types.
_CHANGED = {"lead_id": "int", "verdict": "text", "reason": "text"}

_ROW = ("import_id", "number", "verdict", "reason", "lead_id", "data", "cells")


def shown_name(filename: str) -> str:
    """The name of a file as it is kept: a stranger has given it."""
    return filename.replace("\0", "")[:_LONGEST_NAME]


def list_page(session: Session, wanted: ImportFilter) -> list[ImportOut]:
    """The newest first; `before` is the id of the last one that was seen."""
    query = select(Import).order_by(col(Import.id).desc()).limit(wanted.limit)
    if wanted.before is not None:
        query = query.where(col(Import.id) < wanted.before)
    found = session.scalars(query).all()
    planned = [one.id for one in found if one.id and one.state == ImportState.PLANNED]
    at_work = pulse.read(session, planned)
    return [out(one, at_work.get(one.id or 0)) for one in found]


def show(session: Session, import_id: int) -> ImportOut:
    """Raises `ImportNotFound`."""
    found = find(session, import_id)
    planned = found.state == ImportState.PLANNED
    return out(found, pulse.read(session, [import_id]).get(import_id) if planned else None)


def find(session: Session, import_id: int, *, lock: bool = False) -> Import:
    """An import; with `lock`, nobody else changes it until the transaction ends."""
    found = session.get(Import, import_id, with_for_update=lock, populate_existing=lock)
    if found is None:
        raise ImportNotFound
    return found


def to_change(session: Session, import_id: int, needed: ImportState, verb: str) -> Import:
    """An import in the state that a change needs, locked. Raises `Conflict` for another state."""
    found = find(session, import_id, lock=True)
    state = state_of(found)
    if state != needed:
        raise Conflict(f"This import is {state}: one that is {needed} can be {verb}")
    return found


def still_planned(session: Session, import_id: int) -> Import:
    """A plan that is being made, locked. Raises `Conflict` where it was given up meanwhile: rows of
    it are gone, and it would be half a plan.
    """
    found = find(session, import_id, lock=True)
    if found.state != ImportState.PLANNING:
        raise Conflict(ABANDONED)
    return found


def state_of(found: Import) -> str:
    """The state as it is shown: a plan whose server has died has failed."""
    return ImportState.FAILED if _is_abandoned(found) else found.state


def out(found: Import, committing: int | None = None) -> ImportOut:
    """An import as it is shown; `committing` is how many rows of it are done at this moment."""
    assert found.id is not None
    return {
        "id": found.id,
        "state": state_of(found) if committing is None else COMMITTING,
        "filename": found.filename,
        "created_at": found.created_at,
        "created_by": found.created_by,
        "columns": found.columns,
        "mapping": found.mapping,
        "rows_done": found.rows_done if committing is None else committing,
        "rows_total": found.rows_total,
        "totals": found.totals,
        "note": ABANDONED if _is_abandoned(found) else found.note,
    }


def _is_abandoned(found: Import) -> bool:
    worked_at = found.worked_at or found.created_at
    return found.state == ImportState.PLANNING and times.now() - worked_at > DEAD_AFTER


def clear_abandoned(session: Session) -> None:
    """Notes of plans whose servers have died that they failed, and removes their rows."""
    planning = select(Import).where(col(Import.state) == ImportState.PLANNING)
    for one in session.scalars(planning.with_for_update(skip_locked=True)):
        if _is_abandoned(one):
            fail(session, one, ABANDONED)


def fail(session: Session, found: Import, note: str) -> None:
    """Says of a plan that it came to nothing; its rows go."""
    found.state, found.note = ImportState.FAILED, note
    rows_of_it = delete(ImportRow).where(col(ImportRow.import_id) == found.id)
    session.connection().execute(rows_of_it)


def add_rows(session: Session, import_id: int, batch: Iterable[Row]) -> None:
    """Keeps rows of a plan with all that a commit needs."""
    bulk.insert(
        session,
        "importrow",
        _ROW,
        [
            (import_id, row.number, PLAIN[row.verdict], row.reason, row.standing_lead,
             rows.body(row), row.cells)
            for row in batch
        ],
    )  # fmt: skip


def add_done_rows(session: Session, import_id: int, done: Iterable[tuple[Row, int | None]]) -> None:
    """Keeps rows that are done already, each with the lead that it has joined or is known as."""
    bulk.insert(
        session,
        "importrow",
        _ROW,
        [
            (import_id, row.number, PLAIN[row.verdict], row.reason, lead_id,
             rows.body(row), row.cells)
            for row, lead_id in done
        ],
    )  # fmt: skip


# The number, the verdict, the lead, the body and the reason of a row that is kept.
Kept = tuple[int, str, int | None, str, str | None]


def read_rows(session: Session, import_id: int) -> Iterator[Sequence[Kept]]:
    """The rows of a plan in batches, in their order."""
    own = col(ImportRow.import_id) == import_id
    last = session.connection().scalar(select(func.max(col(ImportRow.number))).where(own)) or 0
    query = select(
        col(ImportRow.number),
        col(ImportRow.verdict),
        col(ImportRow.lead_id),
        col(ImportRow.data),
        col(ImportRow.reason),
    ).order_by(col(ImportRow.number))
    # By ranges, and not by a limit: PostgreSQL, which knows nothing of rows that have just come,
    # would look at all of them for each batch.
    for first in range(1, last + 1, bulk.BATCH):
        within = col(ImportRow.number).between(first, first + bulk.BATCH - 1)
        batch = session.connection().execute(query.where(own, within)).all()
        if batch:
            yield batch


def set_leads(session: Session, import_id: int, leads: Sequence[tuple[int, int]]) -> None:
    """Notes of rows, each by its number, which lead they have become or joined."""
    _change(session, import_id, ("lead_id",), leads)


def change_rows(session: Session, import_id: int, changed: Iterable[tuple[Row, str]]) -> None:
    """Puts new verdicts in the place of the old ones, and says in the reason which they were."""
    rows = [
        (
            row.number,
            PLAIN[row.verdict],
            row.standing_lead,
            f"{row.reason or 'A new lead'} (before: {was})",
        )
        for row, was in changed
    ]
    _change(session, import_id, ("verdict", "lead_id", "reason"), rows)


def _change(
    session: Session, import_id: int, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Gives columns of many rows, in their order, the values that follow each one's number."""
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        setting = ", ".join(f"{name} = ?" for name in columns)
        connection.exec_driver_sql(
            f"UPDATE importrow SET {setting} WHERE import_id = ? AND number = ?",  # noqa: S608
            [(*values, import_id, number) for number, *values in rows],
        )
        return
    # In one go: row by row would cost it a second each 10,000.
    setting = ", ".join(f"{name} = found.{name}" for name in columns)
    lists = ", ".join(f"%s::{_CHANGED[name]}[]" for name in columns)
    numbers, *values = [
        bulk.array(column) if kind == "int" else list(column)
        for kind, column in zip(
            ("int", *(_CHANGED[name] for name in columns)), zip(*rows, strict=True), strict=True
        )
    ]
    connection.exec_driver_sql(
        f"UPDATE importrow SET {setting} "  # noqa: S608  our own names
        f"FROM unnest(%s::int[], {lists}) AS found(number, {', '.join(columns)}) "
        "WHERE importrow.import_id = %s AND importrow.number = found.number "
        # By its index: without knowledge of rows that have just come it would look at all of them.
        "AND importrow.number BETWEEN %s AND %s",
        (numbers, *values, import_id, rows[0][0], rows[-1][0]),
    )
