"""Who is writing an import: one process, which the others notice when it has died.

A write takes several transactions. Each one makes sure that the import is still held by the token
it was begun with, and notes the time. An import that nobody has worked on for a while belongs to a
process that has died, and what it wrote is taken back by another one (`recovery`).

On SQLite, where all processes are on one host, a lock on a file beside the database tells at once:
the operating system releases it when its process ends, however it ends.
"""

import os
import secrets
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import URL, select
from sqlmodel import Session, col

from backend.core import times
from backend.core.errors import Conflict
from backend.core.imports import store
from backend.models import Import, ImportState

# A step takes a twentieth of a second; behind a crowd of others it may wait for a few seconds.
DEAD_AFTER = timedelta(seconds=30)
# The states in which an import is being written.
WRITING = (ImportState.UPLOADING, ImportState.COMMITTING)


@dataclass(slots=True)
class Hold:
    """The hold of this process on one import."""

    url: URL
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    _file: int | None = None
    _path: Path = field(init=False)

    def take(self, session: Session, found: Import, state: ImportState) -> None:
        """Takes an import that is locked, and gives it the state of being written."""
        found.state, found.held_by, found.worked_at = state, self.token, times.now()
        session.flush()
        assert found.id is not None
        if self._file is None and self.url.get_backend_name() == "sqlite":
            self._path = _path(self.url, found.id)
            self._file = _lock(self._path)

    def check(self, session: Session, import_id: int) -> Import:
        """The import, locked. Raises `Conflict` where it has been taken from this process."""
        found = store.find(session, import_id, lock=True)
        if found.held_by != self.token or found.state not in WRITING:
            raise Conflict("The server stood still for too long, and the import was taken back")
        found.worked_at = times.now()
        return found

    def release(self) -> None:
        """Lets go of the file; that nobody writes any more, the import's state says."""
        if self._file is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
            os.close(self._file)
            self._file = None


def is_abandoned(url: URL, found: Import) -> bool:
    """Whether an import is being written by a process that has died."""
    if found.state not in WRITING:
        return False
    if times.now() - (found.worked_at or found.created_at) > DEAD_AFTER:
        return True
    assert found.id is not None
    return url.get_backend_name() == "sqlite" and _is_free(_path(url, found.id))


def is_any_written(session: Session, but: int | None) -> bool:
    """Whether any other import is being written, by whomever."""
    query = select(col(Import.id)).where(col(Import.state).in_(WRITING), col(Import.id) != but)
    return session.connection().scalar(query.limit(1)) is not None


def _path(url: URL, import_id: int) -> Path:
    return Path(f"{url.database}-import-{import_id}")


def _lock(path: Path) -> int | None:
    """The open file, locked until it is closed; None where this host can't lock files."""
    # What can't be kept here costs no import: without a file, the time tells.
    with suppress(OSError):
        file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        if _flock(file):
            return file
        # A file that nobody holds would say that its process has died.
        os.close(file)
        path.unlink(missing_ok=True)
    return None


def _is_free(path: Path) -> bool:
    """Whether there is the file of a process that has died: the time tells where there is none."""
    try:
        file = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        return _flock(file)
    finally:
        os.close(file)


def _flock(file: int) -> bool:
    """Locks an open file, if nobody else has and this host can."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
