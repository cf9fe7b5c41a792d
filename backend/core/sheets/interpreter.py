"""Finds the Python to start: `sys.executable` is another program in a server that embeds Python."""

import importlib.util
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

# What a dynamic loader or Windows needs to start Python. The rest of the server's environment has
# its secrets, and isn't passed on.
PASSED_ON = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")


def environment() -> dict[str, str]:
    """Return the child's environment."""
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ}


@cache
def interpreter() -> str:
    """Return the path of this Python's program. Raises RuntimeError if there is none."""
    for path in _candidates():
        if path.name.lower().startswith("python") and os.access(path, os.X_OK) and path.is_file():
            return str(path)
    raise RuntimeError(f"no Python interpreter found under {sys.prefix} to read workbooks with")


@cache
def import_path() -> tuple[str, ...]:
    """Return the folders from which the child imports this package and python-calamine.

    With them, any interpreter of this version will do, in a virtual environment or not.
    """
    packages = [Path(__file__).parents[3]]
    calamine = importlib.util.find_spec("python_calamine")
    if calamine is None or calamine.origin is None:
        raise RuntimeError("python-calamine is not installed; workbooks can't be read")
    packages.append(Path(calamine.origin).parents[1])
    return tuple(str(path) for path in packages)


def programs() -> list[str | None]:
    """Return what this process says its program is."""
    # `_base_executable` is what the venv module of the standard library goes by, too.
    return [sys.executable, getattr(sys, "_base_executable", None)]


def _candidates() -> Iterator[Path]:
    for program in programs():
        if program:
            yield Path(program)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for prefix in dict.fromkeys((sys.prefix, sys.exec_prefix, sys.base_prefix)):
        yield Path(prefix, "python.exe")
        yield Path(prefix, "Scripts", "python.exe")
        for name in (version, "python3", "python"):
            yield Path(prefix, "bin", name)
