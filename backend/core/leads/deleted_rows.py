"""The rows of deleted leads as JSON, as long as the deletion can be undone, and back again.

By table, each lead has its own rows as they were, and those of leads that were merged into it. Rows
that stay, but no longer say which lead they became, are in two short forms:

- `importrow`: `[import_id, number]`
- `delivery`: what it was before: see `_DELIVERY`

On SQLite the id of a row that was deleted may go to a new row. Then the restored one gets another
id, and what names it follows. Ids of leads, and of lines of history, are never given again: see
`removing.remove`.

SQLite keeps anything that a script stores in a column. What is no time, day or JSON there is
written back as it was: see `_BROKEN` for JSON.

A lead that waited for people of an assignment rule waits again, as long as the rule is used.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import orjson
from sqlalchemy import JSON, Date, Table, Text, literal, select, tuple_, type_coerce, update
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.types import NullType
from sqlmodel import Session, SQLModel, col

from backend.core.database.bulk_insert import among, batches
from backend.core.database.json_columns import encode
from backend.core.leads import merge_records, merged, removing
from backend.core.reasons import ReasonCode
from backend.models import (
    AssignmentRule,
    Attempt,
    Comment,
    Day,
    Delivery,
    DeliveryState,
    ImportRow,
    Lead,
    LeadEvent,
    LeadMerge,
    LeadPhone,
    Moment,
    WaitingLead,
)

Json = dict[str, Any]
# The rows of one lead, by table.
Rows = dict[str, list[Any]]

# The columns of a delivery that a deletion changes.
_DELIVERY = ("state", "reason", "details", "closed_by")
# In this order they are written back: what others name comes first.
_FIRST: tuple[type[SQLModel], ...] = (Lead, LeadPhone, Comment, Attempt)
_LAST: tuple[type[SQLModel], ...] = (LeadMerge, LeadEvent, WaitingLead)
_OTHERS: tuple[type[SQLModel], ...] = tuple(
    one for one in removing.OWN if one not in _FIRST + _LAST
)
_TABLES = tuple(merge_records.table(one) for one in _FIRST + _OTHERS + _LAST)
# What names a row of these tables in the lines of history.
_NAMED = {"comment_id": "comment", "call_id": "attempt", "edit_id": "recentedit"} | {
    "merge_id": "leadmerge"
}
# What a script has stored in columns of these types may be read as None.
_LOSSY = (Moment, Day, Date)
# What it has stored in these may not be readable: they are read as they are stored.
_STRICT = (JSON, Date)
_STORED = "stored "
# In a row, the texts of its columns that have no JSON in them, by their names.
_BROKEN = "broken"
# The new ids of rows, by table.
_NewIds = dict[str, dict[int, int]]


def read(session: Session, leads: Sequence[int]) -> dict[int, Rows]:
    """Return the rows of leads, by their ids."""
    parts = merged.parts(session, leads)
    ids = [*leads, *parts]
    found: dict[int, Rows] = {id: {} for id in leads}
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    for one in _TABLES:
        column = _column(one)
        strict = _of_types(one, _STRICT) if is_sqlite else []
        # As SQLite has them, beside what is read of them.
        lossy = [name for name in _of_types(one, _LOSSY) if name not in strict] if is_sqlite else []
        stored = [*strict, *lossy]
        as_stored = [type_coerce(one.c[name], NullType()).label(_STORED + name) for name in stored]
        as_read = [own for name, own in one.c.items() if name not in strict]
        query = select(*as_read, *as_stored).where(among(session, column, ids))
        query = query.order_by(*one.primary_key.columns)
        if one.name == LeadMerge.__tablename__:
            # Of one that was undone, the record keeps nothing of the leads.
            query = query.where(one.c.undone_at.is_(None))
        for row in session.connection().execute(query).mappings():
            id = row[column.name]
            rows = found[parts.get(id, id)].setdefault(one.name, [])
            own = {column.name: row[column.name] for column in as_read}
            own |= {name: row[_STORED + name] for name in stored if own.get(name) is None}
            rows.append(_with_json(one, merge_records.encode(own), strict))
    _read_others(session, leads, found)
    return found


def _of_types(one: Table, types: tuple[type, ...]) -> list[str]:
    return [name for name, own in one.c.items() if isinstance(own.type, types)]


def _with_json(one: Table, row: Json, strict: Iterable[str]) -> Json:
    """Return a row with the JSON of its texts, and beside it the texts without any."""
    broken = {}
    for name in strict:
        if isinstance(one.c[name].type, JSON) and isinstance(row[name], str):
            try:
                row[name] = json.loads(row[name])
            except ValueError:
                broken[name], row[name] = row[name], None
    return row | {_BROKEN: broken} if broken else row


def _column(one: Table) -> Any:
    """Return the column of a table that says whose row it is."""
    name = {"lead": "id", "leadmerge": "current_id"}.get(one.name, "lead_id")
    return one.c[name]


def _read_others(session: Session, leads: Sequence[int], found: Mapping[int, Rows]) -> None:
    columns = (col(ImportRow.lead_id), col(ImportRow.import_id), col(ImportRow.number))
    query = select(*columns).where(among(session, col(ImportRow.lead_id), leads))
    for id, import_id, number in session.connection().execute(query.order_by(*columns[1:])):
        found[id or 0].setdefault("importrow", []).append([import_id, number])
    kept = (getattr(Delivery, name) for name in _DELIVERY)
    own = select(col(Delivery.id), col(Delivery.lead_id), *kept)
    own = own.where(among(session, col(Delivery.lead_id), leads)).order_by(col(Delivery.id))
    for row in session.connection().execute(own).mappings():
        was = merge_records.encode({name: row[name] for name in ("id", *_DELIVERY)})
        found[row["lead_id"]].setdefault("delivery", []).append(was)


def merged_of(rows: Rows) -> list[int]:
    """Return the ids of the leads that were merged into a deleted one."""
    return [row["merged_id"] for row in rows.get("leadmerge", ())]


def write(session: Session, found: Sequence[Rows]) -> None:
    """Write the rows of leads back."""
    new_ids: _NewIds = {}
    for one in _TABLES:
        rows = list(chain.from_iterable(rows.get(one.name, ()) for rows in found))
        if rows and one.name == WaitingLead.__tablename__:
            rows = _of_used_rules(session, rows)
        if rows:
            _insert(session, one, [_renamed(one, row, new_ids) for row in rows], new_ids)
    _write_others(session, found)


def _of_used_rules(session: Session, rows: list[Json]) -> list[Json]:
    """Return those of the waits for a rule's people whose rule is still used, which stays so."""
    rules = sorted({row["rule_id"] for row in rows})
    used = select(col(AssignmentRule.id)).where(
        col(AssignmentRule.id).in_(rules), col(AssignmentRule.active)
    )
    found = {*session.connection().scalars(used.with_for_update(read=True))}
    return [row for row in rows if row["rule_id"] in found]


