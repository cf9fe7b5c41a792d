"""How the benchmarks start processes of Python: each with an interpreter of its own."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Protocol

ROOT = Path(__file__).resolve().parents[1]


class Process(Protocol):
    """A process that was started, with what it reads and what it prints."""

    pid: int
    stdin: IO[bytes] | None
    stdout: IO[bytes] | None

    def terminate(self) -> None: ...

    def kill(self) -> None: ...

    def wait(self, timeout: float | None = None) -> int: ...


def start(command: Sequence[str], environment: Mapping[str, str]) -> Process:
    """Start `python -m` with a command."""
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def close(process: Process) -> None:
    """Close the pipes of a process that has ended."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
