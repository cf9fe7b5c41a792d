"""Erased leads, consents that are recorded and withdrawn, and a mark for those not to contact."""

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    shape.free("erasedlead", "erasedkey", "retentionmark")
    no = sa.text("false")
    shape.add("lead", sa.Column("do_not_contact", sa.Boolean, nullable=False, server_default=no))
    for column in (
        sa.Column("channel", sa.String),
        sa.Column("version", sa.String),
        sa.Column("user_id", sa.Integer),
        sa.Column("withdrawn_at", TIME),
        sa.Column("withdrawn_by", sa.Integer),
    ):
        shape.add("consent", column)
    op.create_table(
        "erasedlead",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, nullable=False),
        sa.Column("last_id", sa.Integer, nullable=False),
        sa.Column("created_time", TIME, nullable=False),
        sa.Column("center_id", sa.Integer),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("source", sa.String),
        sa.Column("is_test", sa.Boolean, nullable=False),
        sa.Column("campaign", sa.String),
        sa.Column("lost_reason", sa.String),
        *(sa.Column(name, TIME) for name in ("called_at", "trialled_at", "joined_at", "lost_at")),
        sa.Column("erased_at", TIME, nullable=False),
        sa.Column("erased_by", sa.Integer),
        sa.Column("destroy_at", TIME, nullable=False),
        sa.Column("searched_at", TIME),
        sa.Column("destroyed_at", TIME),
        sa.Column("snapshot", sa.JSON),
    )
    for name in ("lead_id", "created_time"):
        shape.index("erasedlead", name)
    shape.index_over("erasedlead", "destroy_at", ["destroy_at"], "destroyed_at IS NULL")
    op.create_table(
        "erasedkey",
        sa.Column("hash", sa.String, primary_key=True),
        sa.Column("erased_id", sa.Integer, sa.ForeignKey("erasedlead.id"), primary_key=True),
        sa.Column("at", TIME, nullable=False),
    )
    op.create_table(
        "retentionmark",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("last_id", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("at", TIME, nullable=False),
    )
