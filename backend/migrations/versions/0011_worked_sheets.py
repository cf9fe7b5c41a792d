"""Imports keep the statuses that a sheet's texts stand for, and the number of doubtful rows."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_COLUMNS = {"statuses": "[]", "doubts": "{}"}


def upgrade() -> None:
    found = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("import")}
    for name, empty in _COLUMNS.items():
        if name not in found:
            default = sa.text(f"'{empty}'")
            op.add_column(
                "import", sa.Column(name, sa.JSON, nullable=False, server_default=default)
            )
