"""The disk space that the product's libraries need: `requirements.txt` in a fresh venv."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.databases import Databases
from benchmarks.figures import Figure, Plan
from benchmarks.processes import ROOT

BOUND = 120.0


def run(_plan: Plan, _databases: Databases) -> Iterator[Figure]:
    size = installed_bytes("-r", str(ROOT / "requirements.txt"))
    yield Figure("site-packages, with bytecode", size / 1e6, "MB", bound=BOUND)


def installed_bytes(*requirements: str) -> int:
    """Return the disk space of an installation in an empty venv, with bytecode and without pip."""
    with tempfile.TemporaryDirectory(prefix="tofa-bench-") as folder:
        venv = Path(folder, "venv")
        _run("-m", "venv", "--without-pip", str(venv))
        python = venv / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
        _run("-m", "pip", "--python", str(python), "install", "--quiet", "--compile", *requirements)
        return sum(
            _on_disk(file)
            for packages in venv.rglob("site-packages")
            for file in packages.rglob("*")
            if file.is_file() and not file.is_symlink()
        )


def _run(*arguments: str) -> None:
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run([sys.executable, *arguments], check=True, env=environment)


def _on_disk(file: Path) -> int:
    found = file.stat()
    blocks: int | None = getattr(found, "st_blocks", None)
    return found.st_size if blocks is None else blocks * 512
