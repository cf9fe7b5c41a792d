"""Waiting for a condition instead of for a time."""

import time
from collections.abc import Callable


def wait_until(done: Callable[[], bool], seconds: float = 60.0) -> None:
    """Returns as soon as it is so. The deadline only ends a hang."""
    ends = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < ends, "it takes too long"
        time.sleep(0.002)
