"""Passkeys, the challenges that were answered, and the passkey that a session began with."""

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# Whether servers of the version before go on working after this migration.
ADDITIVE = True

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    shape.free("passkey", "usedchallenge")
    user = sa.ForeignKey("user.id", ondelete="CASCADE")
    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Integer, user, nullable=False),
        sa.Column("credential_id", sa.String, nullable=False),
        sa.Column("public_key", sa.String, nullable=False),
        sa.Column("user_handle", sa.String, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("label", sa.String, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_used_at", TIME),
    )
    shape.index("passkey", "user_id")
    shape.index("passkey", "credential_id", unique=True)
    op.create_table(
        "usedchallenge",
        sa.Column("hash", sa.String, primary_key=True),
        sa.Column("expires_at", TIME, nullable=False),
    )
    shape.add("usersession", sa.Column("passkey_id", sa.Integer))
