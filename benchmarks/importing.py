"""The CPU time of importing an app, compared with the two libraries that it needs anyway."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.databases import Databases
from benchmarks.figures import Figure, Plan, Race
from benchmarks.processes import ROOT

BOUND = 1.3
ROUNDS = 9
PAIRS = {
    "import backend.fastapi_app": "import fastapi, sqlmodel",
    "import backend.flask_app": "import flask, sqlmodel",
}


def run(plan: Plan, _databases: Databases) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="tofa-bench-") as folder:
        # At a small size use the existing bytecode, since compiling takes most of the time.
        cache = Path(folder) if plan.share == 1 else None
        for ours, floor in PAIRS.items():
            race = Race()
            if cache is not None:
                for statement in (ours, floor):
                    cpu_seconds(statement, cache)  # fills the bytecode cache
            for _ in range(plan.rounds(ROUNDS)):
                race.add(cpu_seconds(ours, cache), cpu_seconds(floor, cache))
            yield race.figure(ours, BOUND)


def cpu_seconds(statement: str, cache: Path | None) -> float:
    """Return the CPU time of a statement in a fresh interpreter, with its start. POSIX only."""
    environment = dict(os.environ)
    if cache is not None:
        environment["PYTHONPYCACHEPREFIX"] = str(cache)
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
    process = subprocess.Popen([sys.executable, "-c", statement], cwd=ROOT, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, statement
    return usage.ru_utime + usage.ru_stime
