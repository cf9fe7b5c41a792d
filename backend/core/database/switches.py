"""Switches that hold for a block of code and all that it calls, in its thread alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


@contextmanager
def switched_on(switch: ContextVar[bool]) -> Iterator[None]:
    """Switch something on for a block of code; afterwards it is as it was."""
    token = switch.set(True)
    try:
        yield
    finally:
        switch.reset(token)
