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
from typing import Any

from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Start:
    """One process: its arguments as after `python`, and the file that its output goes to."""

    arguments: Sequence[str]
    output: str
    environment: Mapping[str, str]
    folder: str = str(ROOT)


def run(starts: Iterable[Start], imports: Sequence[str]) -> list[int]:
    """Run the processes to their ends. Return their exit codes, negative where a signal came."""
    asked = {"imports": imports, "starts": [asdict(one) for one in starts]}
    done = subprocess.run(
        [sys.executable, "-m", "tests.forking"],
        cwd=ROOT,
        env={**os.environ, "TOFA_ENV_FILE": os.devnull},
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    codes: list[int] = json.loads(done.stdout)
    return codes


def main() -> None:
    asked = json.load(sys.stdin)
    for name in asked["imports"]:
        importlib.import_module(name)
    # What is shared is nobody's garbage: looking for some would copy it into each process.
    gc.freeze()
    gate, opener = os.pipe()
    children = []
    for one in asked["starts"]:
        child = os.fork()
        if not child:
            os.close(opener)
            go_on(one, gate)
            return
        children.append(child)
    # The end of what they read lets all of them go.
    os.close(opener)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    json.dump(codes, sys.stdout)


def go_on(start: dict[str, Any], gate: int) -> None:
    """Be the process that was asked for. One that doesn't end is ended by a signal."""
    signal.alarm(int(PATIENCE))
    output = os.open(start["output"], os.O_WRONLY | os.O_CREAT)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.chdir(start["folder"])
    os.environ.clear()
    os.environ.update(start["environment"])
    sys.path[0] = start["folder"]
    os.read(gate, 1)
    first, *sys.argv = start["arguments"]
    if first == "-c":
        exec(sys.argv[0], {"__name__": "__main__"})  # noqa: S102
    elif first == "-m":
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv.insert(0, first)
        runpy.run_path(first, run_name="__main__")


if __name__ == "__main__":
    main()
