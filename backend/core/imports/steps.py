"""Large writes in short steps: each is a transaction of its own, and others write in between.

How many items a step takes follows from how long the last one took.
"""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlmodel import Session

from backend.core.db import Database, low_priority

T = TypeVar("T")

# In seconds: how long a step should hold the database's writer.
STEP = 0.05
# How many items the first step has, and the fewest and the most that any has.
FIRST, FEWEST, MOST = 500, 100, 5000

# Answers the next items, at most as many as it is asked for; none when there are no more.
Take = Callable[[int], Sequence[T]]


def run(
    db: Database,
    take: Take[T],
    write: Callable[[Session, Sequence[T], bool], None],
    done: Callable[[int], None] | None = None,
) -> None:
    """Writes all items. `write` is told of the last step; it is called once where there are none.

    `take` is called without a transaction, `done` after each step with the number of its items.
    """
    size = FIRST
    items = take(size)
    while True:
        following = take(size) if items else items
        with low_priority(), db.write() as session:
            started = time.monotonic()
            write(session, items, not following)
        took = time.monotonic() - started
        if done is not None:
            done(len(items))
        if not following:
            return
        size = next_size(len(items), took)
        items = following


def next_size(items: int, took: float) -> int:
    """How many items the next step should have; at most twice as many as the last one."""
    wanted = round(items * min(2.0, STEP / max(took, 1e-6)))
    return max(min(FEWEST, FIRST), min(MOST, wanted))


def slices(items: Sequence[T]) -> Take[T]:
    """Takes a sequence from its beginning to its end."""
    at = 0

    def take(size: int) -> Sequence[T]:
        nonlocal at
        taken = items[at : at + size]
        at += len(taken)
        return taken

    return take
