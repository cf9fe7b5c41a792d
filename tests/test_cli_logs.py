"""With LOG_FORMAT=json each line of the log is an object, whatever the command is doing."""

import json
import logging
import re
import socket
import sys
import threading
import warnings
from pathlib import Path

import httpx
import pytest

from backend.cli import main
from backend.core.logs import setting_up
from tests.commands import interrupt, read_until, started
from tests.test_cli import ON_SQLITE, folder, without_tables
from tests.waiting import PATIENCE

__all__ = ["folder", "without_tables"]
FIELDS = ["time", "level", "logger", "message"]


@pytest.fixture(autouse=True)
def as_json(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_FORMAT", "json")


def objects(text: str) -> list[dict[str, str]]:
    found = [json.loads(line) for line in text.splitlines()]
    assert all([*one][:4] == FIELDS for one in found)
    return found


@pytest.mark.usefixtures("without_tables")
@ON_SQLITE
@pytest.mark.parametrize("command", ["serve", "serve --workers 2", "demo --serve --wsgi", "work"])
@pytest.mark.slow
def test_a_life_of_a_process(command: str) -> None:
    is_server = command != "work"
    with started(*command.split(), *(["--port", "0"] if is_server else [])) as process:
        said = read_until(process.stderr, "Ctrl-C", process.stdout)
        if is_server:
            where = re.search(r"http://127\.0\.0\.1:\d+", said)
            assert where is not None
            answer = httpx.get(f"{where[0]}/healthz", timeout=PATIENCE)
            assert answer.status_code == 200
        _, rest = interrupt(process)
    assert process.returncode == 0
    found = objects(said + rest)
    assert {"tofa.request"} & {one["logger"] for one in found} or not is_server


@ON_SQLITE
def test_an_idle_round(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["work", "--once"]) == 0
    said, log = capsys.readouterr()
    assert said == ""
    assert [one["message"] for one in objects(log)] == ["Processed 0 deliveries."]


@ON_SQLITE
def test_what_ends_a_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["serve", "--port", str(taken.getsockname()[1])]) == 1
    monkeypatch.setenv("DATABASE_URL", "nonsense")  # then the settings can't be read
    assert main(["work"]) == 1
    said, log = capsys.readouterr()
    assert said == ""
    levels_and_starts = [(one["level"], one["message"].split()[0]) for one in objects(log)]
    assert levels_and_starts == [("ERROR", "Port"), ("ERROR", "DATABASE_URL")]
    # What the other commands say is for the one who runs them.
    assert main(["migrate"]) == 1
    assert capsys.readouterr().err.startswith("DATABASE_URL ")


@ON_SQLITE
def test_the_first_account_is_told_to_people(
    without_tables: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ADMIN_PASSWORD")
    assert main(["work", "--once"]) == 0
    said, log = capsys.readouterr()
    assert "The password is shown only once" in said
    assert len(objects(log)) == 1


def test_what_libraries_and_servers_write(capsys: pytest.CaptureFixture[str]) -> None:
    server = logging.getLogger("uvicorn.access")
    of_server = logging.StreamHandler(sys.stderr)
    of_server.setFormatter(usual := logging.Formatter("INFO: %(message)s"))
    server.addHandler(of_server)
    root = logging.getLogger()
    others = root.handlers[:]
    root.handlers.clear()  # pytest's own
    try:
        setting_up.write("json")
        setting_up.write_all()
        server.warning("of a server")
        logging.getLogger("a.library").warning("of a library")
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            setting_up.write_all()
            warnings.warn("of Python\nin two lines", DeprecationWarning, stacklevel=1)
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
        found = objects(capsys.readouterr().err)
    finally:
        setting_up.tear_down()
        server.removeHandler(of_server)
        root.handlers[:] = others
    assert [one["logger"] for one in found if one["logger"] != "uvicorn.access"] == [
        "a.library",
        "py.warnings",
        "tofa",
    ]
    assert found[-1]["error"] == "ZeroDivisionError"
    assert of_server.formatter is usual
