"""Only valid numbers are match keys; a lead's further numbers have a table of their own.

And a lead has a date of birth and an owner.
"""

from typing import Any

import sqlalchemy as sa
from alembic import context, op

from backend.migrations import shape, valid_phones

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# How many leads are read at a time.
_BATCH = 5000
_LEAD = sa.table(
    "lead",
    sa.column("id", sa.Integer),
    *(
        sa.column(name, sa.String)
        for name in (
            "phone", "player_name", "phone_key", "name_key", "phone_issue", "phone_extension",
        )
    ),
    sa.column("search_indexed", sa.Boolean),
)  # fmt: skip
_LEADPHONE = sa.table(
    "leadphone", sa.column("lead_id", sa.Integer), sa.column("phone_key", sa.String)
)


def upgrade() -> None:
    shape.free("leadphone")
    for name in ("phone_issue", "phone_extension"):
        shape.add("lead", sa.Column(name, sa.String))
    shape.add("lead", sa.Column("birth_date", sa.Date))
    # Alembic adds no foreign key to a table of SQLite without copying the table.
    shape.require({"user": ["id"]})
    op.execute('ALTER TABLE lead ADD COLUMN owner_id INTEGER REFERENCES "user" (id)')
    op.create_table(
        "leadphone",
        sa.Column(
            "lead_id",
            sa.Integer,
            sa.ForeignKey("lead.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("phone_key", sa.String, primary_key=True),
        sa.Column("import_id", sa.Integer),
    )
    shape.index("leadphone", "phone_key")
    shape.index_over("leadphone", "import_id", ["import_id"], "import_id IS NOT NULL")
    _write_keys()
    where = "phone_issue IS NOT NULL"
    shape.index_over("lead", "phone_issue", ["phone_issue", "created_time"], where)


def _write_keys() -> None:
    """Write the keys that differ, batch by batch; nearly all leads keep theirs."""
    connection = op.get_bind()
    region: str = context.config.attributes["phone_region"]
    columns = (_LEAD.c.id, _LEAD.c.phone, _LEAD.c.player_name, _LEAD.c.phone_key, _LEAD.c.name_key)
    following = sa.select(*columns).order_by(_LEAD.c.id).limit(_BATCH)
    change = (
        _LEAD.update()
        .where(_LEAD.c.id == sa.bindparam("of_id"))
        .values(
            phone_key=sa.bindparam("of_phone"),
            name_key=sa.bindparam("of_name"),
            phone_issue=sa.bindparam("of_issue"),
            phone_extension=sa.bindparam("of_extension"),
            search_indexed=False,
        )
    )
    last = -(2**31)
    while batch := connection.execute(following.where(_LEAD.c.id > last)).all():
        changes: list[dict[str, Any]] = []
        further: list[dict[str, Any]] = []
        for id, phone, name, phone_key, name_key in batch:
            read, named = valid_phones.read(phone, region), valid_phones.name_key(name)
            if read != (phone_key, None, None, ()) or named != name_key:
                changes.append(
                    {
                        "of_id": id,
                        "of_phone": read.e164,
                        "of_name": named,
                        "of_issue": read.issue.value if read.issue else None,
                        "of_extension": read.extension,
                    }
                )
            further += [{"lead_id": id, "phone_key": other} for other in read.others]
        if changes:
            connection.execute(change, changes)
        if further:
            connection.execute(_LEADPHONE.insert(), further)
        last = batch[-1].id
