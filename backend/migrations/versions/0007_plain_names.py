"""Tables, columns and codes take the trade's terms: a capture becomes a delivery, and so on."""

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TABLES = {
    "capture": "delivery",
    "leadsum": "dailytotal",
    "summedday": "totalledday",
    "attempt": "ratecount",
}
_COLUMNS = (("lead", "found", "search_indexed"), ("dailytotal", "of", "dimension"))
_INDEXES = {
    "ix_lead_found": "ix_lead_search_indexed",
    "ix_leadsum_of_day": "ix_dailytotal_dimension_day",
}
# A state that takes the name of another one comes after it.
_STATES = {"done": "processed", "failed": "retrying", "dead": "failed", "discarded": "dismissed"}


def upgrade() -> None:
    shape.free(*_TABLES.values())
    for old, new in _TABLES.items():
        op.rename_table(old, new)
    for table, old, new in _COLUMNS:
        op.execute(f'ALTER TABLE {table} RENAME COLUMN "{old}" TO {new}')
    _rename_indexes()
    _rename_codes()


def _rename_indexes() -> None:
    for table in ("lead", *_TABLES.values()):
        for index in shape.indexes(table):
            old = str(index["name"])
            new = _INDEXES.get(old) or _of_renamed_table(old)
            if new != old:
                _rename_index(old, new)


def _of_renamed_table(index: str) -> str:
    """Return the name of an index, with the new name of its table in it."""
    for old, new in _TABLES.items():
        if index.startswith(f"ix_{old}_"):
            return index.replace(old, new, 1)
    return index


def _rename_index(old: str, new: str) -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute(f"ALTER INDEX {old} RENAME TO {new}")
        return
    # SQLite can't rename an index: it is made once more, by the same statement.
    made = sa.text("SELECT sql FROM sqlite_master WHERE type = 'index' AND name = :name")
    statement = op.get_bind().execute(made, {"name": old}).scalar_one()
    op.drop_index(old)
    op.execute(sa.text(statement.replace(old, new, 1).replace(":", "\\:")))


def _rename_codes() -> None:
    for old, new in _STATES.items():
        op.execute(f"UPDATE delivery SET state = '{new}' WHERE state = '{old}'")  # noqa: S608
    op.execute("UPDATE leadevent SET kind = 'repeat_enquiry' WHERE kind = 'asked_again'")
    op.execute("UPDATE lead SET source = 'manual' WHERE source = 'hand'")
    op.execute("UPDATE dailytotal SET key = 'manual' WHERE dimension = 'source' AND key = 'hand'")
    op.execute(
        """UPDATE leadevent SET data = replace(data, '"source":"hand"', '"source":"manual"') """
        """WHERE kind = 'created' AND data LIKE '%"source":"hand"%'"""
    )
