"""Edits of one lead are kept for a day, for their undo; indexes for what one has done."""

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

# Whether servers of the version before go on working after this migration.
ADDITIVE = True


def upgrade() -> None:
    shape.free("recentedit")
    op.create_table(
        "recentedit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, nullable=False),
        sa.Column(
            "user_id", sa.Integer, sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changes", sa.JSON, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_recentedit_lead_id", "recentedit", ["lead_id"])
    for table in ("recentedit", "attempt", "bulkchange", "leadmerge"):
        shape.index_over(table, "user_id_at", ["user_id", "at"])
