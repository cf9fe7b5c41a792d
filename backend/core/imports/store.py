"""Imports and their rows in the database."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Connection, delete, func, select
from sqlmodel import Session, col

from backend.core import audit, reasons, times
from backend.core.access import Person
from backend.core.audit import Event, Subject
from backend.core.database import bulk_insert
from backend.core.errors import Conflict, ImportNotFound
from backend.core.imports import rows
from backend.core.imports.rows import PLAIN, Row, Verdict
from backend.core.reasons import WARNINGS, Reason, ReasonCode
from backend.core.vocabulary import synonyms
from backend.models import Import, ImportRow, ImportState
from backend.schemas.imports import ImportFilter, ImportOut, Layout, Problem, StatusText

# A plan without progress for this long isn't being made any more: its server has died.
DEAD_AFTER = timedelta(minutes=2)
PLANNING_STOPPED = Reason(ReasonCode.PLANNING_STOPPED)

# In characters.
_LONGEST_NAME = 255

# The columns of rows that a commit changes, with their types on PostgreSQL.
_CHANGED = {"lead_id": "int", "verdict": "text", "reasons": "text"}

_ROW = ("import_id", "number", "verdict", "reasons", "lead_id", "data", "cells")


def shown_name(filename: str) -> str:
    """Return the name of a file as it is stored: a stranger chose it."""
    return filename.replace("\0", "")[:_LONGEST_NAME]


def list_page(session: Session, wanted: ImportFilter) -> list[ImportOut]:
    """Return a page of imports, the newest first."""
    query = select(Import).order_by(col(Import.id).desc()).limit(wanted.limit)
    if wanted.before is not None:
        query = query.where(col(Import.id) < wanted.before)
    return [out(one) for one in session.scalars(query)]


def show(session: Session, import_id: int) -> ImportOut:
    """Return an import. Raises `ImportNotFound`."""
    return out(find(session, import_id))


def find(session: Session, import_id: int, *, lock: bool = False) -> Import:
    """Return an import; with `lock`, nobody else can change it until the transaction ends.

    Raises `ImportNotFound`.
    """
    found = session.get(Import, import_id, with_for_update=lock, populate_existing=lock)
    if found is None:
        raise ImportNotFound
    return found


def to_change(session: Session, import_id: int, needed: ImportState, verb: str) -> Import:
    """Return an import in the state that a change needs, locked. Raises `Conflict` otherwise."""
    found = find(session, import_id, lock=True)
    check_state(found, needed, verb)
    return found


def check_state(found: Import, needed: ImportState, verb: str) -> None:
    """Raise `Conflict` if an import isn't in the state that a change needs."""
    state = state_of(found)
    if state != needed:
        raise Conflict(f"This import is {state}: only a {needed} import can be {verb}")


def still_planned(session: Session, import_id: int) -> Import:
    """Return a plan that is being made, locked.

    Raises `Conflict` if it was stopped in the meantime: its first rows are gone.
    """
    found = find(session, import_id, lock=True)
    if found.state != ImportState.PLANNING:
        raise Conflict(PLANNING_STOPPED.text)
    return found


def state_of(found: Import) -> str:
    """Return the state to show: a plan has failed if its server died."""
    return ImportState.FAILED if _is_abandoned(found) else found.state


def out(found: Import) -> ImportOut:
    """Return an import as the API answers it."""
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
        "problem": _problem(found),
        "fields": columns_of_fields(found),
        "statuses": cast(list[StatusText], found.statuses),
        "doubts": found.doubts,
        "layout": cast(Layout | None, found.layout),
    }


def columns_of_fields(found: Import) -> dict[str, list[str]]:
    """Return the columns that fill each field, the one that counts first at the start."""
    fields: dict[str, list[str]] = {}
    for name in found.columns:
        field = found.mapping.get(name)
        if field is not None:
            fields.setdefault(field, []).append(name)
    return {
        field: sorted(names, key=lambda name: synonyms.tier(name, field))
        for field, names in fields.items()
    }


def _problem(found: Import) -> Problem | None:
    problem = PLANNING_STOPPED if _is_abandoned(found) else reasons.decode(found.problem)
    return None if problem is None else {"code": problem.code, "message": problem.text}


def _is_abandoned(found: Import) -> bool:
    worked_at = found.worked_at or found.created_at
    return found.state == ImportState.PLANNING and times.now() - worked_at > DEAD_AFTER


def clear_abandoned(session: Session) -> None:
    """Mark plans whose servers have died as failed, and remove their rows."""
    planning = select(Import).where(col(Import.state) == ImportState.PLANNING)
    for one in session.scalars(planning.with_for_update(skip_locked=True)):
        if _is_abandoned(one):
            fail(session, one, PLANNING_STOPPED)


def fail(session: Session, found: Import, problem: Reason) -> None:
    """Mark an import as failed, and remove its rows."""
    found.state, found.problem = ImportState.FAILED, problem.encode()
    _remove_rows(session, found)


def remove(session: Session, found: Import) -> None:
    """Remove an import and its rows."""
    _remove_rows(session, found)
    session.delete(found)


def _remove_rows(session: Session, found: Import) -> None:
    session.connection().execute(delete(ImportRow).where(col(ImportRow.import_id) == found.id))


def add_rows(session: Session, import_id: int, batch: Iterable[Row]) -> None:
    """Store rows of a plan, with all that a commit needs."""
    add_done_rows(session, import_id, ((row, row.standing_lead) for row in batch))


