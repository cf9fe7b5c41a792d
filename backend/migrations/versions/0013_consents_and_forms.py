"""Consent boxes of leads, what Meta says of its forms, and the pauses that follow one another."""

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    shape.free("consent")
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("text", sa.String),
        sa.Column("granted", sa.Boolean, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("form_id", sa.String),
    )
    shape.index("consent", "lead_id")
    shape.index_over("consent", "form_id", ["form_id", "key"], "text IS NULL")
    for name in ("name", "page_id", "status"):
        shape.add("form", sa.Column(name, sa.String))
    for name in ("created_at", "seen_at", "read_at"):
        shape.add("form", sa.Column(name, TIME))
    shape.add("form", sa.Column("boxes", sa.JSON))
    shape.add(
        "pause", sa.Column("in_a_row", sa.Integer, nullable=False, server_default=sa.text("0"))
    )
