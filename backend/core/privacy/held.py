"""All that is held about a lead: its rows in every table, as JSON has them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Table, Text, cast, or_, select
from sqlmodel import Session, SQLModel, col

from backend.core.database.bulk_insert import among
from backend.core.privacy.columns import OWN
from backend.models import (
    BulkChange,
    Delivery,
    Import,
    ImportRow,
    Lead,
    LeadMerge,
    NotDuplicate,
)

Json = dict[str, Any]
# The rows by table.
Held = dict[str, list[Json]]

# What only speeds up or protects the program's own work.
_INSIDE = frozenset({"search_indexed", "claimed_until", "held_by"})


def ids_of(session: Session, lead_id: int) -> list[int]:
    """Return the ids of a lead: its own, and those of the leads that were merged into it."""
    query = select(col(LeadMerge.merged_id)).where(
        col(LeadMerge.current_id) == lead_id, col(LeadMerge.undone_at).is_(None)
    )
    return [lead_id, *session.connection().scalars(query.order_by(col(LeadMerge.id)))]


def collect(session: Session, lead_id: int) -> Held:
    """Return the rows of a lead and of those that were merged into it, without empty tables."""
    ids = ids_of(session, lead_id)
    found: Held = {"lead": _rows(session, table("lead"), among(session, col(Lead.id), ids))}
    for name in OWN:
        own = table(name)
        found[name] = _rows(session, own, among(session, own.c.lead_id, ids))
    found["delivery"] = _rows(
        session, table("delivery"), among(session, col(Delivery.lead_id), ids)
    )
    found["importrow"] = _rows(
        session, table("importrow"), among(session, col(ImportRow.lead_id), ids)
    )
    found["leadmerge"] = _rows(session, table("leadmerge"), merges_of(session, ids))
    pairs = (col(NotDuplicate.first_id), col(NotDuplicate.second_id))
    found["notduplicate"] = _rows(
        session, table("notduplicate"), or_(*(among(session, one, ids) for one in pairs))
    )
    found["bulkchange"] = _bulk_changes(session, ids)
    return {name: rows for name, rows in found.items() if rows}


def merges_of(session: Session, ids: Sequence[int]) -> ColumnElement[bool]:
    """Return the condition of the records of merges, undone ones too, of some leads."""
    columns = (col(LeadMerge.merged_id), col(LeadMerge.survivor_id), col(LeadMerge.current_id))
    return or_(*(among(session, one, ids) for one in columns))


def imports_of(session: Session, held: Held) -> list[Json]:
    """Return the names and times of the files that brought the lead or an enquiry of it."""
    ids = (row.get("import_id") for rows in held.values() for row in rows)
    named = {id for id in ids if id is not None}
    columns = (col(Import.id), col(Import.filename), col(Import.created_at))
    query = select(*columns).where(among(session, col(Import.id), sorted(named)))
    return [encode(row._mapping) for row in session.connection().execute(query)]


def _bulk_changes(session: Session, ids: Sequence[int]) -> list[Json]:
    wanted = set(ids)
    found = []
    # Most changes have nothing of the lead: the database reads their texts faster.
    texts = [f'"id": {id},' for id in ids]
    mention = or_(*(cast(col(BulkChange.changes), Text).contains(one) for one in texts))
    for change in session.scalars(select(BulkChange).where(mention).order_by(col(BulkChange.id))):
        parts = [one for one in change.changes if one.get("id") in wanted]
        if parts:
            found.append(
                {
                    "id": change.id,
                    "user_id": change.user_id,
                    "at": change.at.isoformat(),
                    "changes": parts,
                    "undone": change.undone,
                }
            )
    return found


def rows_of(session: Session, name: str, condition: ColumnElement[bool]) -> list[Json]:
    """Return rows of a table."""
    return _rows(session, table(name), condition)


def _rows(session: Session, of: Table, condition: ColumnElement[bool]) -> list[Json]:
    query = select(of).where(condition).order_by(*of.primary_key.columns)
    return [encode(row) for row in session.connection().execute(query).mappings()]


def encode(row: Mapping[Any, Any]) -> Json:
    """Return a row as JSON has it; `data` is JSON already."""
    return {
        str(name): _encoded(str(name), value) for name, value in row.items() if name not in _INSIDE
    }


def _encoded(name: str, value: Any) -> Any:
    if name == "data" and isinstance(value, str):
        return data_of(value)
    if isinstance(value, bytes):  # a script has stored them, which only SQLite lets it do
        return value.decode(errors="replace")
    return value.isoformat() if isinstance(value, date) else value


def data_of(text: str) -> Any:
    """Return what a text of JSON says, or the text itself if a script has stored another one."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def table(name: str) -> Table:
    """Return a table by its name."""
    return SQLModel.metadata.tables[name]


def texts_of(held: Held, *names: str) -> Iterator[str]:
    """Yield the texts of columns, and of members of JSON columns, by their names."""
    wanted = frozenset(names)
    for rows in held.values():
        yield from _texts(rows, wanted, is_named=False)


def _texts(value: Any, names: frozenset[str], *, is_named: bool) -> Iterator[str]:
    if isinstance(value, str):
        if is_named:
            yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one, names, is_named=is_named)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _texts(one, names, is_named=is_named or name in names)
