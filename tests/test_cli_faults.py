"""The command line where something is in the way: a full disk, a missing database, a signal."""

import os
import signal
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.cli import main
from backend.core.db import Database
from backend.core.settings import load
from backend.models import Lead
from tests.full_disk import room
from tests.world import PASSWORD, SECRET_KEY, make_tables

Said = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set up a SQLite database with one lead. Return its folder."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/tofa.db")
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)
    monkeypatch.setenv("TOFA_ENV_FILE", str(tmp_path / "no.env"))
    make_tables(f"sqlite:///{tmp_path}/tofa.db")
    with closing(Database(load().url)) as db, db.write() as session:
        session.add(Lead(created_time=datetime.now(UTC), player_name="Tara", phone="9848000001"))
    return tmp_path


@pytest.mark.parametrize(
    "command", [["person", "export", "1", "{}"], ["export", "{}"]], ids=["person", "leads"]
)
def test_a_file_without_room_is_not_left_half(
    folder: Path, capsys: Said, command: list[str]
) -> None:
    file = folder / "out.csv"
    with closing(Database(load().url)) as db, db.write() as session:
        session.get_one(Lead, 1).address = "a" * 8_000_000
    with room(4_000_000):
        assert main([one.format(file) for one in command]) == 1
    assert not list(folder.glob("*out.csv*"))
    assert capsys.readouterr().err == f"{file}: File too large.\n"


@pytest.mark.parametrize("command", [["migrate"], ["backup", "--note"], ["work", "--once"]])
def test_no_command_puts_an_empty_database_in_the_place_of_a_lost_one(
    folder: Path, capsys: Said, command: list[str]
) -> None:
    (folder / "tofa.db.secret").write_text("k" * 64)
    os.utime(folder / "tofa.db.secret", (0, 0))
    for path in folder.glob("tofa.db"):
        path.unlink()
    assert main(command) == 1
    assert "is missing or empty, but tofa.db.secret shows" in capsys.readouterr().err
    assert not (folder / "tofa.db").exists()


def test_no_backup_of_an_empty_database_is_noted(
    folder: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{folder}/other.db")
    assert main(["backup", "--note"]) == 1
    assert capsys.readouterr().err == "The database is empty: it has nothing to back up.\n"


def test_a_backup_needs_a_name(folder: Path, capsys: Said) -> None:
    """An empty one is a variable of a script that isn't set."""
    before = set(folder.iterdir())
    assert main(["backup", ""]) == 1
    assert capsys.readouterr().err == "Name a file or a folder for the backup.\n"
    assert set(folder.iterdir()) == before


def test_a_signal_to_end_lets_a_command_remove_its_draft(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(*_given: object, **_named: object) -> int:
        assert list(folder.glob(".leads.csv.*"))
        signal.raise_signal(signal.SIGTERM)
        raise AssertionError("it goes on")

    monkeypatch.setattr("backend.core.leads.export_files.to_stream", ended)
    with pytest.raises(SystemExit) as told:
        main(["export", str(folder / "leads.csv")])
    assert told.value.code == 128 + signal.SIGTERM
    assert not list(folder.glob("*leads.csv*"))
