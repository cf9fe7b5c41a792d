"""SQLite's journal is safe where the file lies: processes that share no memory lose nothing."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.core.database import journal
from backend.core.db import Database
from backend.core.lifecycle import backup
from backend.core.settings import load
from tests.forking import ROOT
from tests.waiting import PATIENCE
from tests.world import SECRET_KEY

MOUNTS = """\
22 1 259:1 / / rw,relatime shared:1 - ext4 /dev/root rw
30 22 0:40 / /home rw shared:5 - nfs4 files.internal:/home rw
31 30 0:41 / /home/me/disk rw - ext4 /dev/sdb rw
32 22 0:42 / /mnt/a\\040b rw master:3 - fuse.sshfs host:/ rw
33 22 0:43 / /mnt/stick rw - fuseblk /dev/sdc rw
34 22 0:44 / /srv rw - tmpfs none rw
35 22 0:45 / /srv rw - cifs //files/srv rw
"""


@pytest.mark.parametrize(
    ("path", "is_shared"),
    [
        ("/var/tofa.db", False),
        ("/home/me/tofa-crm/tofa.db", True),
        ("/homes/tofa.db", False),
        ("/home/me/disk/tofa.db", False),
        ("/mnt/a b/tofa.db", True),
        ("/mnt/stick/tofa.db", False),
        ("/srv/tofa.db", True),
    ],
)
def test_the_file_systems_of_a_network(path: str, is_shared: bool) -> None:
    assert journal.is_shared(Path(path), MOUNTS) is is_shared


def test_without_a_list_of_mounts() -> None:
    assert not journal.is_shared(Path("/home/tofa.db"), "")
    assert not journal.is_shared(Path("/home/tofa.db"), "nonsense\n\n")


def mode_of(db: Database) -> object:
    with db.read() as session:
        return session.connection().scalar(text("PRAGMA journal_mode"))


def test_the_setting_overrides_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"sqlite:///{tmp_path}/tofa.db"

    def mode(**given: object) -> object:
        with closing(
            Database(load(database_url=address, secret_key=SECRET_KEY, **given).url)
        ) as db:
            return mode_of(db)

    assert mode() == "wal"
    assert mode(sqlite_journal="rollback") == "truncate"
    assert mode() == "wal"
    mounts = tmp_path / "mounts"
    mounts.write_text("22 1 259:1 / / rw - nfs4 files:/ rw\n")
    monkeypatch.setattr(journal, "MOUNTS", mounts)
    if sys.platform == "linux":
        assert mode() == "truncate"
    assert mode(sqlite_journal="wal") == "wal"


WRITER = """
import sys
from sqlalchemy import text
from backend.core.db import Database
from backend.core.settings import load
db = Database(load(database_url=sys.argv[1], sqlite_journal="rollback").url)
for _ in range(int(sys.argv[2])):
    with db.write() as session:
        session.connection().execute(text("UPDATE counted SET n = n + 1"))
        session.connection().execute(text("INSERT INTO many SELECT n, zeroblob(3000) FROM counted"))
db.close()
"""
TIMES = 25


@pytest.mark.skipif(sys.platform == "win32", reason="its files have one name")
@pytest.mark.slow
def test_processes_that_share_no_memory(tmp_path: Path) -> None:
    """As on two machines, they have the file and its journal in common, and nothing else."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    settings = load(
        database_url=f"sqlite:///{here}/tofa.db", sqlite_journal="rollback", secret_key=SECRET_KEY
    )
    with closing(Database(settings.url)) as db:
        with db.write() as session:
            session.connection().execute(text("CREATE TABLE counted (n INTEGER)"))
            session.connection().execute(text("CREATE TABLE many (n INTEGER PRIMARY KEY, x BLOB)"))
            session.connection().execute(text("INSERT INTO counted VALUES (0)"))
        for name in ("tofa.db", "tofa.db-journal"):
            os.link(here / name, there / name)
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, f"sqlite:///{folder}/tofa.db", str(TIMES)],
                cwd=ROOT,
                env={**os.environ, "SECRET_KEY": SECRET_KEY},
            )
            for folder in (here, there)
        ]
        assert [writer.wait(PATIENCE) for writer in writers] == [0, 0]
        with db.read() as session:
            connection = session.connection()
            assert connection.scalar(text("SELECT n FROM counted")) == 2 * TIMES
            assert connection.scalar(text("SELECT count(*) FROM many")) == 2 * TIMES
            assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
    assert (there / "tofa.db-journal").samefile(here / "tofa.db-journal")
    assert not (here / "tofa.db-shm").exists()
    with closing(Database(settings.url)) as db:
        assert mode_of(db) == "truncate"
    assert backup.file_of(settings.url) == here / "tofa.db"
