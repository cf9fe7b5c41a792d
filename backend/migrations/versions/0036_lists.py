"""Changes of whole lists, done in steps, and views of lists that are saved."""

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

# Whether servers of the version before go on working after this migration.
ADDITIVE = True

_COUNTS = ("total", "changed", "unchanged", "skipped", "restored", "kept")


def upgrade() -> None:
    shape.free("listchange", "listchangepart", "savedview")
    op.create_table(
        "listchange",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("user.id"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("undone_by", sa.Integer),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("wanted", sa.JSON, nullable=False),
        sa.Column("last_event", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in _COUNTS),
        sa.Column("problem", sa.String),
    )
    op.create_index("ix_listchange_user_id", "listchange", ["user_id"])
    op.create_table(
        "listchangepart",
        sa.Column("list_change_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("leads", sa.LargeBinary, nullable=False),
    )
    op.add_column("bulkchange", sa.Column("list_change_id", sa.Integer))
    part = "list_change_id IS NOT NULL"
    shape.index_over("bulkchange", "list_change_id", ["list_change_id"], part)
    op.create_table(
        "savedview",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "user_id", sa.Integer, sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("query", sa.String, nullable=False),
        sa.Column("shared", sa.Boolean, nullable=False),
        sa.Column("center_id", sa.Integer, sa.ForeignKey("center.id", ondelete="CASCADE")),
    )
    op.create_index("ix_savedview_user_id", "savedview", ["user_id"])
