"""Deliveries keep the headers that a body needs to be read: its type and its encoding."""

import sqlalchemy as sa

from backend.migrations import shape

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    shape.require({"delivery": ("body",)})
    for name in ("content_type", "content_encoding"):
        shape.add("delivery", sa.Column(name, sa.String()))
