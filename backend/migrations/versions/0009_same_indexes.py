"""Give databases of every earlier version the same indexes, keys and triggers as new ones.

And keep codes with parameters in place of the sentences of deliveries and pauses.
"""

import json

import sqlalchemy as sa
from alembic import op

from backend.migrations import note_codes, shape

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Steps 0003 and 0004 once made these without a condition, or didn't make them.
_INDEXES: tuple[tuple[str, str, list[str], str | None], ...] = (
    ("lead", "center_id_created_time", ["center_id", "created_time"], None),
    ("lead", "source", ["source", "created_time"], "source <> 'upload'"),
    (
        "lead",
        "player_age_category",
        ["player_age_category", "created_time"],
        "player_age_category IS NOT NULL",
    ),
    ("lead", "is_test", ["status"], "is_test"),
    ("lead", "lost_reason", ["lost_reason", "created_time"], "lost_reason IS NOT NULL"),
    ("delivery", "state_id", ["state", "id"], None),
    ("delivery", "state_due_at", ["state", "due_at"], "due_at IS NOT NULL"),
    ("delivery", "parent_id", ["parent_id"], "parent_id IS NOT NULL"),
    ("delivery", "form_id", ["form_id"], "form_id IS NOT NULL"),
    ("delivery", "lead_id", ["lead_id"], "lead_id IS NOT NULL"),
    ("delivery", "import_id", ["import_id"], "import_id IS NOT NULL"),
)

_BATCH = 5000


def upgrade() -> None:
    _make_the_same()
    _replace_notes()
    # Step 0007 left this code in the lines of repeat enquiries.
    op.execute(
        """UPDATE leadevent SET data = replace(data, '"source":"hand"', '"source":"manual"') """
        """WHERE kind = 'repeat_enquiry' AND data LIKE '{"source":"hand"%'"""
    )


def _make_the_same() -> None:
    for table, name, columns, where in _INDEXES:
        shape.index_over(table, name, columns, where)
    # Step 0002 once made them. PostgreSQL would look each up for every row of history.
    shape.drop_foreign_keys("leadevent", ("lead_id", "user_id"))
    if op.get_bind().dialect.name == "postgresql":
        _let_triggers_write()


def _let_triggers_write() -> None:
    """Let the triggers of step 0005 write with their owner's rights, as they do since then."""
    schema = op.get_bind().exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    for name in ("rows", "row"):
        op.execute(
            f"ALTER FUNCTION tofa_sums_{name}() SECURITY DEFINER "
            f"SET search_path = {schema}, pg_temp"
        )


def _replace_notes() -> None:
    for table in ("delivery", "pause"):
        op.execute(f"ALTER TABLE {table} RENAME COLUMN note TO details")
    shape.set_nullable("pause", {"details": True})
    _replace_notes_of_deliveries()
    _replace_notes_of_pauses()


def _replace_notes_of_deliveries() -> None:
    columns = ("id", "state", "reason", "details")
    delivery = sa.table("delivery", *map(sa.column, columns))
    noted = sa.select(delivery).where(delivery.c.details.is_not(None)).order_by(delivery.c.id)
    write = (
        delivery.update()
        .where(delivery.c.id == sa.bindparam("of_id"))
        .values(details=sa.bindparam("of_details", type_=sa.String()))
    )
    connection, last = op.get_bind(), 0
    while batch := connection.execute(noted.where(delivery.c.id > last).limit(_BATCH)).all():
        changes = [
            {"of_id": id, "of_details": _json(note_codes.of_delivery(state, reason, note))}
            for id, state, reason, note in batch
        ]
        connection.execute(write, changes)
        last = batch[-1].id


def _replace_notes_of_pauses() -> None:
    pause = sa.table(
        "pause", *(sa.column(name, sa.String()) for name in ("name", "reason", "details"))
    )
    for name, reason, note in op.get_bind().execute(sa.select(pause)).all():
        code, details = note_codes.of_pause(reason, note)
        changed = {"reason": code, "details": _json(details)}
        op.execute(pause.update().where(pause.c.name == name).values(changed))


def _json(details: note_codes.Details | None) -> str | None:
    return None if details is None else json.dumps(details, ensure_ascii=False)
