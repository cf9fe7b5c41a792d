"""Observers export only where a setting allows it. Installations that had observers keep it."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

WAS_ALLOWED = "observers_exported"


def upgrade() -> None:
    connection = op.get_bind()
    observer = sa.text("SELECT 1 FROM \"user\" WHERE role = 'observer' LIMIT 1")
    if connection.scalar(observer) is None:
        return
    now = datetime.now(UTC)
    if connection.dialect.name == "sqlite":
        now = now.replace(tzinfo=None)
    known = sa.text("SELECT 1 FROM installationmark WHERE name = :name")
    if connection.scalar(known, {"name": WAS_ALLOWED}) is None:
        mark = sa.table("installationmark", sa.column("name"), sa.column("since", sa.DateTime))
        connection.execute(mark.insert().values(name=WAS_ALLOWED, since=now))
