"""Backups: what is checked before anything is replaced, and what is said if it can't be done."""

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from fnmatch import fnmatch
from pathlib import Path

import pytest
from sqlalchemy import delete, func, make_url, select
from sqlmodel import col

from backend.cli import main
from backend.core import times
from backend.core.lifecycle import backup, migrate
from backend.core.lifecycle.backup import BackupFailed
from backend.models import Lead, User
from tests.dump import dump
from tests.full_disk import room
from tests.world import SECRET_KEY, World

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def file_of(world: World) -> Path:
    return backup.file_of(world.db.url)


@ON_SQLITE
def test_a_backup_is_one_private_file_with_everything(world: World, tmp_path: Path) -> None:
    made = backup.save(world.db.url, tmp_path / "a.db")
    assert (made.path, made.leads, made.version) == (tmp_path / "a.db", 2, migrate.HEAD)
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert not made.is_old
    assert [path.name for path in tmp_path.glob("*a.db*")] == ["a.db"]
    with pytest.raises(BackupFailed, match="exists already"):
        backup.save(world.db.url, made.path)


@ON_SQLITE
def test_a_restore_brings_everything_back(world: World, tmp_path: Path) -> None:
    before = dump(world.db)
    made = backup.save(world.db.url, tmp_path / "a.db")
    with world.db.write() as session:
        session.connection().execute(delete(Lead))
    found, kept = backup.restore(world.db.url, made.path)
    assert found == made
    assert dump(world.db) == before
    assert kept is not None
    assert backup.check(kept).leads == 0


@ON_SQLITE
def test_a_restore_where_there_is_no_database(world: World, tmp_path: Path) -> None:
    made = backup.save(world.db.url, tmp_path / "a.db")
    url = world.db.url.set(database=str(tmp_path / "new.db"))
    assert backup.restore(url, made.path) == (made, None)
    assert backup.check(tmp_path / "new.db").leads == 2
    assert (tmp_path / "new.db").stat().st_mode & 0o777 == 0o600


@ON_SQLITE
def test_a_damaged_database_is_moved_away(world: World, tmp_path: Path) -> None:
    made = backup.save(world.db.url, tmp_path / "a.db")
    world.db.close()
    damaged = b"not a database" * 1000
    file_of(world).write_bytes(damaged)
    _, kept = backup.restore(world.db.url, made.path)
    assert kept is not None
    assert kept.read_bytes() == damaged
    with world.db.read() as session:
        assert session.scalar(select(func.count(col(User.id)))) == 5


@ON_SQLITE
def test_a_database_in_use_stays_where_it_is(world: World, tmp_path: Path) -> None:
    made, file = backup.save(world.db.url, tmp_path / "a.db"), file_of(world)
    world.db.close()
    with closing(sqlite3.connect(file, isolation_level=None)) as holder:
        holder.execute("PRAGMA journal_mode = DELETE")
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(backup.DatabaseInUse, match="locked the file"):
            backup.restore(world.db.url, made.path)
    assert backup.check(file).leads == made.leads
    assert not list(file.parent.glob("*before-restore*"))


