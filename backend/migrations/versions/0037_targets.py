"""Targets for first calls and follow-ups, when a new lead is to be called, and what was missed."""

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

# Whether servers of the version before go on working after this migration.
ADDITIVE = True


def upgrade() -> None:
    shape.free("missedtarget")
    for name in ("first_call_minutes", "follow_up_minutes"):
        shape.add("callingrules", sa.Column(name, sa.Integer))
    shape.add("callingrules", sa.Column("follow_up_since", sa.DateTime(timezone=True)))
    op.create_table(
        "missedtarget",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("missed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", sa.Integer),
        sa.Column("center_id", sa.Integer),
        sa.Column("handed_to", sa.Integer),
    )
    op.create_index(
        "ix_missedtarget_lead_id_kind_due_at",
        "missedtarget",
        ["lead_id", "kind", "due_at"],
        unique=True,
    )
    op.create_index("ix_missedtarget_missed_at", "missedtarget", ["missed_at"])
    for name in ("call_by", "handed_over_at"):
        shape.add("lead", sa.Column(name, sa.DateTime(timezone=True)))
    shape.index_over("lead", "call_by", ["call_by"], "call_by IS NOT NULL")
    handed_over = "handed_over_at IS NOT NULL"
    shape.index_over("lead", "handed_over", ["center_id", "created_time"], handed_over)
