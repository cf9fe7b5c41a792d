"""Where the tests keep their files: in memory where there is room, and nothing stays there."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests import scratch

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="there is no such place")


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for the place in memory, and no TMPDIR; what is changed is put back."""
    monkeypatch.setenv("TMPDIR", "x")
    monkeypatch.delenv("TMPDIR")
    monkeypatch.setattr(tempfile, "tempdir", None)
    folder = tmp_path / "memory"
    folder.mkdir()
    return folder


def test_files_are_kept_in_memory_until_the_end(memory: Path) -> None:
    folder = scratch.use_memory(memory, room=1)
    assert folder is not None
    assert folder.parent == memory
    with tempfile.NamedTemporaryFile() as file:
        assert Path(file.name).parent == folder
    assert os.environ["TMPDIR"] == str(folder)
    assert scratch.use_memory(memory, room=1) is None, "a worker of this run uses the same"
    scratch.remove(folder)
    assert list(memory.iterdir()) == []
    assert "TMPDIR" not in os.environ


def test_without_room_they_stay_where_they_were(memory: Path) -> None:
    assert scratch.use_memory(memory, room=1 << 60) is None
    assert scratch.use_memory(memory / "nowhere", room=1) is None
    assert "TMPDIR" not in os.environ


def test_what_a_killed_run_has_left_is_removed(memory: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    (memory / f"{scratch.PREFIX}{gone.pid}-abc" / "pytest").mkdir(parents=True)
    own = memory / f"{scratch.PREFIX}{os.getpid()}-abc"
    others = memory / "tofa"
    own.mkdir()
    others.mkdir()
    folder = scratch.use_memory(memory, room=1)
    assert folder is not None
    assert sorted(memory.iterdir()) == sorted([folder, own, others])
