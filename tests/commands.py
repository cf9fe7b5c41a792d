"""The command line in a process of its own, which a test interrupts."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start a command; nothing of it is left if the test fails."""
    with subprocess.Popen(
        [sys.executable, "-m", "backend", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell ignores SIGINT in background jobs, and the server would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        try:
            yield process
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise


def read_until(stream: IO[str] | None, wanted: str, otherwise: IO[str] | None) -> str:
    """Return what a command says until it says what is wanted, or show what it says otherwise."""
    assert stream is not None
    assert otherwise is not None
    said = ""
    while wanted not in said:
        line = stream.readline()
        assert line, said + otherwise.read()
        said += line
    return said


def interrupt(process: subprocess.Popen[str]) -> tuple[str, str]:
    """End a command as Ctrl-C does, and return the rest of what it says on each stream."""
    # Ctrl-C reaches every process of the terminal.
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    return out, err
