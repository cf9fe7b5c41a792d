"""Does large writes in short steps: each is a transaction of its own, with others in between.

How many items a step has depends on how long the last one took.
"""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlmodel import Session

from backend.core.db import Database, low_priority

T = TypeVar("T")

# In seconds: how long a step should write.
STEP = 0.05
# The number of items of the first step, and the limits of all others.
FIRST, FEWEST, MOST = 500, 100, 5000

# Returns the next items, at most so many; none at the end.
Take = Callable[[int], Sequence[T]]


def run(
    db: Database,
    take: Take[T],
    write: Callable[[Session, Sequence[T], bool], None],
    done: Callable[[int], None] | None = None,
) -> None:
    """Write all items. `write` is called at least once, with True in the last step.

    `take` is called outside a transaction, `done` after each step with the number of its items.
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
    """Return how many items the next step should have: at most twice as many as the last one."""
    wanted = round(items * min(2.0, STEP / max(took, 1e-6)))
    return max(min(FEWEST, FIRST), min(MOST, wanted))


def slices(items: Sequence[T]) -> Take[T]:
    """Return a `Take` over a sequence."""
    at = 0

    def take(size: int) -> Sequence[T]:
        nonlocal at
        taken = items[at : at + size]
        at += len(taken)
        return taken

    return take
