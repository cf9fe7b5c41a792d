"""One cache of compiled statements for all databases of a run, and connections that stay open.

SQLAlchemy keeps what it has compiled with each engine. The tests open thousands of databases, and a
third of their time would go into compiling the same statements for each.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.util import LRUCache

from tests import again

# In statements.
ROOM = 2000
# What a dialect learns from its first connection and needs no connection to keep.
FACT = (str, int, tuple, type(None))
# What each engine passes to its connections: how to read and write the types of the driver.
CONTEXT = "context"

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
    """Takes connections to the databases of `again` out of what earlier engines have closed."""

    supports_statement_cache = True

    def connect(self, *given: Any, **named: Any) -> Any:
        used = again.of(named.get("dbname"))
        if used is None:
            return super().connect(*given, **named)
        asked = repr((given, sorted((name, one) for name, one in named.items() if name != CONTEXT)))
        connection: Any = used.take(asked)
        if connection is None:
            connection = super().connect(*given, **named)
            used.add(connection, asked)
        return connection

    def on_connect(self) -> Callable[[Any], None]:
        first: Callable[[Any], None] = super().on_connect()  # type: ignore[no-untyped-call]

        def greet(connection: Any) -> None:
            used = again.of(connection.info.dbname)
            if used is None or used.greet(connection):
                first(connection)
            elif self.isolation_level is not None:
                self.set_isolation_level(connection, self.isolation_level)  # type: ignore[no-untyped-call]

        return greet

    def initialize(self, connection: Connection) -> None:
        used = again.of(connection.engine.url.database)
        if used is not None and used.facts:
            vars(self).update(used.facts)
            return
        before = dict(vars(self))
        super().initialize(connection)  # type: ignore[no-untyped-call]
        if used is not None:
            used.facts = {
                name: value
                for name, value in vars(self).items()
                if isinstance(value, FACT) and (name not in before or before[name] != value)
            }

    def do_close(self, dbapi_connection: Any) -> None:
        used = None if dbapi_connection.closed else again.of(dbapi_connection.info.dbname)
        if used is None or not used.keep(dbapi_connection):
            self.do_terminate(dbapi_connection)

    def do_terminate(self, dbapi_connection: Any) -> None:
        super().do_close(dbapi_connection)  # type: ignore[no-untyped-call]


def share() -> None:
    """Have all engines that are created from now on share what they compile."""
    registry.register("sqlite", __name__, SQLite.__name__)
    registry.register("postgresql.psycopg", __name__, PostgreSQL.__name__)
