"""Attempts to reach a lead are rows, and the lead has their counts and the last one.

What older installations know of calls is in comments and statuses: no attempt is made up from it.
"""

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

# Whether servers of the version before go on working after this migration.
ADDITIVE = True

_NO_NEXT_STEP = (
    "next_followup_date IS NULL AND status <> 'New' AND status <> 'Joined' "
    "AND status <> 'Dead/Not Interested' AND unreachable_since IS NULL"
)


def upgrade() -> None:
    shape.free("attempt", "erasedattempt")
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("user.id")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("seconds", sa.Integer),
        sa.Column("key", sa.String),
        sa.Column("comment_id", sa.Integer),
        sa.Column("changes", sa.JSON, nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_attempt_lead_id", "attempt", ["lead_id"])
    op.create_index("ix_attempt_at", "attempt", ["at"])
    op.create_index("ix_attempt_user_id_key", "attempt", ["user_id", "key"], unique=True)
    op.create_table(
        "erasedattempt",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("erased_id", sa.Integer, sa.ForeignKey("erasedlead.id"), nullable=False),
        sa.Column("user_id", sa.Integer),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
    )
    op.create_index("ix_erasedattempt_erased_id", "erasedattempt", ["erased_id"])
    op.create_index("ix_erasedattempt_at", "erasedattempt", ["at"])
    for name in ("attempts", "unanswered"):
        count = sa.Column(name, sa.Integer, nullable=False, server_default=sa.text("0"))
        shape.add("lead", count)
    for name in ("last_attempt_at", "unreachable_since", "tries_since"):
        shape.add("lead", sa.Column(name, sa.DateTime(timezone=True)))
    for name in ("last_outcome", "wrong_phone"):
        shape.add("lead", sa.Column(name, sa.String))
    shape.index_over("lead", "attempts", ["attempts", "created_time"], "attempts > 0")
    shape.index_over("lead", "last_attempt_at", ["last_attempt_at"], "last_attempt_at IS NOT NULL")
    shape.index_over("lead", "no_next_step", ["center_id", "created_time"], _NO_NEXT_STEP)
    unreachable = "unreachable_since IS NOT NULL"
    shape.index_over("lead", "unreachable", ["center_id", "created_time"], unreachable)
