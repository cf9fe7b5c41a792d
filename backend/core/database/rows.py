"""Lists that go straight into the encoder: no objects, and no times parsed only to be written.

A column of `written(...)` comes from the database as the encoder can take it: on SQLite as the
text of RFC 3339 already, on PostgreSQL as a datetime without an offset, which is in UTC. SQLite
keeps any text in a column of times: one that is no time comes out as null.
"""

from typing import Any

from sqlalchemy import Boolean, Integer, Select, SQLColumnExpression, Text, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType
from sqlmodel import Session

# Below the number of new objects that wakes the garbage collector, which is 700.
_PIECE = 500


class written(FunctionElement[Any]):  # noqa: N801  a function of SQL, named as one
    """A column as the encoder takes it; only times differ from what is stored."""

    type = NullType()
    inherit_cache = True

    def __init__(self, column: SQLColumnExpression[Any]) -> None:
        super().__init__(column)


@compiles(written, "sqlite")
def _sqlite(element: written, compiler: SQLCompiler, **kw: Any) -> str:
    (column,) = element.clauses
    text = compiler.process(column, **kw)
    digits = "[0-9]" * 6
    # Without the fraction, which `datetime` would round.
    return (
        f"CASE WHEN datetime(substr({text}, 1, 19)) = substr({text}, 1, 19)"
        f" AND (length({text}) = 19 OR substr({text}, 20) GLOB '.{digits}')"
        f" THEN replace(replace({text}, ' ', 'T'), '.000000', '') || 'Z'"
        # What scripts store otherwise: a date alone, an offset, or a text that is no time.
        f" WHEN {text} GLOB '[0-9][0-9][0-9][0-9]-*'"
        f" THEN strftime('%Y-%m-%dT%H:%M:%SZ', {text}) END"
    )


@compiles(written, "postgresql")
def _postgresql(element: written, compiler: SQLCompiler, **kw: Any) -> str:
    (column,) = element.clauses
    return f"timezone('UTC', {compiler.process(column, **kw)})"


def fetch(session: Session, query: Select[*tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Return the rows of a query, each a dict in the order of its columns."""
    result = session.connection().execute(query)
    names = tuple(result.keys())
    # In parts: fetching single rows costs a third more, and holding all rows beside their dicts
    # makes the garbage collector search the whole process every third time.
    return [
        dict(zip(names, row, strict=False)) for part in result.partitions(_PIECE) for row in part
    ]


class epoch(FunctionElement[Any]):  # noqa: N801  a function of SQL, named as one
    """A time as whole seconds since 1970, UTC."""

    type = Integer()
    inherit_cache = True

    def __init__(self, column: SQLColumnExpression[Any]) -> None:
        super().__init__(column)


@compiles(epoch, "sqlite")
def _epoch_sqlite(element: epoch, compiler: SQLCompiler, **kw: Any) -> str:
    (column,) = element.clauses
    # Without the fraction, which it would round.
    return f"CAST(strftime('%s', substr({compiler.process(column, **kw)}, 1, 19)) AS INTEGER)"


@compiles(epoch, "postgresql")
def _epoch_postgresql(element: epoch, compiler: SQLCompiler, **kw: Any) -> str:
    (column,) = element.clauses
    # Not `extract`: its numbers are exact, and take twice the time of all the rest.
    return f"CAST(floor(date_part('epoch', {compiler.process(column, **kw)})) AS bigint)"


class by_hand(FunctionElement[int]):  # noqa: N801  a function of SQL, named as one
    """A column of ids that SQLite must not look up in an index: it misjudges what that costs."""

    type = Integer()
    inherit_cache = True

    def __init__(self, column: SQLColumnExpression[Any]) -> None:
        super().__init__(column)


@compiles(by_hand, "sqlite")
def _by_hand_sqlite(element: by_hand, compiler: SQLCompiler, **kw: Any) -> str:
    (column,) = element.clauses
    return f"+{compiler.process(column, **kw)}"


class id_in(FunctionElement[int]):  # noqa: N801  a function of SQL, named as one
    """A column of ids; on SQLite, which keeps anything that a script stores, null for no id."""

    type = Integer()
    inherit_cache = True

    def __init__(self, column: SQLColumnExpression[Any]) -> None:
        super().__init__(column)


@compiles(id_in, "sqlite")
def _id_in_sqlite(element: id_in, compiler: SQLCompiler, **kw: Any) -> str:
    (column,) = element.clauses
    text = compiler.process(column, **kw)
    return f"CASE WHEN typeof({text}) = 'integer' THEN {text} END"


@compiles(by_hand, "postgresql")
@compiles(id_in, "postgresql")
def _as_stored(element: by_hand | id_in, compiler: SQLCompiler, **kw: Any) -> str:
    (column,) = element.clauses
    return compiler.process(column, **kw)


class has_text(FunctionElement[bool]):  # noqa: N801  a function of SQL, named as one
    """Whether a text is somewhere in a column, compared byte by byte on both databases."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: SQLColumnExpression[Any], text: str) -> None:
        super().__init__(column, literal(text, Text))


@compiles(has_text, "sqlite")
def _has_text_sqlite(element: has_text, compiler: SQLCompiler, **kw: Any) -> str:
    # Half the cost of LIKE, which folds both.
    return f"(instr({compiler.process(element.clauses, **kw)}) > 0)"


@compiles(has_text, "postgresql")
def _has_text_postgresql(element: has_text, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(strpos({compiler.process(element.clauses, **kw)}) > 0)"
