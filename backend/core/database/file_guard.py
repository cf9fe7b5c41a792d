"""Notice that SQLite's file was replaced or removed while it is open.

An open file stays usable under the name it no longer has: what is written to it is gone when the
process ends. So the file behind the name is compared with the open one before each unit of work,
and again after a commit, before anyone is told that it is kept.
"""

import logging
import os
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
        self._opened: _Identity | None = None
        self._is_reported = False

    def remember(self) -> None:
        """Remember the file that was just opened, unless another is remembered."""
        if self._opened is None:
            self._opened = self._identity()

    def forget(self) -> None:
        """Forget the file: it is closed."""
        self._opened = None

    def check(self) -> None:
        """Raise `FileReplaced` if the name doesn't stand for the opened file any more."""
        if self._opened is None or self._identity() == self._opened:
            return
        if not self._is_reported:
            self._is_reported = True
            log.critical(
                "The database file %s was replaced or removed while this server uses it. "
                "Nothing is saved until the server is restarted",
                self._path,
            )
        raise FileReplaced

    def make(self) -> None:
        """Create the file if it's missing: personal data is for this account alone.

        SQLite gives the files beside it the same mode.
        """
        if self._opened is None:
            # Whether it can't be created is found out when it is opened.
            with suppress(OSError):
                os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))

    def _identity(self) -> _Identity | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino
