"""Imports keep which table of their file was read: its sheets, its header, the order of dates."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    found = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("import")}
    if "layout" not in found:
        op.add_column("import", sa.Column("layout", sa.JSON, nullable=True))
