"""Opening hours, retry plans and holidays that team leads edit, for all centers or for one."""

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# Whether servers of the version before go on working after this migration.
ADDITIVE = True


def upgrade() -> None:
    shape.free("callingrules", "holiday")
    op.create_table(
        "callingrules",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("center_id", sa.Integer, sa.ForeignKey("center.id", ondelete="CASCADE")),
        sa.Column("week", sa.JSON),
        sa.Column("retry_plan", sa.JSON),
    )
    op.create_index("ix_callingrules_place", "callingrules", ["place"], unique=True)
    op.create_table(
        "holiday",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("center_id", sa.Integer, sa.ForeignKey("center.id", ondelete="CASCADE")),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("label", sa.String, nullable=False),
    )
    op.create_index("ix_holiday_center_id", "holiday", ["center_id"])
    op.create_index("ix_holiday_last_day", "holiday", ["last_day"])
