"""Notice that SQLite's file, or its write-ahead log, was replaced or removed while it is open.

An open file stays usable under the name it no longer has: what is written to it is gone when the
process ends. So the file behind the name is compared with the open one before each unit of work,
and again after a commit, before anyone is told that it is kept. The newest leads are only in the
log, which SQLite itself removes when the last connection is closed.
"""

import logging
import threading
from contextlib import suppress
from pathlib import Path

from backend.core.errors import FileReplaced

log = logging.getLogger("tofa")

# The device and the number of a file on it.
_Identity = tuple[int, int]


class FileGuard:
    """Remembers which file was opened first."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._log_path = Path(f"{path}-wal")
        self._opened: _Identity | None = None
        # None with a rollback journal, and while this process has no connection.
        self._log: _Identity | None = None
        self._connections = 0
        self._lock = threading.Lock()
        self._is_reported = False

    def remember(self) -> None:
        """Remember the file that was just opened, and its log, unless others are remembered."""
        with self._lock:
            self._connections += 1
            if self._opened is None:
                self._opened = _identity(self._path)
            if self._log is None:
                self._log = _identity(self._log_path)

    def closing(self) -> None:
        """Forget the log with the last connection of this process.

        Not one that was removed: other processes may still use it, and a new one beside it would
        damage the database.
        """
        with self._lock:
            self._connections = max(0, self._connections - 1)
            if not self._connections and not self._is_reported:
                self._log = None

    def left(self) -> None:
        """Forget the connections of the process that this one was forked from."""
        self._lock = threading.Lock()
        self._connections, self._log = 0, None

    def forget(self) -> None:
        """Forget the file: it is closed."""
        self._opened = self._log = None

    def check(self) -> None:
        """Raise `FileReplaced` if a name doesn't stand for the opened file any more."""
        if self._replaced() is None:
            # Someone may have put it back.
            self._is_reported = False
            return
        with self._lock:
            # Another thread may have closed the last connection, and SQLite have removed the log.
            path = self._replaced()
            if path is not None:
                self._report(path)
                raise FileReplaced

    def _replaced(self) -> Path | None:
        for path, opened in ((self._path, self._opened), (self._log_path, self._log)):
            if opened is not None and _identity(path) != opened:
                return path
        return None

    def _report(self, path: Path) -> None:
        if not self._is_reported:
            self._is_reported = True
            log.critical(
                "The database file %s was replaced or removed while this server uses it. "
                "Nothing is saved until the server is restarted",
                path,
            )

    def make(self) -> None:
        """Create the file if it's missing: personal data is for this account alone.

        SQLite gives the files beside it the same mode.
        """
        if self._opened is None:
            # Whether it can't be created is found out when it is opened.
            with suppress(OSError):
                self._path.touch(mode=0o600, exist_ok=False)


def _identity(path: Path) -> _Identity | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
