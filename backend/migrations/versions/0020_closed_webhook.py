"""The webhook needs a token. Installations that were open to all senders stay so."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

WAS_OPEN = "webhook_was_open"


def upgrade() -> None:
    shape.free("installationmark")
    mark = op.create_table(
        "installationmark",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )
    unverified = sa.Column(
        "is_unverified", sa.Boolean, nullable=False, server_default=sa.text("false")
    )
    shape.add("delivery", unverified)
    connection = op.get_bind()
    # A new installation has no accounts yet.
    if connection.scalar(sa.text('SELECT 1 FROM "user" LIMIT 1')) is not None:
        now = datetime.now(UTC)
        if connection.dialect.name == "sqlite":
            now = now.replace(tzinfo=None)
        connection.execute(mark.insert().values(name=WAS_OPEN, since=now))