def _insert(session: Session, one: Table, rows: list[Json], new_ids: _NewIds) -> None:
    connection = session.connection()
    decoded = [_decoded(one, row) for row in _without_gone(session, one, rows)]
    if one.name == Lead.__tablename__:
        decoded = [row | {"search_indexed": False} for row in decoded]
    taken = _taken(session, one, decoded) if "id" in one.c else set()
    free = [row for row in decoded if row.get("id") not in taken]
    # Many at once take values alone.
    if plain := [row for row in free if not _has_literals(row)]:
        connection.execute(one.insert(), plain)
    for row in filter(_has_literals, free):
        connection.execute(one.insert().values(row))
    for row in decoded:
        if (id := row.get("id")) in taken:
            del row["id"]
            added = connection.execute(one.insert().values(row)).inserted_primary_key
            assert added is not None
            new_ids.setdefault(one.name, {})[id] = added[0]


def _without_gone(session: Session, one: Table, rows: list[Json]) -> list[Json]:
    """Return rows of a table without what they refer to and a script has deleted, such as accounts.

    Rows that need it go with it.
    """
    for name, column in one.c.items():
        for key in column.foreign_keys:
            if key.column.table.name == Lead.__tablename__:
                continue
            named = {row[name] for row in rows if row.get(name) is not None}
            known = sorted(id for id in named if isinstance(id, int))
            there = select(key.column).where(among(session, key.column, known))
            if gone := named - {*session.connection().scalars(there)}:
                rows = [row | {name: None} if row.get(name) in gone else row for row in rows]
                rows = [row for row in rows if column.nullable or row[name] is not None]
    return rows


