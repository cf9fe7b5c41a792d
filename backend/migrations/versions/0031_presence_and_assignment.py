"""Who is at work and when, and the rules by which leads are assigned to them."""

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

# Whether servers of the version before go on working after this migration.
ADDITIVE = True


def _of(table: str, *, key: bool = False) -> sa.Column[int]:
    column = sa.ForeignKey(f"{table}.id", ondelete="CASCADE")
    name = f"{table.removeprefix('assignment')}_id"
    return sa.Column(name, sa.Integer, column, primary_key=key, nullable=False)


def upgrade() -> None:
    shape.free("presence", "leave", "assignmentrule", "assignmentshare", "waitinglead")
    op.create_table(
        "presence",
        _of("user", key=True),
        sa.Column("week", sa.JSON),
        sa.Column("away_since", sa.DateTime(timezone=True)),
        sa.Column("away_until", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "leave",
        sa.Column("id", sa.Integer, primary_key=True),
        _of("user"),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("label", sa.String),
    )
    op.create_index("ix_leave_user_id", "leave", ["user_id"])
    op.create_index("ix_leave_last_day", "leave", ["last_day"])
    op.create_table(
        "assignmentrule",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("center_id", sa.Integer, sa.ForeignKey("center.id", ondelete="CASCADE")),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("conditions", sa.JSON, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False, server_default=sa.text("true")),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_assignmentrule_center_id", "assignmentrule", ["center_id"])
    op.create_table(
        "assignmentshare",
        _of("assignmentrule", key=True),
        _of("user", key=True),
        sa.Column("weight", sa.Integer, nullable=False),
        sa.Column("cap", sa.Integer),
        sa.Column("served", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("in_turn", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("day", sa.Date),
        sa.Column("given", sa.Integer, nullable=False, server_default=sa.text("0")),
    )
    op.create_index("ix_assignmentshare_user_id", "assignmentshare", ["user_id"])
    op.create_table(
        "waitinglead",
        _of("lead", key=True),
        _of("assignmentrule"),
        sa.Column("center_id", sa.Integer, nullable=False),
    )
    op.create_index(
        "ix_waitinglead_rule_id_center_id_lead_id",
        "waitinglead",
        ["rule_id", "center_id", "lead_id"],
    )