def large(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE filler AS SELECT randomblob(4000000)")
    return path


@ON_SQLITE
@pytest.mark.parametrize("is_damaged", [False, True], ids=["sound", "damaged"])
def test_a_restore_without_room_leaves_everything_as_it_was(
    world: World, tmp_path: Path, is_damaged: bool
) -> None:
    """No second copy either: it would have everyone's data, and nobody was told of it."""
    source, file = large(backup.save(world.db.url, tmp_path / "a.db").path), file_of(world)
    world.db.close()
    if is_damaged:
        file.write_bytes(b"not a database" * 1000)
    before = {path.name: path.read_bytes() for path in file.parent.glob(f"*{file.name}*")}
    with room(2_000_000), pytest.raises(BackupFailed, match="can't be restored"):
        backup.restore(world.db.url, source)
    after = {path.name: path.read_bytes() for path in file.parent.glob(f"*{file.name}*")}
    if is_damaged:
        assert after == before
    else:
        assert not [name for name in after if "before-restore" in name]
        assert backup.check(file).leads == 2
    # With room it goes on as if nothing had happened.
    assert backup.restore(world.db.url, source)[0].leads == 2


@ON_SQLITE
def test_backups_at_the_same_moment_do_not_take_each_others_draft(
    world: World, tmp_path: Path
) -> None:
    def save(target: Path) -> str:
        try:
            backup.save(world.db.url, target)
        except BackupFailed as error:
            return str(error)
        return "saved"

    folder = tmp_path / "backups"
    folder.mkdir()
    with ThreadPoolExecutor(4) as pool:
        said = set(pool.map(save, [folder / "a.db"] * 4))
    assert "saved" in said
    assert said <= {"saved", f"The file {folder / 'a.db'} exists already. Choose another name."}
    assert backup.check(folder / "a.db").leads == 2
    assert [path.name for path in folder.iterdir()] == ["a.db"]


@ON_SQLITE
def test_a_link_to_a_missing_disk_is_not_replaced(world: World, tmp_path: Path) -> None:
    link = tmp_path / "disk"
    link.symlink_to(tmp_path / "not mounted")
    with pytest.raises(BackupFailed, match="not mounted, which doesn't exist"):
        backup.save(world.db.url, link)
    assert link.is_symlink()


@ON_SQLITE
def test_what_is_no_backup_replaces_nothing(world: World, tmp_path: Path) -> None:
    before = dump(world.db)
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE lead (id)")
    newer = backup.save(world.db.url, tmp_path / "newer.db").path
    with closing(sqlite3.connect(newer)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    torn = tmp_path / "torn.db"
    torn.write_bytes(newer.read_bytes()[:-8192])
    garbled = tmp_path / "garbled.db"
    garbled.write_bytes(newer.read_bytes()[:100] + b"x" * 8192)
    sheet = tmp_path / "leads.csv"
    sheet.write_text("phone,name\n")
    empty = tmp_path / "empty.db"
    empty.touch()
    for path, text in (
        (tmp_path, "is a folder. Name one of the backups in it"),
        (Path(os.devnull), "isn't a file"),
        (sheet, "isn't a SQLite database"),
        (empty, "is empty"),
        (other, "isn't a database of TOFA CRM: it has no table center"),
        (newer, "newer version"),
        (torn, "is damaged"),
        (garbled, "is damaged"),
        (tmp_path / "none.db", "There is no file"),
        (file_of(world), "is the database itself"),
    ):
        with pytest.raises(BackupFailed, match=text):
            backup.restore(world.db.url, path)
    assert dump(world.db) == before
    assert [path.name for path in file_of(world).parent.glob("*.before-restore-*")] == []
    made = backup.save(world.db.url, tmp_path / "good.db").path
    for path, text in (
        (tmp_path, "is a folder: correct"),
        (tmp_path / "a" / "b", "There is no folder"),
    ):
        with pytest.raises(BackupFailed, match=text):
            backup.restore(world.db.url.set(database=str(path)), made)


def test_what_a_killed_backup_leaves_is_removed_with_old_backups(tmp_path: Path) -> None:
    old = times.now().timestamp() - 2 * 24 * 3600
    names = {
        "old": ".tofa-20261126-020000Z.db.part",
        "journal": ".tofa-20261126-020000Z.db.part-journal",
        "being written": ".tofa-20261128-020000Z.db.part",
        "with a name of its own": ".tofa-20261126-020000Z.db.0badcafe.part",
        "another's": ".mine.part",
    }
    for what, name in names.items():
        (tmp_path / name).write_text("x")
        if what != "being written":
            os.utime(tmp_path / name, (old, old))
    removed = {path.name for path in backup.prune(tmp_path, 5)}
    assert removed == {names["old"], names["journal"], names["with a name of its own"]}
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {names["being written"], names["another's"]}


@pytest.mark.parametrize(
    "name",
    [
        ".env", "tofa.db", "tofa.db-wal", "tofa.db-journal", "tofa.db.secret", "tofa.dump",
        "tofa.db.before-restore-20261128-091500Z", ".tofa-20261128-020000Z.db.part",
        ".tofa-20261128-020000Z.db.0badcafe.part",
    ],
)  # fmt: skip
def test_no_data_gets_into_a_repository(name: str) -> None:
    """An installation is often a clone, where someone may add all files that are new."""
    ignored = (Path(__file__).parents[3] / ".gitignore").read_text().split("\n")
    assert any(fnmatch(name, pattern) for pattern in ignored if pattern)


def test_postgresql_has_its_own_tools() -> None:
    url = make_url("postgresql+psycopg://ann:hidden@db.example:5432/tofa")
    with pytest.raises(BackupFailed) as told:
        backup.file_of(url)
    assert "'postgresql://ann@db.example:5432/tofa'" in str(told.value)
    assert "hidden" not in str(told.value)


@ON_SQLITE
def test_the_commands(
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", world.settings.database_url)
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
    tmp_path = tmp_path / "backups"
    tmp_path.mkdir()
    for name in ("tofa-20250101-000000Z.db", "tofa-20250102-000000Z.db", "notes.db"):
        (tmp_path / name).touch()
    assert main(["backup", str(tmp_path), "--keep", "2"]) == 0
    kept = sorted(path.name for path in tmp_path.glob("*.db"))
    assert kept[:2] == ["notes.db", "tofa-20250102-000000Z.db"]
    assert len(kept) == 3
    said = capsys.readouterr().out
    assert "Saved 2 leads" in said
    assert "Removed the old backup" in said
    newest = str(tmp_path / kept[2])
    # What is refused is refused before the replacement is announced.
    for given, refused in ((newest, "Add --yes"), (str(tmp_path), "is a folder")):
        assert main(["restore", given]) == 1
        said, told = capsys.readouterr()
        assert (said, refused in told) == ("", True)
    assert main(["restore", newest, "--yes"]) == 0
    assert "Restored 2 leads.\nThe previous data is in " in capsys.readouterr().out
    assert main(["backup", str(tmp_path / "one.db"), "--keep", "2"]) == 1
    assert "--keep needs an existing folder" in capsys.readouterr().err
    missing = tmp_path / "missing"
    assert main(["backup", f"{missing}/"]) == 1
    assert f"There is no folder {missing}. Create it first." in capsys.readouterr().err
    assert not missing.exists(), "a file there would be in the way of the next backup"
