"""The child process: how it starts, what it knows, and that nothing of it stays."""

import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import psutil
import pytest

from backend.core.sheets import UnreadableFile, interpreter, read_table, wire, workbook
from backend.core.sheets.interpreter import environment, import_path
from tests.core.sheets.files import deflated, raw_xlsx, xlsx_bytes


@cache
def many() -> bytes:
    return xlsx_bytes([["a", "b"]] + [[f"text {n}", n] for n in range(20_000)])


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "sheets.child" in _line(child)]


def _line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return "sheets.child, a zombie"


@pytest.fixture(autouse=True)
def nothing_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    interpreter.interpreter.cache_clear()
    before = set(Path("/dev/fd").iterdir()) if Path("/dev/fd").exists() else set()
    yield
    interpreter.interpreter.cache_clear()
    assert children() == []
    assert list(tmp_path.iterdir()) == []
    if before:
        assert len(set(Path("/dev/fd").iterdir())) <= len(before)


@pytest.mark.slow
def test_read_to_the_end() -> None:
    assert sum(1 for _ in read_table(many(), "leads.xlsx").rows) == 20_000


def test_closed_halfway() -> None:
    rows: Any = read_table(many(), "leads.xlsx").rows
    next(rows)
    assert len(children()) == 1
    rows.close()


def test_closed_before_the_first_row() -> None:
    rows: Any = read_table(many(), "leads.xlsx").rows
    assert len(children()) == 1
    rows.close()
    del rows
    gc.collect()


def test_forgotten() -> None:
    table = read_table(many(), "leads.xlsx")
    del table
    gc.collect()


def test_the_consumer_fails() -> None:
    def consume() -> None:
        for number, _ in read_table(many(), "leads.xlsx").rows:
            if number == 5:
                raise KeyError(number)

    with pytest.raises(KeyError):
        consume()
    gc.collect()


def test_the_child_dies_halfway() -> None:
    rows = read_table(many(), "leads.xlsx").rows
    next(rows)
    children()[0].kill()
    with pytest.raises(UnreadableFile):
        list(rows)


def test_the_child_is_too_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "WAIT_SECONDS", 0.2)
    monkeypatch.setattr(workbook, "START", ("-c", "import time; time.sleep(60)"))
    with pytest.raises(UnreadableFile, match="takes too long"):
        read_table(many(), "leads.xlsx")


def test_a_thread_watches_where_a_pipe_cannot_be_polled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "CAN_POLL", False)
    assert sum(1 for _ in read_table(many(), "leads.xlsx").rows) == 20_000
    monkeypatch.setattr(workbook, "WAIT_SECONDS", 0.2)
    monkeypatch.setattr(workbook, "START", ("-c", "import time; time.sleep(60)"))
    with pytest.raises(UnreadableFile, match="takes too long"):
        read_table(many(), "leads.xlsx")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"R\0",
        b"R\xff\xff\xff\xff",
        wire.HEAD.pack(b"R", 3) + b"[[[",
        wire.HEAD.pack(b"R", 8) + b'{"a":1}\n',
        wire.HEAD.pack(b"R", 100_000) + b"[" * 100_000,
    ],
)
def test_nonsense_from_the_child_is_no_table(
    answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = f"import os; os.write(1, {answer!r})" if len(answer) < 99 else None
    code = code or f"import os; os.write(1, {answer[:5]!r} + b'[' * 100_000)"
    monkeypatch.setattr(workbook, "START", ("-c", code))
    with pytest.raises(UnreadableFile):
        read_table(many(), "leads.xlsx")


def test_the_environment_holds_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "s3cret")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    rows: Any = read_table(many(), "leads.xlsx").rows
    try:
        seen = children()[0].environ()
    finally:
        rows.close()
        del rows
    assert set(seen) <= {*environment(), "LC_CTYPE"}
    assert "SECRET_KEY" not in seen


def test_files_of_the_server_stay_closed_to_the_child(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("server") / "database"
    with path.open("w") as file:
        os.set_inheritable(file.fileno(), True)
        rows: Any = read_table(many(), "leads.xlsx").rows
        try:
            assert str(path) not in [opened.path for opened in children()[0].open_files()]
        finally:
            rows.close()
            del rows


@pytest.mark.parametrize("program", ["", None, "/usr/sbin/uwsgi", "/no/such/python"])
def test_where_the_program_is_not_python(
    program: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpreter, "programs", lambda: [program])
    assert read_table(xlsx_bytes([["a"], [1]]), "leads.xlsx").columns == ("a",)


def test_where_there_is_no_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "programs", lambda: [None, None])
    for name in ("prefix", "exec_prefix", "base_prefix"):
        monkeypatch.setattr(sys, name, "/no/such/place")
    with pytest.raises(RuntimeError, match="no Python interpreter"):
        read_table(many(), "leads.xlsx")


def test_from_another_folder_with_modules_of_the_same_names(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("elsewhere")
    for name in ("json.py", "zlib.py", "backend.py", "sitecustomize.py"):
        (folder / name).write_text("raise SystemExit(3)")
    monkeypatch.chdir(folder)
    assert read_table(xlsx_bytes([["a"], [1]]), "leads.xlsx").columns == ("a",)


def test_the_child_imports_little() -> None:
    code = (
        "import sys; sys.path += sys.argv[1:]; import backend.core.sheets.child;"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    out = subprocess.run(
        [interpreter.interpreter(), "-I", "-S", "-c", code, *import_path()],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    ).stdout.split()
    assert set(out) - set(sys.stdlib_module_names) <= {
        "__main__",
        "backend",
        "python_calamine",
        "org",
    }
    assert not {"asyncio", "socket", "ssl", "subprocess"} & set(out)


def test_temporary_files_go_when_it_is_refused() -> None:
    with pytest.raises(UnreadableFile):
        read_table(raw_xlsx(more={"x": deflated(b" " * 2**20, 1000)}), "leads.xlsx")
