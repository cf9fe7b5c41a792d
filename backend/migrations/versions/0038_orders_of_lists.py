"""Indexes for lists by name, by the last call of open leads, and of repeat enquiries."""

from hashlib import sha256

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

# Whether servers of the version before go on working after this migration.
ADDITIVE = True


# In characters: PostgreSQL's indexes take no texts of several kilobytes.
_LONGEST = 250


def upgrade() -> None:
    for table in ("lead", "leadmerge"):
        _shorten_names(table)
    shape.index_over("lead", "center_id_name_key", ["center_id", "name_key"])
    is_open = "status <> 'Joined' AND status <> 'Dead/Not Interested'"
    last = f"last_attempt_at IS NOT NULL AND {is_open}"
    shape.index_over("lead", "open_last_attempt_at", ["last_attempt_at"], last)
    shape.index_over("leadevent", "repeat", ["lead_id"], "kind = 'repeat_enquiry'")


def _shorten_names(table: str) -> None:
    """Put a hash in the place of a name's key that no index would take."""
    named = sa.table(table, sa.column("id"), sa.column("name_key"))
    connection = op.get_bind()
    query = sa.select(named.c.id, named.c.name_key)
    long = connection.execute(query.where(sa.func.length(named.c.name_key) > _LONGEST)).all()
    if long and connection.dialect.name == "postgresql":
        # By writing the table again: an index would also take the rows as they were before.
        hashed = "'sha256:' || encode(sha256(convert_to(name_key, 'UTF8')), 'hex')"
        op.execute(
            f"ALTER TABLE {table} ALTER name_key TYPE varchar"
            f" USING CASE WHEN length(name_key) > {_LONGEST} THEN {hashed} ELSE name_key END"
        )
        return
    for id, key in long:
        hashed = f"sha256:{sha256(key.encode()).hexdigest()}"
        connection.execute(named.update().where(named.c.id == id).values(name_key=hashed))
