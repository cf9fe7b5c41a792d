"""Back up a SQLite database while servers use it, and restore it.

Both copy through SQLite itself (https://www.sqlite.org/backup.html), in one step that sees one
state. A copy of the file alone would lack the newest leads, which are in the write-ahead log.
A backup has everything that was acknowledged before it began.
"""

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from glob import escape
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL

from backend.core import times
from backend.core.database import engines, journal
from backend.core.errors import ConfigurationError
from backend.core.lifecycle import migrate

# The names of backups in a folder: they sort by time, and `prune` knows them by these.
_STAMP = "%Y%m%d-%H%M%SZ"
_NAME = f"tofa-{_STAMP}.db"
_PATTERN = "tofa-[0-9]*-[0-9]*Z.db"
# What a backup is written to before it is checked: each has its own. One that was killed leaves it
# behind.
_DRAFT = ".{}.{}.part"
_DRAFTS = (".{}.????????.part", ".{}.????????.part-journal", ".{}.part", ".{}.part-journal")
# In seconds: no backup takes that long.
_ABANDONED = 24 * 3600
# What the file is called that a restore replaces.
_REPLACED = ".before-restore-"
# A database with its logs.
_FILES = ("", "-wal", "-shm", "-journal")
# SQLITE_DONE (https://www.sqlite.org/rescode.html#done), which `sqlite3` doesn't name.
_DONE = 101
# What a SQLite database begins with.
_HEADER = b"SQLite format 3\x00"
# In seconds: how long a restore waits for those who are writing.
_TIMEOUT = 60.0


class BackupFailed(ConfigurationError):
    """A backup that couldn't be written or restored; nothing has changed."""


class DatabaseInUse(BackupFailed):
    """Someone has locked the whole file, and isn't finished."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A file that was checked: how many leads it has, and the version of its tables.

    `version` is None for a database from before there were migrations.
    """

    path: Path
    leads: int
    version: str | None

    @property
    def is_old(self) -> bool:
        """Whether it must be migrated before this version can use it."""
        return self.version != migrate.HEAD


def named(target: Path) -> Path:
    """Return the file to write: in a folder, one named by the time in UTC."""
    return target / times.now().strftime(_NAME) if target.is_dir() else target


def save(url: URL, target: Path) -> Backup:
    """Write a backup and check it. Raises `BackupFailed`; then there is no file `target`."""
    source = file_of(url)
    if not source.exists():
        raise BackupFailed(f"There is no database {source}.")
    _check_is_free(target)
    with _failing(f"The backup {target} can't be written"):
        _remove_abandoned(target.parent, escape(target.name))
        draft = target.with_name(_DRAFT.format(target.name, secrets.token_hex(4)))
        try:
            draft.touch(mode=0o600, exist_ok=False)
            with closing(_open(source, "ro")) as origin, closing(sqlite3.connect(draft)) as copy:
                origin.backup(copy)
                # One file is easier to keep than one with a log beside it.
                copy.execute("PRAGMA journal_mode = DELETE")
            made = check(draft)
            _sync(draft)
            _check_is_free(target)
            draft.rename(target)
            _sync(target.parent)
        finally:
            draft.unlink(missing_ok=True)
    return Backup(target, made.leads, made.version)


def _check_is_free(target: Path) -> None:
    if target.exists():
        raise BackupFailed(f"The file {target} exists already. Choose another name.")
    if target.is_symlink():
        # Such as one to a disk that isn't mounted: the backup would take its place.
        raise BackupFailed(f"{target} is a link to {target.readlink()}, which doesn't exist.")


def prune(folder: Path, keep: int) -> list[Path]:
    """Remove all but the newest backups of a folder. Return those removed.

    Drafts of backups that were killed are removed, too: they hold everyone's data.
    """
    old = sorted(folder.glob(_PATTERN), reverse=True)[keep:]
    for path in old:
        path.unlink()
    return old + _remove_abandoned(folder, _PATTERN)


def _remove_abandoned(folder: Path, name: str) -> list[Path]:
    """Remove the drafts of backups that were killed, by a pattern of their names."""
    before = times.now().timestamp() - _ABANDONED
    drafts = (path for pattern in _DRAFTS for path in folder.glob(pattern.format(name)))
    old = sorted(path for path in drafts if path.stat().st_mtime < before)
    for path in old:
        path.unlink(missing_ok=True)
    return old


def check(path: Path) -> Backup:
    """Check that a file is a sound database of TOFA CRM.

    Raises `BackupFailed`, and `DatabaseInUse` if it can't be read for a while.
    """
    _check_kind(path)
    try:
        with closing(_open(path, "ro")) as connection:
            faults = [text for (text,) in connection.execute("PRAGMA integrity_check(1)")]
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            if faults != ["ok"]:
                raise BackupFailed(f"The file {path} is damaged: {faults[0]}.")
            if missing := migrate.TABLES - tables:
                raise BackupFailed(
                    f"The file {path} isn't a database of TOFA CRM: it has no table "
                    f"{sorted(missing)[0]}."
                )
            (leads,) = connection.execute("SELECT count(*) FROM lead").fetchone()
            version = None
            if "alembic_version" in tables:
                (version,) = connection.execute(
                    "SELECT version_num FROM alembic_version"
                ).fetchone() or (None,)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname.startswith("SQLITE_BUSY"):
            raise DatabaseInUse(
                f"Another process has locked the file {path}. Try again when it has finished."
            ) from None
        raise BackupFailed(f"The file {path} can't be read: {error}.") from None
    except sqlite3.DatabaseError as error:
        raise BackupFailed(f"The file {path} is damaged: {error}.") from None
    return Backup(path, leads, version)


