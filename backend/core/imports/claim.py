"""Record which process is writing an import, so that others notice if it dies.

A write takes several transactions. Each checks that the import still has the token that the write
began with, and stores the time. If the time is old, the process has died, and another one takes
back what it wrote (`recovery`).

On SQLite, where all processes are on one host, a lock on a file beside the database tells at once:
the operating system releases it when the process ends, however it ends.
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

# A step takes a twentieth of a second; it may wait a few seconds for other writers.
DEAD_AFTER = timedelta(seconds=30)
# The states in which an import is being written.
WRITING = (ImportState.UPLOADING, ImportState.COMMITTING)


@dataclass(slots=True)
class Hold:
    """This process's claim on one import."""

    url: URL
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    _file: int | None = None
    _path: Path = field(init=False)

    def take(self, session: Session, found: Import, state: ImportState) -> None:
        """Claim an import that is locked, and set the state in which it is written."""
        found.state, found.held_by, found.worked_at = state, self.token, times.now()
        session.flush()
        assert found.id is not None
        if self._file is None and self.url.get_backend_name() == "sqlite":
            self._path = _path(self.url, found.id)
            self._file = _lock(self._path)

    def check(self, session: Session, import_id: int) -> Import:
        """Return the import, locked. Raises `Conflict` if another process has taken it back."""
        found = store.find(session, import_id, lock=True)
        if found.held_by != self.token or found.state not in WRITING:
            raise Conflict("The server paused for too long, and the import was undone. Try again")
        found.worked_at = times.now()
        return found

    def release(self) -> None:
        """Release the file. The import's state already says that nobody is writing."""
        if self._file is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
            os.close(self._file)
            self._file = None


def is_abandoned(url: URL, found: Import) -> bool:
    """Return whether the process that is writing an import has died."""
    if found.state not in WRITING:
        return False
    if times.now() - (found.worked_at or found.created_at) > DEAD_AFTER:
        return True
    assert found.id is not None
    return url.get_backend_name() == "sqlite" and _is_free(_path(url, found.id))


def is_any_written(session: Session, but: int | None) -> bool:
    """Return whether any process is writing another import."""
    query = select(col(Import.id)).where(col(Import.state).in_(WRITING), col(Import.id) != but)
    return session.connection().scalar(query.limit(1)) is not None


def _path(url: URL, import_id: int) -> Path:
    return Path(f"{url.database}-import-{import_id}")


def _lock(path: Path) -> int | None:
    """Return the open file, locked until it is closed; None if this host can't lock files."""
    # An import works without the file: then only the time tells.
    with suppress(OSError):
        file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        if _flock(file):
            return file
        # An unlocked file would mean that its process has died.
        os.close(file)
        path.unlink(missing_ok=True)
    return None


def _is_free(path: Path) -> bool:
    """Return whether there is an unlocked file: its process has died."""
    try:
        file = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        return _flock(file)
    finally:
        os.close(file)


def _flock(file: int) -> bool:
    """Lock an open file. Return False if another process has, or this host can't."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
