"""Leads can be merged, and unmerged."""

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_USER = "user.id"


def upgrade() -> None:
    shape.free("leadmerge")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "leadmerge",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("merged_id", sa.Integer, nullable=False),
        sa.Column("survivor_id", sa.Integer, nullable=False),
        sa.Column("current_id", sa.Integer, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("user_id", sa.Integer, sa.ForeignKey(_USER)),
        sa.Column("event_id", sa.Integer),
        sa.Column("leadgen_id", sa.String),
        sa.Column("name_key", sa.String),
        sa.Column("email_key", sa.String),
        sa.Column("player_age_category", sa.String),
        sa.Column("birth_date", sa.Date),
        sa.Column("snapshot", sa.JSON),
        sa.Column("undone_at", moment),
        sa.Column("undone_by", sa.Integer, sa.ForeignKey(_USER)),
    )
    for name in ("survivor_id", "current_id"):
        shape.index("leadmerge", name)
    for name in ("leadgen_id", "name_key"):
        shape.index_over("leadmerge", name, [name], f"{name} IS NOT NULL")
    active = sa.text("undone_at IS NULL")
    op.create_index(
        "ix_leadmerge_merged_id",
        "leadmerge",
        ["merged_id"],
        unique=True,
        sqlite_where=active,
        postgresql_where=active,
    )
    # A verdict stays with the lead that was judged, even while that is merged into another.
    shape.drop_foreign_keys("notduplicate", ("first_id", "second_id"))
    # Finds leads of one name and birth date at one center.
    shape.index_over("lead", "birth_date", ["birth_date", "name_key"], "birth_date IS NOT NULL")
