"""Several processes that start at the same moment, and import what they share only once.

Each goes on as `python -m`, or with a piece of code, in an environment of its own.
"""

import gc
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Start:
    """One process: its arguments as after `python`, and the file that its output goes to."""

    arguments: Sequence[str]
    output: str
    environment: Mapping[str, str]
    folder: str = str(ROOT)


class Parent:
    """A process that has imported what all that it starts need; it ends with its block."""

    def __init__(self, imports: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forking", *imports],
            cwd=ROOT,
            env={**os.environ, "TOFA_ENV_FILE": os.devnull},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def run(self, starts: Iterable[Start]) -> list[int]:
        """Run the processes to their ends. Return their exit codes, negative after a signal."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps([asdict(one) for one in starts])}\n")
        self._process.stdin.flush()
        codes: list[int] = json.loads(self._process.stdout.readline())
        return codes


def run(starts: Iterable[Start], imports: Sequence[str]) -> list[int]:
    """Run the processes to their ends. Return their exit codes, negative where a signal came."""
    with Parent(imports) as parent:
        return parent.run(starts)


def main(*imports: str) -> None:
    for name in imports:
        importlib.import_module(name)
    # What is shared is nobody's garbage: looking for some would copy it into each process.
    gc.freeze()
    for asked in sys.stdin:
        if not start(json.loads(asked)):
            return


def start(asked: list[dict[str, Any]]) -> bool:
    """Run what is asked for, and tell how it ended. Return whether this is still the parent."""
    gate, opener = os.pipe()
    children = []
    for one in asked:
        child = os.fork()
        if not child:
            os.close(opener)
            go_on(one, gate)
            return False
        children.append(child)
    # The end of what they read lets all of them go.
    os.close(opener)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    os.close(gate)
    sys.stdout.write(f"{json.dumps(codes)}\n")
    sys.stdout.flush()
    return True


def go_on(start: dict[str, Any], gate: int) -> None:
    """Be the process that was asked for. One that doesn't end is ended by a signal."""
    signal.alarm(int(PATIENCE))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    output = os.open(start["output"], os.O_WRONLY | os.O_CREAT)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.read(gate, 1)
    become(start["arguments"], start["environment"], start["folder"])


def become(arguments: Sequence[str], environment: Mapping[str, str], folder: str) -> None:
    """Go on as `python` does with these arguments: `-m`, a piece of code, or a file."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[0] = folder
    first, *sys.argv = arguments
    if first == "-c":
        exec(sys.argv[0], {"__name__": "__main__"})  # noqa: S102
    elif first == "-m":
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv.insert(0, first)
        runpy.run_path(first, run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
