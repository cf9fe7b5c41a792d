"""Compare the database's schema with this version's, and upgrade it.

Alembic does the work, on one connection and in one transaction, so that a migration that fails or
is killed leaves the database as it was, and two that start at once run one after the other.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from backend.core.database import connection_errors
from backend.core.db import Database
from backend.core.errors import ConfigurationError
from backend.core.settings import Settings

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.runtime.migration import MigrationInfo

# The newest of `backend/migrations/versions`; named here so that a start need not read them.
HEAD = "0038"
# The schema that installations had before there were migrations.
FIRST = "0001"
# The schema from which on the database says whose servers it works with.
KNOWN_SINCE = "0024"

_FOLDER = Path(__file__).resolve().parents[2] / "migrations"
# The tables that installations had before there were migrations.
TABLES = frozenset({"user", "center", "usercenterlink", "lead", "comment"})
# Any number will do for the lock on PostgreSQL; this one spells TOFA.
_LOCK = 0x544F4641
# How long a migration on PostgreSQL waits for a table that another session uses.
_LOCK_TIMEOUT = "60s"


class State(Enum):
    """How a database's schema compares with this version's."""

    EMPTY = auto()
    OLD = auto()
    CURRENT = auto()
    # A newer version's, with which this one's servers work until they are restarted.
    AHEAD = auto()
    NEWER = auto()

    @property
    def is_usable(self) -> bool:
        """Whether servers of this version work with it."""
        return self in (State.CURRENT, State.AHEAD)


def state(db: Database) -> State:
    """Return how the database's schema compares.

    Raises `ConfigurationError` for one that can't be opened, and for another program's.
    """
    with _connected(db) as connection:
        try:
            return _state(connection)
        except DBAPIError as error:
            raise ConfigurationError(connection_errors.sentence(db.url, error)) from error


@contextmanager
def _connected(db: Database) -> Iterator[Connection]:
    """Open a connection. Raises `ConfigurationError`, in a sentence, where there is none."""
    try:
        connection = db.engine.connect()
    except DBAPIError as error:
        raise ConfigurationError(connection_errors.sentence(db.url, error)) from error
    with connection:
        yield connection


def upgrade(db: Database, settings: Settings, to: str = "head") -> State:
    """Upgrade the database in place, and return the state that it was in.

    `to` is the last step, by its number. Every row and every login stays. Raises
    `ConfigurationError` for a newer database, for another program's, and for one that can't be
    upgraded; it is then unchanged.
    """
    try:
        with _alone(db) as connection:
            return _upgrade(connection, settings, to)
    except DBAPIError as error:
        raise ConfigurationError(
            f"The database can't be upgraded, and is unchanged: {connection_errors.reason(error)}."
        ) from error


def _upgrade(connection: Connection, settings: Settings, to: str) -> State:
    from alembic import command
    from alembic.util import CommandError

    before = _state(connection)
    if before in (State.AHEAD, State.NEWER):
        raise ConfigurationError(
            "This database was made by a newer version of TOFA CRM: update the program."
        )
    if before is not State.CURRENT:
        config, steps = _config(connection, settings), _Steps()
        config.attributes["note"] = steps.note
        if before is State.OLD and _revision(connection) is None:
            command.stamp(config, FIRST)
        try:
            command.upgrade(config, to)
        except CommandError as error:  # what a step says of a table that it can't change
            raise ConfigurationError(str(error)) from error
        steps.record(connection)
    return before


class _Steps:
    """The migrations that an upgrade carries out, which each say whether they only add."""

    def __init__(self) -> None:
        self._others: list[str] = []

    def note(self, *, step: "MigrationInfo", **_: object) -> None:
        """Take note of a migration, as Alembic tells it."""
        if step.is_stamp or step.up_revision is None:
            return
        module = getattr(step.up_revision, "module", None)
        if not getattr(module, "ADDITIVE", False):
            self._others.append(step.up_revision.revision)

    def record(self, connection: Connection) -> None:
        """Write whose servers the schema works with: those since the last one that doesn't add."""
        revision = _revision(connection) or ""
        if revision < KNOWN_SINCE:
            return
        before = connection.execute(text("SELECT oldest_server FROM schemastate")).scalar()
        connection.execute(text("DELETE FROM schemastate"))
        connection.execute(
            text("INSERT INTO schemastate (revision, oldest_server) VALUES (:revision, :oldest)"),
            {"revision": revision, "oldest": max([*self._others, before or KNOWN_SINCE])},
        )


def _state(connection: Connection) -> State:
    tables = set(inspect(connection).get_table_names())
    revision = _revision(connection)
    if revision is not None:
        if revision == HEAD:
            return State.CURRENT
        known = {file.name[:4] for file in (_FOLDER / "versions").glob("0*.py")}
        if revision in known:
            return State.OLD
    if missing := TABLES - tables:
        if missing == TABLES and revision is None:
            return State.EMPTY
        raise ConfigurationError(
            "This database is another program's, or has lost tables of TOFA CRM "
            f"({', '.join(sorted(missing))}): restore it from its backup, "
            "or set DATABASE_URL to another one."
        )
    if revision is None:
        return State.OLD
    return State.AHEAD if works_with(connection) else State.NEWER


def works_with(connection: Connection) -> bool:
    """Return whether this version's servers work with the database's schema.

    That is the case with their own, and with a newer one that only adds to it.
    """
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision is None or revision <= HEAD or not inspect(connection).has_table("schemastate"):
        return bool(revision == HEAD)
    query = text("SELECT oldest_server FROM schemastate WHERE revision = :revision")
    oldest = connection.execute(query, {"revision": revision}).scalar()
    return oldest is not None and oldest <= HEAD


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


@contextmanager
def _alone(db: Database) -> Iterator[Connection]:
    """Open a transaction in which no other migration runs."""
    with _connected(db) as connection:
        if db.engine.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))
            yield connection
            connection.commit()
            return
        # Rebuilding a table on SQLite would break the keys that point to it, and they can be turned
        # off only between transactions.
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys = OFF")
        connection = connection.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        try:
            # Installations didn't turn the keys on, and may have rows that point nowhere.
            broken = _broken_keys(connection)
            yield connection
            if newly := _broken_keys(connection) - broken:
                table, row, parent = newly.pop()
                raise ConfigurationError(
                    f"The migration would break the row {row} of {table}, which belongs to a row "
                    f"of {parent}; nothing is changed."
                )
            connection.commit()
        finally:
            connection.rollback()
            driver.execute("PRAGMA foreign_keys = ON")


def _broken_keys(connection: Connection) -> set[tuple[str, int | None, str]]:
    """Return rows that point to missing rows: the table, the row's number, the other table."""
    rows = connection.exec_driver_sql("PRAGMA foreign_key_check")
    return {(row[0], row[1], row[2]) for row in rows}


def _config(connection: Connection, settings: Settings) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["zone"] = settings.zone
    config.attributes["phone_region"] = settings.phone_region
    return config
