"""Counting the deliveries of the flat form against the limit of the address they come from."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from time import time

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from backend.core.database import pipeline
from backend.core.errors import TooManyAttempts


@dataclass(frozen=True, slots=True)
class Limit:
    """How many deliveries are accepted under a key in so many seconds."""

    key: str
    seconds: int
    most: int


# The setting of the transaction that holds the count of the last group, for what follows.
_TELL_COUNT = "set_config('tofa.count', count::text, true)"


@dataclass(frozen=True, slots=True)
class Group:
    """Deliveries that count against one limit, by their numbers, or those without a limit."""

    limit: Limit | None
    numbers: list[int]

    def counting(self) -> pipeline.Step:
        """Return the statement that counts them; its row is the count, and when the window ends."""
        from backend.core import rate_limits

        assert self.limit is not None
        return rate_limits.counting(self.limit.key, self.limit.seconds, len(self.numbers))

    def counting_for_conditions(self) -> pipeline.Step:
        """Return the same, for PostgreSQL, so that `condition` can use the count."""
        text, values = self.counting()
        return f"WITH counted AS ({text}) SELECT *, {_TELL_COUNT} FROM counted", values  # noqa: S608

    def condition(self, place: int) -> str:
        """Return whether one is within the limit, in SQL; `place` of the group come before it."""
        if self.limit is None:
            return "true"
        most = self.limit.most + len(self.numbers) - 1 - place
        return f"current_setting('tofa.count')::bigint <= {most}"

    def refused(self, count: int) -> list[int]:
        """Return those that are too many, where the whole group makes the count this."""
        assert self.limit is not None
        over = count - self.limit.most
        return self.numbers[-over:] if over > 0 else []

    def begins_window(self, count: int) -> bool:
        """Return whether these are the first of a window: then the old ones are removed."""
        return count == len(self.numbers)


def groups(limits: Sequence[Limit | None]) -> list[Group]:
    """Group deliveries by their limits.

    In one order: two processes that count the same addresses must not wait for each other.
    """
    found: dict[Limit | None, Group] = {}
    for number, limit in enumerate(limits):
        found.setdefault(limit, Group(limit, [])).numbers.append(number)
    return sorted(found.values(), key=lambda group: group.limit.key if group.limit else "")


def count(session: Session, limits: Sequence[Limit | None]) -> dict[int, TooManyAttempts]:
    """Count the deliveries that have limits. Returns the errors of those that are too many."""
    limited = [group for group in groups(limits) if group.limit is not None]
    if not limited:
        return {}
    from backend.core import rate_limits

    refusals = {}
    answers = pipeline.run(session, *(group.counting() for group in limited))
    for group, ((number, ends),) in zip(limited, answers, strict=True):
        refusals.update(dict.fromkeys(group.refused(number), refusal(ends)))
        if group.begins_window(number):
            sqlite = session.get_bind().dialect.name == "sqlite"
            pipeline.run(session, rate_limits.tidying(sqlite=sqlite))
    return refusals


def remove_old_windows(send: pipeline.Send) -> None:
    """Remove windows that are over, once all else is committed: an error changes nothing."""
    from backend.core import rate_limits

    with suppress(SQLAlchemyError):
        send([rate_limits.tidying(sqlite=False)])


def refusal(ends: float) -> TooManyAttempts:
    """Return the error for a window that ends at a time, in seconds since the epoch."""
    return TooManyAttempts(max(1, ceil(ends - time())))
