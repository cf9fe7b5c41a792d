"""An outbox of what is to be told, alerts of people, and what they have chosen."""

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

# Whether servers of the version before go on working after this migration.
ADDITIVE = True


def upgrade() -> None:
    shape.free("outboxmessage", "alert", "pushsubscription", "alertpreference")
    _make_outbox()
    _make_alerts()
    op.create_table(
        "pushsubscription",
        sa.Column("id", sa.Integer, primary_key=True),
        _of_user(),
        sa.Column("session_id", sa.Integer),
        sa.Column("endpoint", sa.String, nullable=False),
        sa.Column("public_key", sa.String, nullable=False),
        sa.Column("auth", sa.String, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_pushsubscription_user_id", "pushsubscription", ["user_id"])
    op.create_index("ix_pushsubscription_endpoint", "pushsubscription", ["endpoint"], unique=True)
    op.create_table(
        "alertpreference",
        _of_user(is_key=True),
        sa.Column("summaries", sa.Boolean),
    )


def _of_user(*, is_key: bool = False) -> "sa.Column[int]":
    user = sa.ForeignKey("user.id", ondelete="CASCADE")
    return sa.Column(
        "user_id", sa.Integer, user, primary_key=is_key, autoincrement=False, nullable=False
    )


def _make_outbox() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "outboxmessage",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("user_id", sa.Integer),
        sa.Column("lead_id", sa.Integer),
        sa.Column("delivery_id", sa.Integer),
        sa.Column("data", sa.JSON),
        sa.Column("receiver", sa.String),
        sa.Column("key", sa.String),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("reason", sa.String),
        sa.Column("details", sa.String),
        sa.Column("claimed_until", moment),
        sa.Column("held_by", sa.String),
        sa.Column("settled_at", moment),
        sa.Column("closed_by", sa.Integer),
    )
    waiting = "state = 'waiting'"
    shape.index_over("outboxmessage", "waiting", ["channel", "due_at"], waiting)
    has_key = sa.text("key IS NOT NULL")
    op.create_index(
        "ix_outboxmessage_key",
        "outboxmessage",
        ["key"],
        unique=True,
        sqlite_where=has_key,
        postgresql_where=has_key,
    )


def _make_alerts() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.Integer, primary_key=True),
        _of_user(),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id", ondelete="CASCADE")),
        sa.Column("delivery_id", sa.Integer),
        sa.Column("count", sa.Integer, nullable=False, server_default="1"),
        sa.Column("seen_at", sa.DateTime(timezone=True)),
    )
    for name in ("user_id", "lead_id", "at"):
        op.create_index(f"ix_alert_{name}", "alert", [name])
    unseen = "seen_at IS NULL"
    shape.index_over("alert", "unseen", ["user_id", "id"], unseen)
    of_many = f"{unseen} AND lead_id IS NULL"
    shape.index_over("alert", "unseen_of_many", ["user_id", "kind"], of_many)
