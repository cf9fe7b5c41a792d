"""Databases of PostgreSQL that are used again: what a test has written is taken back.

To make a database, to drop it, and to be the first who is connected to it costs more than most
tests ask of it. A database in which anything but rows has changed is dropped, and so is one that
held many rows: what they leave behind would make the next tests slower.
"""

import contextlib
from dataclasses import dataclass, field

import psycopg
from psycopg.rows import scalar_row

from tests import again, postgres

# How often a database is used: rows that are gone leave room behind.
TIMES = 100
# In rows.
MANY = 3000

# PostgreSQL's own objects have lower numbers.
FIRST = 16384
# Where it keeps what isn't a row, and by what to find those that aren't its own. A change of any
# kind, of a column, an index, a trigger or a setting, makes a row here or takes one away; so does
# to empty, to rewrite or to analyse a table.
CATALOGUE = {
    "oid": (
        *("pg_class", "pg_constraint", "pg_trigger", "pg_proc", "pg_type", "pg_rewrite"),
        *("pg_policy", "pg_cast", "pg_operator", "pg_opclass"),
    ),
    "attrelid": ("pg_attribute",),
    "indexrelid": ("pg_index",),
    "starelid": ("pg_statistic",),
    # Small ones, as a whole.
    "": (
        *("pg_namespace", "pg_extension", "pg_event_trigger", "pg_default_acl", "pg_publication"),
        *("pg_db_role_setting", "pg_largeobject_metadata"),
    ),
}
SHAPE = "SELECT concat_ws(' ', {})".format(
    ", ".join(
        f"(SELECT count(*) || '-' || coalesce(max(xmin::text::bigint), 0) FROM pg_catalog.{name}"
        + (f" WHERE {number} >= {FIRST})" if number else ")")
        for number, names in CATALOGUE.items()
        for name in names
    )
)
OTHERS = (
    "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid <> ALL(%s)"
)
TABLES = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'"
SEQUENCES = (
    "SELECT format('SELECT setval(%L, %s, %L)', quote_ident(sequencename),"
    " coalesce(last_value, start_value), last_value IS NOT NULL)"
    " FROM pg_sequences WHERE schemaname = 'public'"
)


@dataclass(slots=True)
class Kept:
    """A copy of a template, what is kept of it, and how to take back what is written into it."""

    url: str
    connections: again.Used
    operator: psycopg.Connection[str]
    shape: str
    restore: str
    used: int = 0


@dataclass(slots=True)
class Copies:
    """Copies of templates, each for one test at a time."""

    server: postgres.Server
    _free: dict[str, list[Kept]] = field(default_factory=dict)
    _taken: dict[str, tuple[str, Kept]] = field(default_factory=dict)

    def take(self, template: str, *, is_new: bool = False) -> str:
        """Return the URL of a database that is like the template: if need be, of a new one."""
        if is_new:
            return self.server.create_database(template)
        free = self._free.setdefault(template, [])
        kept = free.pop() if free else self._make(template)
        kept.used += 1
        self._taken[kept.url] = template, kept
        return kept.url

    def give_back(self, url: str) -> None:
        """Take back what was written, or drop the database."""
        if url not in self._taken:
            self.server.drop_database(url)
            return
        template, kept = self._taken.pop(url)
        if kept.used < TIMES and _is_restored(kept):
            self._free[template].append(kept)
        else:
            self._drop(kept)

    def close(self) -> None:
        """Drop the databases that no test has."""
        for free in self._free.values():
            while free:
                self._drop(free.pop())

    def _make(self, template: str) -> Kept:
        url = self.server.create_database(template)
        operator = psycopg.connect(url, autocommit=True, row_factory=scalar_row)
        restore = "; ".join(_restoring(operator))
        used = again.begin(postgres.name_of(url))
        return Kept(url, used, operator, _text(operator, SHAPE), restore)

    def _drop(self, kept: Kept) -> None:
        again.end(postgres.name_of(kept.url))
        kept.operator.close()
        self.server.drop_database(kept.url)


def _text(operator: psycopg.Connection[str], query: str) -> str:
    return operator.execute(query.encode()).fetchone() or ""


def _restoring(operator: psycopg.Connection[str]) -> list[str]:
    """Return what makes the rows and the next numbers of all tables what they are now."""
    tables = operator.execute(TABLES).fetchall()
    # Triggers and foreign keys look away.
    statements = ["BEGIN", "SET LOCAL session_replication_role = replica"]
    statements += (f"DELETE FROM {table}" for table in tables)
    for table in tables:
        rows = operator.execute(f"SELECT quote_literal(t::text) FROM {table} t".encode()).fetchall()
        if rows:
            values = ", ".join(f"({row}::{table})" for row in rows)
            statements.append(f"INSERT INTO {table} SELECT (t.one).* FROM (VALUES {values}) t(one)")
    statements += operator.execute(SEQUENCES).fetchall()
    return [*statements, "COMMIT"]


def _is_restored(kept: Kept) -> bool:
    """End all other connections, and restore the rows; return whether all is as it was."""
    others = OTHERS % f"'{{{','.join(map(str, kept.connections.idle()))}}}'::int[]"
    with contextlib.suppress(psycopg.Error):
        # In one round trip.
        cursor = kept.operator.execute(f"{others}; {SHAPE}; {kept.restore}".encode())
        shape = cursor.set_result(1).fetchone()
        gone = sum(one.rowcount for one in cursor.results() if one.description is None)
        return shape == kept.shape and gone <= MANY
    return False
