"""Errors as text for a log: where they come from, and nothing of what a person has entered.

The text of an error may quote anything: a row, a search, an address with a token. No pattern finds
all of that, so a text is written only if its author is known to leave such things out.
"""

import re
import traceback
from collections.abc import Iterator

from backend.core.errors import ConfigurationError

_DATABASES = frozenset({"psycopg", "sqlalchemy", "sqlite3"})
# In a sentence of a database, from here on there may be values. The names of columns are ours.
_VALUES = re.compile(r"(?<!constraint failed)[:\"'\[\n]|(?<=constraint failed):(?! [\w.]+\Z)")


def message(error: BaseException) -> str:
    """Return what an error says, as far as it can't contain what a person has entered."""
    if isinstance(error, ConfigurationError):
        return str(error)
    if isinstance(error, OSError):
        return error.strerror or ""
    if type(error).__module__.partition(".")[0] not in _DATABASES:
        return ""
    origin = getattr(error, "orig", None) or error
    said = _VALUES.split(str(origin), maxsplit=1)[0].strip()
    constraint = getattr(getattr(origin, "diag", None), "constraint_name", None)
    return f"{said} ({constraint})" if constraint else said


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
        f"{''.join(traceback.format_tb(one.__traceback__))}{told(one)}"
        for one in reversed([*chain(error)])
    )


def told(error: BaseException) -> str:
    """Return the class of an error, and what it says as far as that can be told."""
    said = message(error)
    return f"{name(error)}: {said}" if said else name(error)
