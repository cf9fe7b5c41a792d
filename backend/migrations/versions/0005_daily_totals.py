"""Leads added up by the day, and the triggers that say of which days that no longer holds."""

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
# What the sums are made of.
_COLUMNS = (
    "created_time", "center_id", "source", "campaign", "lost_reason", "is_test", "called_at",
    "trialled_at", "joined_at", "lost_at",
)  # fmt: skip


def upgrade() -> None:
    shape.free("leadsum", "summedday", "changedday")
    op.create_table(
        "leadsum",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("center_id", sa.Integer),
        sa.Column("of", sa.String, nullable=False),
        sa.Column("key", sa.String),
        *(
            sa.Column(name, sa.Integer, nullable=False)
            for name in (
                "leads", "called", "trial", "joined", "lost", "within_5m", "within_1h",
                "within_1d", "later", "uncalled",
            )
        ),
        sa.Column("waited", sa.BigInteger, nullable=False),
    )  # fmt: skip
    op.create_index("ix_leadsum_of_day", "leadsum", ["of", "day"])
    op.create_table(
        "summedday",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("begins", TIME, nullable=False),
        sa.Column("ends", TIME, nullable=False),
    )
    op.create_table(
        "changedday",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("day", sa.String, nullable=False),
    )
    shape.index("changedday", "day")
    if op.get_bind().dialect.name == "sqlite":
        _make_triggers_sqlite()
    else:
        _make_triggers_postgresql()


def _make_triggers_sqlite() -> None:
    """Create the triggers for SQLite. With one writer, a day needs to be marked only once."""
    new, old = (f"substr({row}.created_time, 1, 10)" for row in ("new", "old"))
    # Not OR IGNORE: within a trigger, how the statement outside resolves conflicts is what counts.
    missing = "NOT EXISTS (SELECT 1 FROM changedday WHERE day = {})"
    mark = "INSERT INTO changedday (day) SELECT {};"
    differs = " OR ".join(f"old.{name} IS NOT new.{name}" for name in _COLUMNS)
    for name, when, marks in (
        # Whether there is a mark is asked ahead: that costs half, and an import has many rows.
        ("insert", f"INSERT ON lead WHEN {missing.format(new)}", mark.format(new)),
        ("delete", f"DELETE ON lead WHEN {missing.format(old)}", mark.format(old)),
        (
            "update",
            f"UPDATE OF {', '.join(_COLUMNS)} ON lead WHEN {differs}",
            "".join(mark.format(f"{day} WHERE {missing.format(day)}") for day in (old, new)),
        ),
    ):
        op.execute(f"CREATE TRIGGER tofa_sums_{name} AFTER {when} BEGIN {marks} END")
    op.execute("INSERT INTO changedday (day) SELECT DISTINCT substr(created_time, 1, 10) FROM lead")


def _make_triggers_postgresql() -> None:
    """Create the triggers for PostgreSQL. Each transaction writes its own marks, to avoid waits.

    They run with the rights of the role that created the tables, since another role may only be
    allowed to add leads, and in the tables' schema (PostgreSQL, "Writing SECURITY DEFINER functions
    safely").
    """
    schema = op.get_bind().exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    day = "to_char({}created_time AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
    differs = " IS DISTINCT FROM ".join(
        f"({', '.join(f'{row}.{name}' for name in _COLUMNS)})" for row in ("old", "new")
    )
    for name, marks in (
        # Of many leads at once: each day once.
        ("rows", f"SELECT DISTINCT {day.format('')} FROM touched"),  # noqa: S608  our own names
        ("row", f"SELECT {day.format('old.')} UNION SELECT {day.format('new.')}"),
    ):
        op.execute(
            f"CREATE FUNCTION tofa_sums_{name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
            f"SET search_path = {schema}, pg_temp AS $$ BEGIN "
            f"INSERT INTO changedday (day) {marks}; RETURN NULL; END $$"
        )
    for name, when, function in (
        ("insert", "INSERT ON lead REFERENCING NEW TABLE AS touched FOR EACH STATEMENT", "rows"),
        ("delete", "DELETE ON lead REFERENCING OLD TABLE AS touched FOR EACH STATEMENT", "rows"),
        (
            "update",
            f"UPDATE OF {', '.join(_COLUMNS)} ON lead FOR EACH ROW WHEN ({differs})",
            "row",
        ),
    ):
        op.execute(
            f"CREATE TRIGGER tofa_sums_{name} AFTER {when} EXECUTE FUNCTION tofa_sums_{function}()"
        )
    op.execute(f"INSERT INTO changedday (day) SELECT DISTINCT {day.format('')} FROM lead")  # noqa: S608
