"""WhatsApp texts that team leads edit, and which of them an attempt has sent."""

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# Whether servers of the version before go on working after this migration.
ADDITIVE = True


def upgrade() -> None:
    shape.free("messagetext")
    op.create_table(
        "messagetext",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("center_id", sa.Integer, sa.ForeignKey("center.id")),
        sa.Column("label", sa.String, nullable=False),
        sa.Column("key", sa.String),
        sa.Column("status", sa.String),
        sa.Column("message", sa.String, nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_messagetext_key", "messagetext", ["key"], unique=True)
    shape.add("attempt", sa.Column("text_id", sa.Integer))
