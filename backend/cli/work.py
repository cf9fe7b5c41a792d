"""The work of the background, in a process of its own, or once for cron."""

import contextlib
import signal
from argparse import Namespace
from collections.abc import Iterator
from types import FrameType

from backend.cli.context import opened
from backend.core.background import Worker

_ENDS = (signal.SIGINT, signal.SIGTERM)


def work(arguments: Namespace) -> int:
    """Works off deliveries until it is told to end; with `--once`, only what is due now."""
    with opened() as (settings, db):
        worker = Worker(db, settings)
        with _ended_by_signals(worker):
            if arguments.once:
                done = worker.run_until_done()
                print("1 delivery worked off." if done == 1 else f"{done:,} deliveries worked off.")
            else:
                print("Working off what comes in (Ctrl-C ends it)", flush=True)
                worker.run()
    return 0


@contextlib.contextmanager
def _ended_by_signals(worker: Worker) -> Iterator[None]:
    """The first signal ends the work between two batches, the second one at once."""

    def end(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, before[signal.Signals(number)])
        worker.end()

    before = {number: signal.signal(number, end) for number in _ENDS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
