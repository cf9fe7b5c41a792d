"""Lost reasons, age groups and sources that team leads edit, for all centers or for one."""

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

# Whether servers of the version before go on working after this migration.
ADDITIVE = True


def upgrade() -> None:
    shape.free("choice")
    op.create_table(
        "choice",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("center_id", sa.Integer, sa.ForeignKey("center.id", ondelete="CASCADE")),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("folded", sa.String, nullable=False),
        sa.Column("key", sa.String),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_choice_kind_place_folded", "choice", ["kind", "place", "folded"])
    op.create_index("ix_choice_key", "choice", ["key"], unique=True)
