"""The command `work`: run the background jobs in a separate process, or once for cron."""

import contextlib
import signal
from argparse import Namespace
from collections.abc import Iterator
from types import FrameType

from backend.cli import output
from backend.cli.context import opened
from backend.core.background import Worker
from backend.core.heartbeats import Kind

_ENDS = (signal.SIGINT, signal.SIGTERM)


def work(arguments: Namespace) -> int:
    """Process deliveries until stopped. With `--once`, process what is due now."""
    with opened() as (settings, db):
        output.set_up(settings)
        worker = Worker(db, settings, kind=Kind.COMMAND)
        with _ended_by_signals(worker):
            if arguments.once:
                done = worker.run_until_done()
                output.say(f"Processed {done:,} {'delivery' if done == 1 else 'deliveries'}.")
            else:
                output.say("Processing deliveries (press Ctrl-C to stop)")
                worker.run()
    return 0


@contextlib.contextmanager
def _ended_by_signals(worker: Worker) -> Iterator[None]:
    """Stop between two batches on the first signal, and at once on the second."""

    def end(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, before[signal.Signals(number)])
        worker.end()

    before = {number: signal.signal(number, end) for number in _ENDS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
