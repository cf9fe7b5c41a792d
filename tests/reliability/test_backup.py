"""Backups while others write: each is sound, and has all that was acknowledged before it began."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from backend.core.lifecycle import backup
from tests.waiting import wait_until
from tests.world import World

ROOT = Path(__file__).parents[2]
WRITERS = 4


class Acknowledged:
    """What processes that write have said is on disk."""

    def __init__(self) -> None:
        self.emails: list[str] = []

    @contextmanager
    def by_writers(self, url: str) -> Iterator[None]:
        command = [sys.executable, "-m", "tests.reliability.acknowledging", url]
        processes = [
            subprocess.Popen([*command, f"writer{n}"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
            for n in range(WRITERS)
        ]
        readers = [threading.Thread(target=self._read, args=(one,)) for one in processes]
        for reader in readers:
            reader.start()
        try:
            yield
        finally:
            for process in processes:
                process.kill()
            for reader in readers:
                reader.join()
            for process in processes:
                process.wait()

    def wait_for_more(self, leads: int) -> None:
        had = len(self.emails)
        wait_until(lambda: len(self.emails) > had + leads)

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            self.emails.extend(line.strip() for line in lines if line.endswith("\n"))


def emails(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {email for (email,) in connection.execute("SELECT email FROM lead")}


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_backups_while_four_processes_write(
    world: World, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    backups: int = pytestconfig.getoption("--backups")
    acknowledged = Acknowledged()
    with acknowledged.by_writers(world.settings.database_url):
        for number in range(backups):
            acknowledged.wait_for_more(WRITERS)
            before = set(acknowledged.emails)
            made = backup.save(world.db.url, tmp_path / f"{number}.db")
            assert before <= emails(made.path)
    for number in range(backups):
        restored = world.db.url.set(database=str(tmp_path / f"restored{number}.db"))
        found, _ = backup.restore(restored, tmp_path / f"{number}.db")
        assert len(emails(tmp_path / f"restored{number}.db")) == len(emails(found.path))


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_restore_while_four_processes_write(world: World, tmp_path: Path) -> None:
    """Each lead is either in what was saved, or was added to what was restored."""
    made = backup.save(world.db.url, tmp_path / "empty.db")
    acknowledged = Acknowledged()
    with acknowledged.by_writers(world.settings.database_url):
        acknowledged.wait_for_more(2 * WRITERS)
        _, kept = backup.restore(world.db.url, made.path)
        acknowledged.wait_for_more(2 * WRITERS)
    assert kept is not None
    assert world.db.url.database
    after = emails(Path(world.db.url.database))
    assert set(acknowledged.emails) <= emails(kept) | after
    assert emails(made.path) <= after
    assert not set(acknowledged.emails[: 2 * WRITERS]) & after
