"""Workers and backups say when they were last there; an audit trail that can only grow.

The triggers refuse what the program never does: changing or removing an event. The oldest events go
once an anchor names the last of them, which must be at least `_DAYS` old by the database's clock.
"""

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# How old an event must be before an anchor may name it, in days.
_DAYS = 30
_REFUSAL = "the audit trail can only grow"


def upgrade() -> None:
    shape.free("heartbeat", "auditevent", "auditanchor")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("at", moment, nullable=False),
    )
    op.create_table(
        "auditevent",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("event", sa.String, nullable=False),
        sa.Column("user_id", sa.Integer),
        sa.Column("subject", sa.String),
        sa.Column("subject_id", sa.Integer),
        sa.Column("address", sa.String),
        sa.Column("data", sa.String),
        sa.Column("previous_hash", sa.String, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
    )
    for columns in (["at"], ["event", "id"], ["user_id", "id"], ["subject", "subject_id"]):
        op.create_index(f"ix_auditevent_{'_'.join(columns)}", "auditevent", columns)
    op.create_table(
        "auditanchor",
        sa.Column("event_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.Column("at", moment, nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        _make_triggers_postgresql()
    else:
        _make_triggers_sqlite()


# An event that may be removed: an anchor covers it.
_COVERED = "EXISTS (SELECT 1 FROM auditanchor WHERE event_id >= old.id)"
# What an anchor may name.
_OLD_ENOUGH = (
    "EXISTS (SELECT 1 FROM auditevent"
    " WHERE id = new.event_id AND hash = new.hash AND at < {long_ago})"
)


def _make_triggers_sqlite() -> None:
    old_enough = _OLD_ENOUGH.format(long_ago=f"datetime('now', '-{_DAYS} days')")
    for table, name, when, condition in (
        # `REPLACE` would remove an event without running the trigger of a delete.
        ("auditevent", "insert", "INSERT", "EXISTS (SELECT 1 FROM auditevent WHERE id = new.id)"),
        ("auditevent", "update", "UPDATE", "true"),
        ("auditevent", "delete", "DELETE", f"NOT {_COVERED}"),
        ("auditanchor", "insert", "INSERT", f"NOT {old_enough}"),
        ("auditanchor", "update", "UPDATE", "true"),
        ("auditanchor", "delete", "DELETE", "true"),
    ):
        op.execute(
            f"CREATE TRIGGER tofa_{table}_{name} BEFORE {when} ON {table} WHEN {condition}"
            f" BEGIN SELECT raise(ABORT, '{_REFUSAL}'); END"
        )


def _make_triggers_postgresql() -> None:
    schema = op.get_bind().exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    runs = f"RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$ BEGIN"
    op.execute(
        f"CREATE FUNCTION tofa_audit_refuse() {runs}"
        f" RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$"
    )
    old_enough = _OLD_ENOUGH.format(long_ago=f"now() - interval '{_DAYS} days'")
    # The condition of a trigger can't have a subquery, so a function looks.
    for name, condition, returned in (
        ("delete", _COVERED, "old"),
        ("anchor", old_enough, "new"),
    ):
        op.execute(
            f"CREATE FUNCTION tofa_audit_{name}() {runs}"
            f" IF NOT {condition} THEN"
            f" RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'restrict_violation'; END IF;"
            f" RETURN {returned}; END $$"
        )
    for table, name, when, function in (
        ("auditevent", "update", "UPDATE", "refuse"),
        ("auditevent", "delete", "DELETE", "delete"),
        ("auditanchor", "insert", "INSERT", "anchor"),
        ("auditanchor", "change", "UPDATE OR DELETE", "refuse"),
    ):
        op.execute(
            f"CREATE TRIGGER tofa_{table}_{name} BEFORE {when} ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION tofa_audit_{function}()"
        )
    for table in ("auditevent", "auditanchor"):
        op.execute(
            f"CREATE TRIGGER tofa_{table}_truncate BEFORE TRUNCATE ON {table}"
            " EXECUTE FUNCTION tofa_audit_refuse()"
        )
