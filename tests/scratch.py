"""Where the tests keep their databases and files: in memory, where the machine has room for it.

Thousands of databases are made and thrown away, and every commit waits for the disk: half the time
of the tests. What the tests do to a process (`kill -9`) does nothing to memory that is a file.
"""

import os
import shutil
import tempfile
from pathlib import Path

import psutil

MEMORY = Path("/dev/shm")
# In bytes: what must be free, of the place and of the machine's memory.
ROOM = 3 << 30
PREFIX = "tofa-tests-"


def use_memory(memory: Path = MEMORY, room: int = ROOM) -> Path | None:
    """Make a folder in memory, and have all temporary files of this process and its children there.

    Return the folder, which `remove` takes away, or None: where TMPDIR names a place already (as in
    the workers of a run), and where there is no room.
    """
    if "TMPDIR" in os.environ or not _has_room(memory, room):
        return None
    _remove_what_is_left(memory)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=memory))
    # The PostgreSQL of a run as root is someone else's.
    folder.chmod(0o711)
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None
    return folder


def remove(folder: Path) -> None:
    del os.environ["TMPDIR"]
    tempfile.tempdir = None
    shutil.rmtree(folder, ignore_errors=True)


def _has_room(memory: Path, room: int) -> bool:
    if not (memory.is_dir() and os.access(memory, os.W_OK)):
        return False
    place = os.statvfs(memory)
    # PostgreSQL may have to be copied there, and run.
    runs_programs = not place.f_flag & os.ST_NOEXEC
    free = place.f_bavail * place.f_frsize
    return runs_programs and min(free, psutil.virtual_memory().available) >= room


def _remove_what_is_left(memory: Path) -> None:
    """Remove the folders of runs that were killed."""
    for folder in memory.glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)
