"""Indexes for what people have done and have to do, and for what is overdue at each center."""

from alembic import op

from backend.migrations import shape

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

# Whether servers of the version before go on working after this migration.
ADDITIVE = True


def upgrade() -> None:
    op.create_index("ix_attempt_user_id_at", "attempt", ["user_id", "at"])
    by_person = "user_id IS NOT NULL AND kind <> 'created'"
    shape.index_over("leadevent", "by_person", ["user_id", "at", "lead_id"], by_person)
    columns = ["owner_id", "center_id", "next_followup_date", "status", "is_test"]
    is_open = "owner_id IS NOT NULL AND status <> 'Joined' AND status <> 'Dead/Not Interested'"
    shape.index_over("lead", "owned_open", columns, is_open)
    overdue = (
        "next_followup_date IS NOT NULL AND status <> 'Joined' AND status <> 'Dead/Not Interested'"
    )
    shape.index_over("lead", "center_due", ["center_id", "next_followup_date"], overdue)
