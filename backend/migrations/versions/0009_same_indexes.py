"""Give databases of every earlier version the same indexes, keys and triggers as new ones."""

from alembic import op

from backend.migrations import shape

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


def upgrade() -> None:
    for table, name, columns, where in _INDEXES:
        shape.index_over(table, name, columns, where)
    # Step 0002 once made them. PostgreSQL would look each up for every row of history.
    shape.drop_foreign_keys("leadevent", ("lead_id", "user_id"))
    if op.get_bind().dialect.name == "postgresql":
        _let_triggers_write()
    # Step 0007 left it in the lines of repeat enquiries.
    op.execute(
        """UPDATE leadevent SET data = replace(data, '"source":"hand"', '"source":"manual"') """
        """WHERE kind = 'repeat_enquiry' AND data LIKE '{"source":"hand"%'"""
    )


def _let_triggers_write() -> None:
    """Let the triggers of step 0005 write with their owner's rights, as they do since then."""
    schema = op.get_bind().exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    for name in ("rows", "row"):
        op.execute(
            f"ALTER FUNCTION tofa_sums_{name}() SECURITY DEFINER "
            f"SET search_path = {schema}, pg_temp"
        )
