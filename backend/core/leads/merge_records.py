"""The rows of a lead as JSON, for the snapshot of a merge, and back into the database.

A snapshot has these parts:

- `lead`, `origin`, `numbers`: the merged lead's own row, its row of `LeadOrigin`, and its further
  numbers, each with the import that it's from
- `moved`: by table, the ids of the rows that follow the survivor; `importrow` by import and number
- `groups`: what was changed in the survivor, as `{"before", "after"}` by group of columns
- `own_numbers`: the numbers that the survivor had before, each with the import that it's from

What refers to a lead without being moved keeps the merged lead's id: see `STAYS`.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Table, delete, select, update
from sqlmodel import Session, SQLModel, col

from backend.core.database.bulk_insert import among, batches
from backend.core.leads.merge_fields import ORIGIN
from backend.models import Day, ImportRow, Lead, LeadOrigin, LeadPhone, Moment

Json = dict[str, Any]
Moved = dict[str, list[Any]]

# Tables that name a lead by an id that stays valid while the lead is merged.
STAYS = frozenset({"aliasedlead", "movedlead", "erasedlead", "recentedit", "missedtarget"})
# Tables with a rule of their own below; claims, alerts and the wait for an owner end with a merge.
OWN_RULE = frozenset(
    {
        *("leadorigin", "leadphone", "importrow"),
        *("leadclaim", "waitinglead", "alert", "outboxmessage"),
    }
)


def table(model: type[SQLModel]) -> Table:
    """Return the table of a model."""
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found


def moving() -> list[Table]:
    """Return the tables whose rows follow the lead that they belong to, by their ids."""
    return [
        one
        for one in SQLModel.metadata.sorted_tables
        if {"id", "lead_id"} <= {*one.c.keys()} and one.name not in STAYS | OWN_RULE
    ]


def read(session: Session, lead_id: int) -> dict[str, Any]:
    """Return the columns of a lead, and its row of `LeadOrigin` as `origin`."""
    lead = table(Lead)
    row = session.connection().execute(select(lead).where(lead.c.id == lead_id)).mappings().one()
    return {**row, ORIGIN: _origin(session, lead_id)}


def _origin(session: Session, lead_id: int) -> Json | None:
    origin = table(LeadOrigin)
    query = select(origin).where(origin.c.lead_id == lead_id)
    row = session.connection().execute(query).mappings().one_or_none()
    return None if row is None else {name: row[name] for name in row if name != "lead_id"}


def encode(row: Mapping[str, Any]) -> Json:
    """Return columns as JSON has them; bytes as the texts that `stored_bytes` makes of them."""
    return {name: _encoded(value) for name, value in row.items()}


def _encoded(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return value.isoformat() if isinstance(value, date) else value


def decode(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return columns of a lead as the database takes them; those that it no longer has are lost."""
    own = decode_row(table(Lead), row)
    return own | ({ORIGIN: row[ORIGIN]} if ORIGIN in row else {})


def decode_row(of: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return columns of a table as the database takes them; any that it no longer has are lost."""
    return {name: _value(of, name, value) for name, value in row.items() if name in of.c}


def _value(of: Table, name: str, value: Any) -> Any:
    if value is None:
        return value
    kind = of.c[name].type
    if isinstance(kind, Moment):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Day | Date) else value


def write(session: Session, lead_id: int, columns: Mapping[str, Any]) -> None:
    """Change columns of a lead, of which `origin` is its row of `LeadOrigin`."""
    own = {name: value for name, value in columns.items() if name != ORIGIN}
    # It's indexed again, since its name or its numbers may be others.
    change = update(Lead).where(col(Lead.id) == lead_id).values(**own, search_indexed=False)
    session.connection().execute(change)
    if ORIGIN in columns:
        write_origin(session, lead_id, columns[ORIGIN])


def write_origin(session: Session, lead_id: int, origin: Mapping[str, Any] | None) -> None:
    """Replace a lead's row of `LeadOrigin`."""
    own = table(LeadOrigin)
    session.connection().execute(own.delete().where(own.c.lead_id == lead_id))
    if origin is not None:
        kept = {name: value for name, value in origin.items() if name in own.c}
        session.connection().execute(own.insert().values(lead_id=lead_id, **kept))


def move(session: Session, from_id: int, to_id: int) -> Moved:
    """Move all rows of a lead to another; return their ids by table."""
    moved: Moved = {}
    connection = session.connection()
    for one in moving():
        change = update(one).where(one.c.lead_id == from_id).values(lead_id=to_id)
        moved[one.name] = sorted(connection.scalars(change.returning(one.c.id)))
    rows = (
        update(ImportRow)
        .where(col(ImportRow.lead_id) == from_id)
        .values(lead_id=to_id)
        .returning(col(ImportRow.import_id), col(ImportRow.number))
    )
    moved["importrow"] = sorted(
        [import_id, number] for import_id, number in connection.execute(rows)
    )
    return moved


def move_back(
    session: Session, moved: Mapping[str, Sequence[Any]], from_id: int, to_id: int
) -> None:
    """Move rows back that are still with the lead that they were moved to."""
    connection = session.connection()
    for one in moving():
        for batch in batches(moved.get(one.name, ())):
            own = (among(session, one.c.id, batch), one.c.lead_id == from_id)
            connection.execute(update(one).where(*own).values(lead_id=to_id))
    by_import: dict[int, list[int]] = {}
    for import_id, number in moved.get("importrow", ()):
        by_import.setdefault(import_id, []).append(number)
    for import_id, numbers in by_import.items():
        for batch in batches(numbers):
            named = (
                col(ImportRow.import_id) == import_id,
                among(session, col(ImportRow.number), batch),
                col(ImportRow.lead_id) == from_id,
            )
            connection.execute(update(ImportRow).where(*named).values(lead_id=to_id))


def numbers_of(session: Session, lead_id: int) -> list[list[Any]]:
    """Return a lead's further numbers, each with the import that it's from."""
    query = (
        select(col(LeadPhone.phone_key), col(LeadPhone.import_id))
        .where(col(LeadPhone.lead_id) == lead_id)
        .order_by(col(LeadPhone.phone_key))
    )
    return [[number, import_id] for number, import_id in session.connection().execute(query)]


def set_numbers(session: Session, lead_id: int, wanted: Mapping[str, int | None]) -> None:
    """Make these the further numbers of a lead, each with the import that it's from."""
    had = dict(numbers_of(session, lead_id))
    if gone := {number for number, _ in had.items() - wanted.items()}:
        own = (col(LeadPhone.lead_id) == lead_id, col(LeadPhone.phone_key).in_(gone))
        session.connection().execute(delete(LeadPhone).where(*own))
    new = {number for number, _ in wanted.items() - had.items()}
    add_numbers(session, lead_id, [[number, wanted[number]] for number in sorted(new)])


def add_numbers(session: Session, lead_id: int, numbers: Sequence[Sequence[Any]]) -> None:
    """Add further numbers to a lead, each with the import that it's from."""
    rows = [
        {"lead_id": lead_id, "phone_key": number, "import_id": import_id}
        for number, import_id in numbers
    ]
    if rows:
        session.connection().execute(table(LeadPhone).insert(), rows)
