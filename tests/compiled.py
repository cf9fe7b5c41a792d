"""One cache of compiled statements for all databases of a run.

SQLAlchemy keeps what it has compiled with each engine. The tests open thousands of databases, and a
third of their time would go into compiling the same statements for each.
"""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.util import LRUCache

# In statements.
ROOM = 2000

_statements: LRUCache[Any, Any] = LRUCache(ROOM)


class _Shared(Dialect):
    """A dialect that is the same for all engines: what one has compiled, another one can run."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=_statements)


class SQLite(_Shared, SQLiteDialect_pysqlite):
    supports_statement_cache = True


class PostgreSQL(_Shared, PGDialect_psycopg):
    supports_statement_cache = True


def share() -> None:
    """Have all engines that are created from now on share what they compile."""
    registry.register("sqlite", __name__, SQLite.__name__)
    registry.register("postgresql.psycopg", __name__, PostgreSQL.__name__)
