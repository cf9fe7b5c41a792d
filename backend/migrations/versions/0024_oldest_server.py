"""The database says which version's servers it still works with.

So servers of the version before stay in use while the others are restarted one after the other.
"""

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# Whether servers of the version before go on working after this migration. Each one says so.
ADDITIVE = False


def upgrade() -> None:
    shape.free("schemastate")
    # Filled at the end of each upgrade: see `backend.core.lifecycle.migrate`.
    op.create_table(
        "schemastate",
        sa.Column("revision", sa.String, primary_key=True),
        sa.Column("oldest_server", sa.String, nullable=False),
    )
