"""Change a table that a site may have made, or changed, in its own way.

Each step looks at what is there and changes only what differs. What a site has added to a table
stays: columns, indexes, checks, and on SQLite, where some changes rebuild the table, the triggers
and views over it. A step that can't be done stops the migration with a `CommandError` that says
where; the caller tells it as a `ConfigurationError`. No module of the program is used here, since
a migration must do tomorrow what it does today.
"""

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError
from sqlalchemy.engine.interfaces import ReflectedIndex

_BATCH = 5000


def require(tables: Mapping[str, Iterable[str]]) -> None:
    """Stop where a table lacks one of its columns."""
    for table, columns in tables.items():
        found = {column["name"] for column in _inspect().get_columns(table)}
        for column in columns:
            if column not in found:
                raise CommandError(
                    f"The table {table} has no column {column}: it is not one of TOFA CRM's."
                )


def free(*tables: str) -> None:
    """Stop where the name of a new table is taken."""
    for table in set(tables) & set(_inspect().get_table_names()):
        raise CommandError(
            f"TOFA CRM needs a table {table}, and this database has one that is not its own: "
            "rename that one."
        )


def add(table: str, column: sa.Column[Any]) -> None:
    """Add a column. One that a site has added itself is used if both are texts."""
    found = {each["name"]: each["type"] for each in _inspect().get_columns(table)}
    if column.name not in found:
        op.add_column(table, column)
    elif isinstance(column.type, sa.String) and isinstance(found[column.name], sa.String):
        to_text(table, [column.name])
        set_nullable(table, {column.name: bool(column.nullable)})
    else:
        raise CommandError(
            f"TOFA CRM needs a column {column.name} in the table {table}, and this database has "
            "one that is not its own: rename that one."
        )


def to_text(table: str, columns: Iterable[str]) -> None:
    """Turn columns into texts of any length: a PostgreSQL ENUM or varchar(n) becomes varchar.

    SQLite holds any text in any column.
    """
    if _on_sqlite():
        return
    for column in _inspect().get_columns(table):
        kept = column["type"]
        if column["name"] in columns and (type(kept) is not sa.VARCHAR or kept.length):
            if not isinstance(kept, sa.String) or isinstance(kept, sa.Enum):
                op.alter_column(table, column["name"], server_default=None)
            op.alter_column(
                table,
                column["name"],
                type_=sa.String(),
                postgresql_using=f'"{column["name"]}"::text',
            )


def to_utc(table: str, columns: Mapping[str, ZoneInfo]) -> None:
    """Turn times without an offset, on the wall clock of a zone, into moments in UTC."""
    if not columns:
        return
    if _on_sqlite():
        _rewrite(table, columns)
        return
    for column in _inspect().get_columns(table):
        name = column["name"]
        if name in columns and not getattr(column["type"], "timezone", False):
            op.alter_column(
                table,
                name,
                type_=sa.DateTime(timezone=True),
                # A date that is no timestamp first is midnight in the connection's zone.
                postgresql_using=f"\"{name}\"::timestamp AT TIME ZONE '{columns[name].key}'",
            )


def _rewrite(table: str, columns: Mapping[str, ZoneInfo]) -> None:
    connection, names = op.get_bind(), list(columns)
    select = f"SELECT id, {', '.join(names)} FROM {table} WHERE id > ? ORDER BY id LIMIT {_BATCH}"  # noqa: S608  our own names
    update = f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in names)} WHERE id = ?"  # noqa: S608
    # Batch by batch, and by the id: a walk along an index over the times would meet again the rows
    # that it has moved.
    last = -(2**63)
    while batch := connection.exec_driver_sql(select, (last,)).fetchall():
        changes: list[tuple[Any, ...]] = []
        for id, *values in batch:
            pairs = zip(names, values, strict=True)
            moments = [_moment(table, name, id, value, columns[name]) for name, value in pairs]
            changes.append((*moments, id))
        connection.exec_driver_sql(update, changes)
        last = batch[-1][0]


def _moment(table: str, column: str, id: int, value: object, zone: ZoneInfo) -> str | None:
    if value is None:
        return None
    try:
        return _text_in_utc(datetime.fromisoformat(str(value).strip()), zone)
    except (ValueError, OverflowError) as error:
        raise CommandError(
            f"The table {table} has {str(value)[:40]!r} as {column} in the row {id}, "
            "which is no date and time: fix that first."
        ) from error


def _text_in_utc(time: datetime, zone: ZoneInfo) -> str:
    """Return a time as SQLAlchemy stores it on SQLite."""
    if time.tzinfo is None:
        time = time.replace(tzinfo=zone)
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def fill(table: str, values: Mapping[str, str | datetime]) -> None:
    """Give a value to what is null and may no longer be; moments are in UTC."""
    for column, value in values.items():
        kind = sa.DateTime(timezone=True) if isinstance(value, datetime) else sa.String()
        at = sa.table(table, sa.column(column, kind))
        op.execute(at.update().where(at.c[column].is_(None)).values({column: value}))


def set_nullable(table: str, columns: Mapping[str, bool]) -> None:
    """Set whether each column may be null. Stops at a null where there may be none."""
    found = {column["name"]: column["nullable"] for column in _inspect().get_columns(table)}
    differing = [name for name, nullable in columns.items() if found[name] != nullable]
    for name in differing:
        if not columns[name]:
            _require_values(table, name)
    if differing:
        with _rebuilt(table), op.batch_alter_table(table, **_kept_by_a_rebuild(table)) as batch:
            for name in differing:
                batch.alter_column(name, nullable=columns[name])


