"""A trial has an outcome, and counts as attended only then; the reason "Other" has a text.

Leads that nothing else would show are found by an index of their own.
"""

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# What the daily totals are made of.
_COLUMNS = (
    "created_time", "center_id", "source", "campaign", "lost_reason", "is_test", "called_at",
    "trialled_at", "attended_at", "joined_at", "lost_at",
)  # fmt: skip
_NO_NEXT_STEP = (
    "next_followup_date IS NULL AND status <> 'New' AND status <> 'Joined' "
    "AND status <> 'Dead/Not Interested'"
)


def upgrade() -> None:
    shape.add("lead", sa.Column("attended_at", sa.DateTime(timezone=True)))
    shape.add("erasedlead", sa.Column("attended_at", sa.DateTime(timezone=True)))
    shape.add("lead", sa.Column("trial_outcome", sa.String))
    shape.add("lead", sa.Column("lost_reason_text", sa.String))
    shape.index_over("lead", "no_next_step", ["center_id", "created_time"], _NO_NEXT_STEP)
    attended = sa.Column("attended", sa.Integer, nullable=False, server_default=sa.text("0"))
    shape.add("dailytotal", attended)
    if op.get_bind().dialect.name == "sqlite":
        _mark_updates_sqlite()
    else:
        _mark_updates_postgresql()
    # Who has joined has been there. The trigger marks their days, to be added up again.
    op.execute("UPDATE erasedlead SET attended_at = joined_at WHERE joined_at IS NOT NULL")
    op.execute("UPDATE lead SET attended_at = joined_at WHERE joined_at IS NOT NULL")


def _mark_updates_sqlite() -> None:
    """Create the trigger of 0005 over one column more."""
    new, old = (f"substr({row}.created_time, 1, 10)" for row in ("new", "old"))
    differs = " OR ".join(f"old.{name} IS NOT new.{name}" for name in _COLUMNS)
    marks = "".join(
        f"INSERT INTO changedday (day) SELECT {day} "  # noqa: S608  our own names
        f"WHERE NOT EXISTS (SELECT 1 FROM changedday WHERE day = {day});"
        for day in (old, new)
    )
    op.execute("DROP TRIGGER IF EXISTS tofa_sums_update")
    op.execute(
        f"CREATE TRIGGER tofa_sums_update AFTER UPDATE OF {', '.join(_COLUMNS)} ON lead "
        f"WHEN {differs} BEGIN {marks} END"
    )


def _mark_updates_postgresql() -> None:
    """Create the trigger of 0005 over one column more."""
    differs = " IS DISTINCT FROM ".join(
        f"({', '.join(f'{row}.{name}' for name in _COLUMNS)})" for row in ("old", "new")
    )
    op.execute("DROP TRIGGER IF EXISTS tofa_sums_update ON lead")
    op.execute(
        f"CREATE TRIGGER tofa_sums_update AFTER UPDATE OF {', '.join(_COLUMNS)} ON lead "
        f"FOR EACH ROW WHEN ({differs}) EXECUTE FUNCTION tofa_sums_row()"
    )
