"""Large jobs: who is writing an import, and the places that large jobs have."""

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    shape.free("bigjob")
    shape.add("import", sa.Column("held_by", sa.String))
    op.create_table(
        "bigjob",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    )
    condition = sa.text("lead_id IS NOT NULL")
    op.create_index(
        "ix_importrow_lead_id",
        "importrow",
        ["lead_id"],
        sqlite_where=condition,
        postgresql_where=condition,
    )
