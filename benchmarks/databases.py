"""Databases for a run: files in a temporary folder, and databases on a PostgreSQL server."""

import shutil
import tempfile
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from backend.core.db import Database
from backend.core.lifecycle import startup
from benchmarks import academy
from tests import postgres

KINDS = ("sqlite", "postgresql")


class Databases:
    """Creates databases of both kinds, and removes all of them at the end.

    Unless it is given a PostgreSQL server, it starts one on first use. That server writes through
    to the disk, as in production.
    """

    def __init__(self, server: postgres.Server | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="tofa-bench-")
        self._server = server
        self._own = server is None
        self._made = 0
        # Of each kind, one with the product's tables and nothing else, to copy.
        self._with_tables: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._server is not None and self._own:
            self._server.stop()
        self._folder.cleanup()

    def create(self, kind: str) -> str:
        """Create an empty database and return its address. Raises `PostgresUnavailable`."""
        if kind == "sqlite":
            return f"sqlite:///{self._file()}"
        if self._server is None:
            self._server = postgres.start(durable=True)
        return self._server.create_database()

    def create_with_tables(self, kind: str) -> str:
        """Create a database with the product's tables, which take a second to make: once."""
        if kind not in self._with_tables:
            url = self.create(kind)
            settings = academy.settings_for(url)
            with closing(Database(settings.url)) as db:
                startup.make_tables(db, settings)
            self._with_tables[kind] = url
        return self.copy(self._with_tables[kind])

    def copy(self, url: str) -> str:
        """Copy a database and return the copy's address. The original must have no connections."""
        if url.startswith("sqlite:"):
            path = self._file()
            shutil.copy(file_of(url), path)
            return f"sqlite:///{path}"
        assert self._server is not None
        return self._server.create_database(url)

    def drop(self, url: str) -> None:
        if url.startswith("sqlite:"):
            for ending in ("", "-wal", "-shm"):
                Path(f"{file_of(url)}{ending}").unlink(missing_ok=True)
        elif self._server is not None:
            self._server.drop_database(url)

    def _file(self) -> Path:
        self._made += 1
        return Path(self._folder.name, f"{self._made}.db")


def file_of(url: str) -> str:
    return url.removeprefix("sqlite:///")
