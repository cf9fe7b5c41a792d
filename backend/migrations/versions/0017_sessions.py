"""Sessions, one-time links to choose a password, and second factors."""

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    shape.free("usersession", "passwordlink", "secondfactor", "recoverycode")
    op.create_table(
        "usersession",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("jti", sa.String, nullable=False),
        _user(),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("two_steps", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("device", sa.String, nullable=False),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_used_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
    )
    shape.index("usersession", "jti", unique=True)
    for name in ("user_id", "ends_at"):
        shape.index("usersession", name)
    op.create_table(
        "passwordlink",
        sa.Column("id", sa.Integer, primary_key=True),
        _user(),
        sa.Column("token_hash", sa.String, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("created_by", sa.Integer),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME),
    )
    shape.index("passwordlink", "user_id")
    shape.index("passwordlink", "token_hash", unique=True)
    _second_factors()


def _second_factors() -> None:
    op.create_table(
        "secondfactor",
        _user(primary_key=True),
        sa.Column("secret", sa.String, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("confirmed_at", TIME),
        sa.Column("last_step", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "recoverycode",
        sa.Column("id", sa.Integer, primary_key=True),
        _user(),
        sa.Column("code_hash", sa.String, nullable=False),
        sa.Column("used_at", TIME),
    )
    shape.index("recoverycode", "user_id")


def _user(*, primary_key: bool = False) -> sa.Column[int]:
    """Return the column of the account that a row belongs to; it goes with the account."""
    key = sa.ForeignKey("user.id", ondelete="CASCADE")
    return sa.Column("user_id", sa.Integer, key, primary_key=primary_key, nullable=False)
