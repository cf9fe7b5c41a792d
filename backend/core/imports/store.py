"""Imports and their rows, as they are kept."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from backend.core import times
from backend.core.database import bulk_insert
from backend.core.errors import Conflict, ImportNotFound
from backend.core.imports import rows
from backend.core.imports.rows import PLAIN, Row
from backend.models import Import, ImportRow, ImportState
from backend.schemas.imports import ImportFilter, ImportOut

# A plan that has not gone on for so long is not being made any more: its server has died.
DEAD_AFTER = timedelta(minutes=2)
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
    return [out(one) for one in session.scalars(query)]


def show(session: Session, import_id: int) -> ImportOut:
    """Raises `ImportNotFound`."""
    return out(find(session, import_id))


def find(session: Session, import_id: int, *, lock: bool = False) -> Import:
    """An import; with `lock`, nobody else changes it until the transaction ends."""
    found = session.get(Import, import_id, with_for_update=lock, populate_existing=lock)
    if found is None:
        raise ImportNotFound
    return found


def to_change(session: Session, import_id: int, needed: ImportState, verb: str) -> Import:
    """An import in the state that a change needs, locked. Raises `Conflict` for another state."""
    found = find(session, import_id, lock=True)
    check_state(found, needed, verb)
    return found


def check_state(found: Import, needed: ImportState, verb: str) -> None:
    """Raises `Conflict` for an import in another state than a change needs."""
    state = state_of(found)
    if state != needed:
        raise Conflict(f"This import is {state}: one that is {needed} can be {verb}")


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


def out(found: Import) -> ImportOut:
    """Return an import as it is shown."""
    assert found.id is not None
    return {
        "id": found.id,
        "state": state_of(found),
        "filename": found.filename,
        "created_at": found.created_at,
        "created_by": found.created_by,
        "columns": found.columns,
        "mapping": found.mapping,
        "rows_done": found.rows_done,
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


def remove(session: Session, found: Import) -> None:
    """Removes an import and its rows."""
    session.connection().execute(delete(ImportRow).where(col(ImportRow.import_id) == found.id))
    session.delete(found)


def add_rows(session: Session, import_id: int, batch: Iterable[Row]) -> None:
    """Keeps rows of a plan with all that a commit needs."""
    bulk_insert.insert(
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
    bulk_insert.insert(
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


def last_row(session: Session, import_id: int) -> int:
    """Return the number of the last row of a plan, 0 where it has none."""
    own = col(ImportRow.import_id) == import_id
    return session.connection().scalar(select(func.max(col(ImportRow.number))).where(own)) or 0


def read_rows(session: Session, import_id: int, first: int, last: int) -> Sequence[Kept]:
    """Return the rows of a plan whose numbers are in a range, in their order.

    By ranges, and not by a limit: PostgreSQL, which knows nothing of rows that have just come,
    would look at all of them for each batch.
    """
    query = select(
        col(ImportRow.number),
        col(ImportRow.verdict),
        col(ImportRow.lead_id),
        col(ImportRow.data),
        col(ImportRow.reason),
    ).order_by(col(ImportRow.number))
    within = col(ImportRow.number).between(first, last)
    own = col(ImportRow.import_id) == import_id
    return session.connection().execute(query.where(own, within)).all()


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
        given = enumerate(columns, 1)
        setting = ", ".join(f"{name} = json_extract(value, '$[{at}]')" for at, name in given)
        connection.exec_driver_sql(
            f"UPDATE importrow SET {setting} FROM json_each(?) "  # noqa: S608  our own names
            "WHERE import_id = ? AND number = json_extract(value, '$[0]')",
            (orjson.dumps(rows).decode(), import_id),
        )
        return
    # In one go: row by row would cost it a second each 10,000.
    setting = ", ".join(f"{name} = found.{name}" for name in columns)
    lists = ", ".join(f"%s::{_CHANGED[name]}[]" for name in columns)
    numbers, *values = [
        bulk_insert.array(column) if kind == "int" else list(column)
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