def add_done_rows(session: Session, import_id: int, done: Iterable[tuple[Row, int | None]]) -> None:
    """Store rows that are written already, each with the lead that it joined or is known as.

    Of erased people nothing is stored.
    """
    bulk_insert.insert(
        session,
        "importrow",
        _ROW,
        [
            (import_id, row.number, PLAIN[row.verdict], reasons.encode_list(row.reasons()), lead_id,
             rows.body(row), row.cells)
            for row, lead_id in done
            if not row.is_erased
        ],
    )  # fmt: skip


# The number, the verdict, the lead, the body and the reasons of a stored row.
Kept = tuple[int, str, int | None, str, str | None]


def last_row(session: Session, import_id: int) -> int:
    """Return the number of a plan's last row; 0 if it has none."""
    own = col(ImportRow.import_id) == import_id
    return session.connection().scalar(select(func.max(col(ImportRow.number))).where(own)) or 0


def read_rows(session: Session, import_id: int, first: int, last: int) -> Sequence[Kept]:
    """Return the rows of a plan whose numbers are in a range, in order.

    By range and not by limit: without statistics of new rows, PostgreSQL would scan all of them
    for each batch.
    """
    query = select(
        col(ImportRow.number),
        col(ImportRow.verdict),
        col(ImportRow.lead_id),
        col(ImportRow.data),
        col(ImportRow.reasons),
    ).order_by(col(ImportRow.number))
    within = col(ImportRow.number).between(first, last)
    own = col(ImportRow.import_id) == import_id
    return session.connection().execute(query.where(own, within)).all()


def row_of(kept: Kept) -> Row:
    """Return a stored row, to be decided again."""
    number, verdict, _, body, kept_reasons = kept
    why = reasons.decode_list(kept_reasons)
    fault = why[0] if verdict == Verdict.REJECT else None
    warnings = tuple(one for one in why if one.code in WARNINGS)
    return rows.from_body(number, body, fault, warnings)


def outcome_of(kept: Kept) -> tuple[str, int | None]:
    """Return the verdict and the lead of a stored row."""
    _, verdict, lead_id, *_ = kept
    return verdict, lead_id


def set_leads(session: Session, import_id: int, leads: Sequence[tuple[int, int]]) -> None:
    """Store which leads rows have become or joined: pairs of a row's number and a lead's id."""
    _change(session, import_id, ("lead_id",), leads)


def change_rows(session: Session, import_id: int, changed: Iterable[tuple[Row, str]]) -> None:
    """Replace the verdicts of rows; their reasons tell the verdicts that they had before."""
    changes = [
        (row.number, PLAIN[row.verdict], row.standing_lead, _reasons_of_change(row, before))
        for row, before in changed
    ]
    _change(session, import_id, ("verdict", "lead_id", "reasons"), changes)


def _reasons_of_change(row: Row, before: str) -> str | None:
    changed = Reason(ReasonCode.OUTCOME_CHANGED, {"before": before})
    return reasons.encode_list([*row.reasons(), changed])


# Rows to change: each row's number, and then the new values of its columns.
_Changes = Sequence[Sequence[Any]]


def _change(session: Session, import_id: int, columns: Sequence[str], rows: _Changes) -> None:
    """Give columns of many rows new values. The rows are in order."""
    if not rows:
        return
    connection = session.connection()
    is_sqlite = connection.dialect.name == "sqlite"
    change = _change_on_sqlite if is_sqlite else _change_on_postgresql
    change(connection, import_id, columns, rows)


def _change_on_sqlite(
    connection: Connection, import_id: int, columns: Sequence[str], rows: _Changes
) -> None:
    # Row by row: joined with a list of values, SQLite may read all rows for each of them.
    changes = ", ".join(f"{name} = ?" for name in columns)
    connection.exec_driver_sql(
        f"UPDATE importrow SET {changes} "  # noqa: S608  our own names
        "WHERE import_id = ? AND number = ?",
        [(*values, import_id, number) for number, *values in rows],
    )


def committed(session: Session, person: Person | None, import_id: int, rows: int) -> None:
    """Record in the audit trail that an import was committed."""
    audit.record(
        session,
        Event.IMPORT_COMMITTED,
        by=person.id if person else None,
        subject=Subject.IMPORT,
        subject_id=import_id,
        rows=rows,
    )


def _change_on_postgresql(
    connection: Connection, import_id: int, columns: Sequence[str], rows: _Changes
) -> None:
    numbers, *values = zip(*rows, strict=True)
    types = [_CHANGED[name] for name in columns]
    changes = ", ".join(f"{name} = changed.{name}" for name in columns)
    arrays = ", ".join(f"%s::{type}[]" for type in types)
    connection.exec_driver_sql(
        f"UPDATE importrow SET {changes} "  # noqa: S608  our own names
        f"FROM unnest(%s::int[], {arrays}) AS changed(number, {', '.join(columns)}) "
        "WHERE importrow.import_id = %s AND importrow.number = changed.number "
        # By the index: without statistics of new rows, it would scan all of them.
        "AND importrow.number BETWEEN %s AND %s",
        (
            bulk_insert.array(numbers),
            *map(_array, types, values),
            import_id,
            numbers[0],
            numbers[-1],
        ),
    )


def _array(type: str, values: Sequence[Any]) -> Any:
    return bulk_insert.array(values) if type == "int" else list(values)