def _check_kind(path: Path) -> None:
    """Check that there is a file that begins as SQLite's do (https://www.sqlite.org/fileformat.html)."""
    if path.is_dir():
        raise BackupFailed(f"{path} is a folder. Name one of the backups in it.")
    if not path.exists():
        raise BackupFailed(f"There is no file {path}.")
    if not path.is_file():
        raise BackupFailed(f"{path} isn't a file.")
    with _failing(f"The file {path} can't be read"), path.open("rb") as file:
        head = file.read(len(_HEADER))
    if not head:
        raise BackupFailed(f"The file {path} is empty.")
    if head != _HEADER:
        raise BackupFailed(f"The file {path} isn't a SQLite database.")


def check_restore(url: URL, source: Path) -> tuple[Backup, Path]:
    """Check that a backup can replace the database's content, and touch nothing.

    Return the backup and the database's file. Raises `BackupFailed`.
    """
    target = file_of(url)
    found = check(source)
    if found.version is not None and found.version > migrate.HEAD:
        raise BackupFailed(
            f"The backup {source} was made by a newer version of TOFA CRM: update the program."
        )
    if target.is_dir():
        raise BackupFailed(f"The database {target} is a folder: correct DATABASE_URL.")
    if not target.parent.is_dir():
        raise BackupFailed(f"There is no folder {target.parent} for the database.")
    if target.exists() and target.samefile(source):
        raise BackupFailed(f"{source} is the database itself.")
    return found, target


def restore(url: URL, source: Path) -> tuple[Backup, Path | None]:
    """Replace the database's content with that of a backup, all of it or nothing.

    Return the backup, and where the replaced content was saved. Servers may be running: they see
    the backup's content from their next request on. A database that can't be read because it is
    damaged is moved away. Raises `BackupFailed`.
    """
    found, target = check_restore(url, source)
    kept = target.with_name(f"{target.name}{_REPLACED}{times.now():{_STAMP}}")
    existed = target.exists()
    is_sound = existed and _is_sound(target)
    mode = journal.mode(str(target), str(url.query.get(engines.JOURNAL, "")))
    with _failing("The backup can't be restored"):
        _remove_abandoned(target.parent, f"{escape(target.name)}{_REPLACED}*")
        if is_sound:
            _replace(source, target, mode, partial(save, url, kept), partial(_remove, kept))
        else:
            _put_in_place(source, target, mode, kept)
    return found, kept if existed else None


def _put_in_place(source: Path, target: Path, mode: str, kept: Path) -> None:
    """Restore where there is no database, or one that can't be read: it is moved away."""
    _move(target, kept)
    try:
        target.touch(mode=0o600)
        _replace(source, target, mode)
    except BaseException:
        _remove(target)
        _move(kept, target)
        raise


def _replace(
    source: Path,
    target: Path,
    mode: str,
    before: Callable[[], object] | None = None,
    undo: Callable[[], object] | None = None,
) -> None:
    """Replace a database's content; call `before` when nobody can write to it any more.

    With a rollback journal, where nobody can read then either, it is called just before. `undo`
    is called if nothing was replaced after all.
    """
    left = [before] if before is not None else []
    is_done = False

    def progress(status: int, _left: int, _pages: int) -> None:
        # From its first page on, the copy holds the target's lock, and others still read what was.
        nonlocal is_done
        is_done = status == _DONE
        if left:
            left.pop()()

    try:
        if left and mode == journal.ROLLBACK:
            left.pop()()
        with (
            closing(_open(source, "ro")) as origin,
            closing(sqlite3.connect(target, timeout=_TIMEOUT)) as live,
        ):
            live.execute("PRAGMA synchronous = FULL")
            origin.backup(live, pages=1, progress=progress, sleep=0)
            live.execute(f"PRAGMA journal_mode = {mode}")
    except BaseException:
        if undo is not None and not is_done:
            undo()
        raise


def _is_sound(path: Path) -> bool:
    try:
        check(path)
    except DatabaseInUse:
        raise
    except BackupFailed:
        return False
    return True


def _move(path: Path, to: Path) -> None:
    """Move a database that can't be copied, with its logs."""
    for ending in _FILES:
        with suppress(FileNotFoundError):
            Path(f"{path}{ending}").rename(f"{to}{ending}")


def _remove(path: Path) -> None:
    for ending in _FILES:
        Path(f"{path}{ending}").unlink(missing_ok=True)


def file_of(url: URL) -> Path:
    """Return the database's file. Raises `BackupFailed` for PostgreSQL, which has its own tools."""
    if not engines.is_sqlite(url):
        shown = url._replace(drivername="postgresql", password=None).render_as_string()
        raise BackupFailed(
            "Back up PostgreSQL with its own tools, for example "
            f"`pg_dump --format=custom --file=tofa.dump '{shown}'`, and restore into a new "
            "database with `pg_restore`: see docs/backup.md."
        )
    assert url.database
    return Path(url.database)


def _open(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode={mode}", uri=True)


def _sync(path: Path) -> None:
    """Make sure that a file, or the names in a folder, are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _failing(what: str) -> Iterator[None]:
    """Turn errors of the disk into a sentence."""
    try:
        yield
    except sqlite3.Error as error:
        raise BackupFailed(f"{what}: {error}.") from error
    except OSError as error:
        raise BackupFailed(f"{what}: {(error.strerror or 'unknown error').lower()}.") from error