def _require_values(table: str, column: str) -> None:
    at = sa.table(table, sa.column("id"), sa.column(column))
    row = op.get_bind().execute(sa.select(at.c.id).where(at.c[column].is_(None))).first()
    if row is not None:
        raise CommandError(
            f"The table {table} has no {column} in the row {row[0]}: fix that first."
        )


def index(table: str, column: str, *, unique: bool = False) -> None:
    """Make the index that the models have of a column; those of other names are the site's."""
    name = f"ix_{table}_{column}"
    found = next((index for index in indexes(table) if index["name"] == name), None)
    if found is not None and found["column_names"] != [column]:
        raise CommandError(
            f"The index {name} is not over {table}.{column} alone: give it another name."
        )
    if found is not None and (found["unique"] or not unique):
        return
    if unique:
        _require_unique(table, column)
    if found is not None:
        op.drop_index(name, table)
    op.create_index(name, table, [column], unique=unique)


def index_over(table: str, name: str, columns: list[str], where: str | None = None) -> None:
    """Make the index `ix_{table}_{name}` where it is missing or has another condition."""
    name = f"ix_{table}_{name}"
    found = next((index for index in indexes(table) if index["name"] == name), None)
    if found is not None:
        if found["column_names"] != columns:
            raise CommandError(
                f"The index {name} is not over {', '.join(columns)}: give it another name."
            )
        condition = found.get("dialect_options", {}).get(f"{op.get_bind().dialect.name}_where")
        if _bare(condition) == _bare(where):
            return
        op.drop_index(name, table)
    condition = None if where is None else sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def _bare(condition: object) -> str:
    """Return a condition without the brackets and casts that PostgreSQL adds."""
    return "" if condition is None else re.sub(r"::[a-z]+|[()]", "", str(condition))


def drop_foreign_keys(table: str, columns: Iterable[str]) -> None:
    """Drop the foreign keys of these columns, each over one column."""
    keys = [
        key for key in _inspect().get_foreign_keys(table) if len(key["constrained_columns"]) == 1
    ]
    found = {key["constrained_columns"][0]: key["name"] for key in keys}
    found = {column: name for column, name in found.items() if column in set(columns)}
    if not found:
        return
    # On SQLite they have no names: the convention gives them some while the table is rebuilt.
    names = {"fk": "fk_%(table_name)s_%(column_0_name)s"}
    kept = _kept_by_a_rebuild(table)
    with (
        _rebuilt(table),
        op.batch_alter_table(table, naming_convention=names, **kept) as batch,
    ):
        for column, name in found.items():
            batch.drop_constraint(name or f"fk_{table}_{column}", type_="foreignkey")


def _require_unique(table: str, column: str) -> None:
    at = sa.table(table, sa.column("id", sa.Integer), sa.column(column))
    twice = (
        sa.select(at.c[column], sa.func.min(at.c.id), sa.func.max(at.c.id))
        .where(at.c[column].is_not(None))
        .group_by(at.c[column])
        .having(sa.func.count() > 1)
    )
    row = op.get_bind().execute(twice).first()
    if row is not None:
        raise CommandError(
            f"The table {table} has the {column} {row[0]!r} twice, in the rows {row[1]} and "
            f"{row[2]}: fix that first."
        )


def continue_ids(table: str) -> None:
    """Continue the ids after the last one, even where rows came with ids of their own.

    SQLite does so by itself.
    """
    if _on_sqlite():
        return
    connection = op.get_bind()
    sequence = connection.execute(sa.select(sa.func.pg_get_serial_sequence(f'"{table}"', "id")))
    if (name := sequence.scalar()) is None:
        raise CommandError(
            f"The table {table} does not number its rows: its column id has no sequence."
        )
    last = connection.exec_driver_sql(f'SELECT max(id) FROM "{table}"').scalar()  # noqa: S608
    at = connection.exec_driver_sql(f"SELECT last_value FROM {name}").scalar()  # noqa: S608
    if last is not None and at is not None and last > at:
        connection.execute(sa.select(sa.func.setval(name, last)))


@contextmanager
def _rebuilt(table: str) -> Iterator[None]:
    """Keep what SQLite drops with a table that is rebuilt, and what is in the way of that."""
    if not _on_sqlite():
        yield
        return
    connection = op.get_bind()
    over_it = """SELECT name, sql FROM sqlite_master
        WHERE tbl_name = ? AND type IN ('index', 'trigger') AND sql IS NOT NULL"""
    before = connection.exec_driver_sql(over_it, (table,)).all()
    # Otherwise a view over the table keeps the new one from being renamed.
    connection.exec_driver_sql("PRAGMA legacy_alter_table = ON")
    with warnings.catch_warnings():
        # The indexes over expressions, which are not reflected, are made again below.
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        yield
    connection.exec_driver_sql("PRAGMA legacy_alter_table = OFF")
    after = {name for name, _ in connection.exec_driver_sql(over_it, (table,))}
    for name, sql in before:
        if name not in after:
            connection.exec_driver_sql(sql)


def _kept_by_a_rebuild(table: str) -> dict[str, Any]:
    """Return what Alembic doesn't copy by itself when it rebuilds a table."""
    if not _on_sqlite():
        return {}
    sql = op.get_bind().exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)
    )
    return {
        "table_args": [
            sa.CheckConstraint(check["sqltext"], name=check["name"])
            for check in _inspect().get_check_constraints(table)
        ],
        "table_kwargs": {"sqlite_autoincrement": "AUTOINCREMENT" in sql.scalar_one().upper()},
    }


def indexes(table: str) -> list[ReflectedIndex]:
    """Return the indexes of a table, except those over expressions."""
    with warnings.catch_warnings():
        # An index over an expression is the site's own.
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        return _inspect().get_indexes(table)


def _inspect() -> sa.Inspector:
    return sa.inspect(op.get_bind())


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