def _has_literals(row: Json) -> bool:
    return any(isinstance(value, BindParameter) for value in row.values())


def _decoded(one: Table, row: Json) -> Json:
    """Return a row as the database takes it; what is no time, day or JSON, as literals."""
    stored = {name: literal(text, Text()) for name, text in row.get(_BROKEN, {}).items()}
    for name in _of_types(one, _LOSSY):
        try:
            merge_records.decode_row(one, {name: row.get(name)})
        except (ValueError, TypeError):
            stored[name] = literal(row[name], Text())
    others = {name: value for name, value in row.items() if name not in stored}
    return merge_records.decode_row(one, others) | stored


def _taken(session: Session, one: Table, rows: Iterable[Json]) -> set[int]:
    ids = [row["id"] for row in rows]
    query = select(one.c.id).where(among(session, one.c.id, ids))
    return {*session.connection().scalars(query)}


def _renamed(one: Table, row: Json, new_ids: _NewIds) -> Json:
    """Return a row with the new ids of those that it names."""
    if not new_ids:
        return row
    if one.name == Attempt.__tablename__:
        return row | {"comment_id": _new(new_ids, "comment", row["comment_id"])}
    if one.name == LeadMerge.__tablename__:
        return row | {"snapshot": _renamed_snapshot(row["snapshot"], new_ids)}
    if one.name == LeadEvent.__tablename__:
        data = _object(row["data"])
        renamed = {
            name: _new(new_ids, table, data[name]) for name, table in _NAMED.items() if name in data
        }
        return row | {"data": encode(data | renamed)} if renamed else row
    return row


def _renamed_snapshot(snapshot: Any, new_ids: _NewIds) -> Any:
    """Return the snapshot of a merge with the new ids, or as it is if a script has broken it."""
    moved = snapshot.get("moved") if isinstance(snapshot, dict) else None
    if not isinstance(moved, dict):
        return snapshot
    renamed = {
        name: [_new(new_ids, name, id) for id in ids] if isinstance(ids, list) else ids
        for name, ids in moved.items()
    }
    return snapshot | {"moved": renamed}


def _object(text: Any) -> Json:
    """Return the JSON object of a text, which is empty if it has none."""
    try:
        found = orjson.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}


def _new(new_ids: _NewIds, table: str, id: Any) -> Any:
    return new_ids.get(table, {}).get(id, id) if isinstance(id, int) else id


def _write_others(session: Session, found: Sequence[Rows]) -> None:
    connection = session.connection()
    for rows in found:
        (lead,) = rows["lead"]
        for batch in batches(rows.get("importrow", ())):
            named = tuple_(col(ImportRow.import_id), col(ImportRow.number)).in_(map(tuple, batch))
            told = update(ImportRow).where(named, col(ImportRow.lead_id).is_(None))
            connection.execute(told.values(lead_id=lead["id"]))
        for was in rows.get("delivery", ()):
            # Unless it was tried again, and became another lead.
            own = (
                col(Delivery.id) == was["id"],
                col(Delivery.lead_id).is_(None),
                col(Delivery.state) == DeliveryState.DISMISSED,
                col(Delivery.reason) == ReasonCode.LEAD_DELETED,
            )
            values = {name: was[name] for name in _DELIVERY} | {"lead_id": lead["id"]}
            connection.execute(update(Delivery).where(*own).values(values))
