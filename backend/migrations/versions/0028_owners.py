"""Who is working on a lead just now, and indexes for lists and queues by the owner of a lead."""

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# Whether servers of the version before go on working after this migration.
ADDITIVE = True

_NO_NEXT_STEP = (
    "owner_id IS NULL AND next_followup_date IS NULL AND status <> 'New' AND status <> 'Joined' "
    "AND status <> 'Dead/Not Interested' AND unreachable_since IS NULL"
)


def upgrade() -> None:
    shape.free("leadclaim")
    op.create_table(
        "leadclaim",
        sa.Column(
            "lead_id", sa.Integer, sa.ForeignKey("lead.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column(
            "user_id", sa.Integer, sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_leadclaim_until", "leadclaim", ["until"])
    owned = "owner_id IS NOT NULL"
    shape.index_over("lead", "owned", ["owner_id", "created_time"], owned)
    due = f"{owned} AND next_followup_date IS NOT NULL"
    shape.index_over("lead", "owned_due", ["owner_id", "next_followup_date"], due)
    undated = (
        f"{owned} AND next_followup_date IS NULL AND status <> 'Joined' "
        "AND status <> 'Dead/Not Interested'"
    )
    shape.index_over("lead", "owned_undated", ["owner_id", "created_time"], undated)
    # The leads of nobody, of which a center's queue consists.
    due = "owner_id IS NULL AND next_followup_date IS NOT NULL"
    shape.index_over("lead", "queued_due", ["next_followup_date"], due)
    new = "owner_id IS NULL AND next_followup_date IS NULL AND status = 'New'"
    shape.index_over("lead", "queued_new", ["center_id", "created_time"], new)
    columns = ["center_id", "created_time"]
    shape.index_over("lead", "queued_no_next_step", columns, _NO_NEXT_STEP)
