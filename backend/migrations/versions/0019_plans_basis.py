"""Plans of imports keep what they were decided on."""

import sqlalchemy as sa

from backend.migrations import shape

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    shape.add("import", sa.Column("based_on", sa.String))
