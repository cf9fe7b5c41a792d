"""The tables that installations had before there were migrations."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "user",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String, nullable=False),
        sa.Column("hashed_password", sa.String, nullable=False),
        sa.Column("full_name", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
    )
    op.create_index("ix_user_email", "user", ["email"], unique=True)
    op.create_table(
        "center",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("display_name", sa.String, nullable=False),
        sa.Column("meta_tag_name", sa.String, nullable=False),
        sa.Column("city", sa.String, nullable=False),
        sa.Column("location", sa.String, nullable=False, server_default=sa.text("''")),
    )
    op.create_index("ix_center_meta_tag_name", "center", ["meta_tag_name"], unique=True)
    op.create_table(
        "usercenterlink",
        sa.Column("user_id", sa.Integer, sa.ForeignKey("user.id"), primary_key=True),
        sa.Column("center_id", sa.Integer, sa.ForeignKey("center.id"), primary_key=True),
    )
    op.create_table(
        "lead",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("created_time", sa.DateTime, nullable=False),
        sa.Column("player_name", sa.String),
        sa.Column("player_age_category", sa.String),
        sa.Column("phone", sa.String),
        sa.Column("email", sa.String),
        sa.Column("address", sa.String),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("next_followup_date", sa.DateTime),
        sa.Column("center_id", sa.Integer, sa.ForeignKey("center.id")),
    )
    op.create_table(
        "comment",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("timestamp", sa.DateTime, nullable=False),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("user.id")),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id")),
    )
