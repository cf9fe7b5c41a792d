"""Centers whose names are unique however they are written, and that can be archived and merged.

Deliveries that name no center can be placed, and forms and pages can have a center of their own.
"""

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape
from backend.migrations.center_keys import center_key

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    shape.free("aliasedlead", "centerchange", "movedlead", "page")
    _change_center()
    _change_aliases()
    _make_tables()
    shape.add("delivery", sa.Column("center_id", sa.Integer))
    shape.add("form", sa.Column("center_id", sa.Integer))


def _change_center() -> None:
    shape.add("center", sa.Column("name_key", sa.String))
    shape.add("center", sa.Column("tag_key", sa.String))
    shape.add("center", sa.Column("archived_at", TIME))
    shape.add("center", sa.Column("merged_into", sa.Integer))
    _fill_keys()
    shape.index("center", "name_key", unique=True)
    shape.index("center", "tag_key", unique=True)


def _fill_keys() -> None:
    """Give each center its keys; of two with one name, only the first one."""
    connection = op.get_bind()
    names = ("id", "display_name", "meta_tag_name", "name_key", "tag_key")
    center = sa.table("center", *map(sa.column, names))
    found = connection.execute(sa.select(*center.c[:3]).order_by(center.c.id)).all()
    name_keys: set[str] = set()
    tag_keys: set[str] = set()
    for id, name, tag in found:
        keys = {"name_key": _if_free(name_keys, name), "tag_key": _if_free(tag_keys, tag)}
        connection.execute(center.update().where(center.c.id == id).values(keys))


def _if_free(taken: set[str], text: str) -> str | None:
    key = center_key(text)
    if key in taken:
        return None
    taken.add(key)
    return key


def _change_aliases() -> None:
    """Give aliases the same keys; of two that have become one, the newer one counts.

    The older one is still found by its exact text: its key is one that no text has.
    """
    connection = op.get_bind()
    alias = sa.table("centeralias", *map(sa.column, ("key", "text", "created_at")))
    newest_first = sa.select(alias.c.key, alias.c.text).order_by(alias.c.created_at.desc())
    taken: set[str] = set()
    changes: dict[str, str] = {}
    for number, (key, text) in enumerate(connection.execute(newest_first).all()):
        changes[key] = _if_free(taken, text) or f"\x02{number}"
    # By way of keys that no text has: an alias may get the key that another one still has.
    for step in (
        {key: f"\x01{number}" for number, key in enumerate(changes)},
        {f"\x01{number}": new for number, new in enumerate(changes.values())},
    ):
        for before, after in step.items():
            change = alias.update().where(alias.c.key == before)
            connection.execute(change.values(key=after))


def _make_tables() -> None:
    op.create_table(
        "aliasedlead",
        sa.Column("lead_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("alias_key", sa.String, nullable=False),
    )
    shape.index("aliasedlead", "alias_key")
    op.create_table(
        "centerchange",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("center_id", sa.Integer, nullable=False),
        sa.Column("into_id", sa.Integer),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("user.id"), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.Column("undone", sa.Boolean, nullable=False, server_default=sa.text("false")),
    )
    shape.index("centerchange", "center_id")
    op.create_table(
        "movedlead",
        sa.Column("change_id", sa.Integer, sa.ForeignKey("centerchange.id"), primary_key=True),
        sa.Column("lead_id", sa.Integer, primary_key=True, autoincrement=False),
    )
    op.create_table(
        "page",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("center_id", sa.Integer),
    )
