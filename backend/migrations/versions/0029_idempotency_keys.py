"""Requests with a key are carried out once, and answered again for some days."""

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

# Whether servers of the version before go on working after this migration.
ADDITIVE = True


def upgrade() -> None:
    shape.free("idempotencykey")
    op.create_table(
        "idempotencykey",
        sa.Column("user_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("answer", sa.LargeBinary),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_idempotencykey_at", "idempotencykey", ["at"])
