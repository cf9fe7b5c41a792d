"""Do large writes in short steps, each in its own transaction, with others in between.

How many items a step has depends on how long the last one took.
"""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlmodel import Session

from backend.core.database import locks
from backend.core.db import Database, low_priority

T = TypeVar("T")

# In seconds: how long a step should write, and how long if nobody waits for it. Each step writes
# the pages of all indexes again, so that a third as many steps take half the time.
STEP, QUIET_STEP = 0.05, 0.2
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
            next_time = QUIET_STEP if _is_quiet(db, session) else STEP
        took = time.monotonic() - started
        if done is not None:
            done(len(items))
        if not following:
            return
        size = next_size(len(items), took, next_time)
        items = following


def _is_quiet(db: Database, session: Session) -> bool:
    """Return whether nobody waits for this step, as far as can be seen."""
    return db.queue.is_quiet() if db.queue is not None else not locks.is_waited_for(session)


def next_size(items: int, took: float, next_time: float) -> int:
    """Return how many items the next step should have: at most twice as many as the last one."""
    wanted = round(items * min(2.0, next_time / max(took, 1e-6)))
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
