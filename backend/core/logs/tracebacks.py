"""Errors as text for a log: without the values that a database puts into its messages."""

import traceback
from collections.abc import Iterator

# Their messages go on with rows, parameters or input after the first line.
_TELL_VALUES = frozenset({"psycopg", "sqlalchemy", "sqlite3", "pydantic_core"})


def message(error: BaseException) -> str:
    """Return what an error says, as far as it can't contain what a person has entered."""
    text = str(error)
    if type(error).__module__.partition(".")[0] not in _TELL_VALUES:
        return text
    first = text.partition("\n")[0]
    # PostgreSQL: invalid input syntax for type integer: "…"
    return first.partition(': "')[0]


def name(error: BaseException) -> str:
    """Return the name of an error's class."""
    return type(error).__qualname__


def chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, then what caused it, and so on."""
    seen: set[int] = set()
    now: BaseException | None = error
    while now is not None and id(now) not in seen:
        seen.add(id(now))
        yield now
        now = now.__cause__ or (None if now.__suppress_context__ else now.__context__)


def text(error: BaseException) -> str:
    """Return the traceback of an error, with its causes first."""
    return "\nwhich caused\n".join(
        f"{''.join(traceback.format_tb(one.__traceback__))}{name(one)}: {message(one)}"
        for one in reversed([*chain(error)])
    )
