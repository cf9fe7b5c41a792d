"""Plans of imports keep what they were decided on."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    found = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("import")}
    if "based_on" not in found:
        op.add_column("import", sa.Column("based_on", sa.String, nullable=True))
