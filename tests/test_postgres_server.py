"""The server that other tests rely on: it holds data, and leaves nothing behind."""

import contextlib
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import psutil
import psycopg
import pytest

from tests import postgres
from tests.postgres import NOBODY, PostgresUnavailable, Server
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parent.parent

# Starts a server, tells where it is, and waits to be killed.
CHILD = """
import time
from tests import postgres
server = postgres.start()
print(server.pid, server.folder, flush=True)
time.sleep(600)
"""

# Tests with a server of their own ask for `postgres_server` too: it tells when there can be none.

only_root = pytest.mark.skipif(not postgres.is_root(), reason="only root can be someone else")


def ask(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        cursor = connection.execute(query.encode())
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def test_two_databases_are_apart(postgres_server: Server) -> None:
    first, second = postgres_server.create_database(), postgres_server.create_database()
    ask(first, "CREATE TABLE lead (name text)")
    assert ask(first, "SELECT to_regclass('lead') IS NOT NULL") is True
    assert ask(second, "SELECT to_regclass('lead') IS NULL") is True


def test_text_is_utf_8_and_sorts_by_code_point(postgres_server: Server) -> None:
    url = postgres_server.create_database()
    assert ask(url, "SHOW server_encoding") == "UTF8"
    assert ask(url, "SELECT 'आशा' || chr(128512)") == "आशा😀"
    assert ask(url, "SELECT string_agg(x, '' ORDER BY x) FROM unnest('{b,B,a,é}'::text[]) x") == (
        "Babé"
    )


def test_times_are_in_utc(postgres_server: Server) -> None:
    assert ask(postgres_server.create_database(), "SHOW timezone") == "UTC"


def test_a_database_can_be_a_copy_of_a_prepared_one(postgres_server: Server) -> None:
    prepared = postgres_server.create_database()
    ask(prepared, "CREATE TABLE lead AS SELECT 'Asha' AS name")
    for template in (prepared, prepared.rpartition("/")[2]):
        assert ask(postgres_server.create_database(template), "SELECT name FROM lead") == "Asha"


def test_a_database_in_use_can_be_dropped(postgres_server: Server) -> None:
    url = postgres_server.create_database()
    with psycopg.connect(url) as connection:
        postgres_server.drop_database(url)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    postgres_server.drop_database(url)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        ask(url, "SELECT 1")


def test_stopping_leaves_nothing_behind(postgres_server: Server) -> None:
    server = postgres.start()
    pid, folder, url = server.pid, server.folder, server.url("postgres")
    with psycopg.connect(url):
        # Someone being connected does not keep it up.
        server.stop()
    assert not psutil.pid_exists(pid)
    assert not folder.exists()
    server.stop()


def test_a_durable_server_keeps_what_was_committed_through_a_crash(postgres_server: Server) -> None:
    with postgres.start(durable=True) as server:
        url = server.create_database()
        assert ask(url, "SHOW fsync") == "on"
        ask(url, "CREATE TABLE lead AS SELECT 'Asha' AS name")
        server.crash()
        server.start()
        assert ask(url, "SELECT name FROM lead") == "Asha"


def test_it_ends_when_the_process_that_started_it_is_killed(postgres_server: Server) -> None:
    check_life_and_death(sys.executable, None)


@only_root
def test_another_user_can_run_it_too(postgres_server: Server) -> None:
    """As on a developer's machine, where nothing changes the user."""
    for python in (sys.executable, "/usr/bin/python3"):
        with (
            contextlib.suppress(OSError),
            as_user(NOBODY, python, "import tests.postgres") as tried,
        ):
            if tried.wait() == 0:
                return check_life_and_death(python, NOBODY)
    pytest.skip("another user can't reach a Python here")


def check_life_and_death(python: str, user: int | None) -> None:
    with as_user(user, python, CHILD) as child:
        assert child.stdout is not None
        words = child.stdout.readline().split()
        pid, folder = int(words[0]), Path(words[1])
        assert psutil.Process(pid).uids().effective != 0
        child.kill()
    wait_until(lambda: not psutil.pid_exists(pid))
    wait_until(lambda: not folder.exists())


def as_user(user: int | None, python: str, code: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [python, "-c", code],
        cwd="/",
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{sysconfig.get_path('purelib')}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )


@only_root
def test_root_runs_a_copy_of_binaries_that_only_root_can_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_server: Server
) -> None:
    installed = postgres.find_install()
    hidden = tmp_path / "hidden"
    postgres.copy_install(installed, hidden)
    (hidden / installed.parent.name / "__init__.py").touch()
    hidden.chmod(0o700)
    os.chown(hidden, 0, 0)
    monkeypatch.syspath_prepend(hidden)
    with postgres.start() as other:
        assert postgres.find_install().is_relative_to(hidden)
        assert psutil.Process(other.pid).exe().startswith(str(other.folder))
        assert ask(other.create_database(), "SELECT 1") == 1


def test_a_missing_package_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "PACKAGE", "no_such_package")
    with pytest.raises(PostgresUnavailable, match=r"^PostgreSQL is missing: .+\.$"):
        postgres.start()
