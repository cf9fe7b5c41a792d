"""The first start on an empty database: one account, whose password is printed once."""

import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from backend.core import auth
from backend.core.accounts.sessions import Origin
from backend.core.db import Database
from backend.core.errors import ConfigurationError
from backend.core.lifecycle import migrate, startup
from backend.core.settings import Settings
from backend.models import User
from tests import forking
from tests.world import PASSWORD, make_tables, settings_for

SHOWN = re.compile(r"The first account: lead@tofa\.example with the password (\S+)\n")

PREPARE = """
import gc
import sys
from backend.core.db import Database
from backend.core.lifecycle import startup
from backend.core.settings import load

settings = load(database_url=sys.argv[1], secret_key="k" * 40, admin_email="lead@tofa.example")
db = Database(settings.url)
startup.prepare(db, settings)
assert gc.get_freeze_count() > 10_000
"""


@pytest.fixture
def settings(copy_of: Callable[[Callable[[str], None]], str]) -> Settings:
    """Settings of a database with its tables, which a start takes a second to make, and no more."""
    return settings_for(copy_of(make_tables), admin_password="")


@pytest.fixture
def empty(database_url: str) -> Settings:
    """Settings of a database without tables."""
    return settings_for(database_url, admin_password="")


@pytest.fixture
def db(settings: Settings) -> Iterator[Database]:
    db = Database(settings.url)
    yield db
    db.close()


def accounts(db: Database) -> list[tuple[str, str]]:
    with db.read() as session:
        return [(user.email, user.role) for user in session.scalars(select(User))]


def test_a_random_password_is_printed_once(
    empty: Settings, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with closing(Database(empty.url)) as db:
        startup.prepare(db, empty)
        out, err = capfd.readouterr()
        (password,) = SHOWN.findall(err)
        assert len(password) >= 16
        assert password not in out + caplog.text
        signed_in = auth.sign_in(db, empty, "lead@tofa.example", password, Origin("127.0.0.1"))
        assert signed_in["role"] == "team_lead"
        startup.prepare(db, empty)
        assert capfd.readouterr() == ("", "")
        assert accounts(db) == [("lead@tofa.example", "team_lead")]


def test_every_installation_has_its_own_password(
    copy_of: Callable[[Callable[[str], None]], str], capfd: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        settings = settings_for(copy_of(make_tables), admin_password="")
        with closing(Database(settings.url)) as db:
            startup.prepare(db, settings)
    first, second = SHOWN.findall(capfd.readouterr().err)
    assert first != second


def test_a_configured_password_is_not_printed(
    db: Database, settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    given = settings_for(settings.database_url, admin_password=PASSWORD)
    startup.prepare(db, given)
    assert capfd.readouterr() == ("", "")
    auth.sign_in(db, given, "LEAD@tofa.example", PASSWORD, Origin("127.0.0.1"))


@pytest.mark.parametrize("weak", ["admin123", "short", "password", "lead@tofa.example"])
@pytest.mark.slow
def test_a_weak_password_is_refused(db: Database, settings: Settings, weak: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        startup.prepare(db, settings_for(settings.database_url, admin_password=weak))
    assert str(refusal.value).startswith("ADMIN_PASSWORD can't be used: ")
    assert accounts(db) == []
    startup.prepare(db, settings_for(settings.database_url, admin_password=PASSWORD))
    assert accounts(db) == [("lead@tofa.example", "team_lead")]


def test_a_weak_password_is_ignored_later(db: Database, settings: Settings) -> None:
    """An installation whose `.env` still has the old password starts."""
    startup.prepare(db, settings_for(settings.database_url, admin_password=PASSWORD))
    startup.prepare(db, settings_for(settings.database_url, admin_password="admin123"))


def test_no_connection_is_left_open(empty: Settings) -> None:
    """A server may fork after startup, and processes must not share connections."""
    db = Database(empty.url)
    startup.prepare(db, empty)
    assert db.engine.pool.status().endswith("Current Checked out connections: 0")
    assert "Connections in pool: 0" in db.engine.pool.status()


@pytest.mark.slow
def test_several_processes_start_at_once(empty: Settings, tmp_path: Path) -> None:
    """One process creates the tables and the account and prints the password; the others wait."""
    outputs = [tmp_path / f"output{number}" for number in range(4)]
    starts = [
        forking.Start(["-c", PREPARE, empty.database_url], str(output), dict(os.environ))
        for output in outputs
    ]
    codes = forking.run(starts, ["backend.core.lifecycle.startup"])
    said = "".join(output.read_text() for output in outputs)
    assert codes == [0] * 4, said
    assert len(SHOWN.findall(said)) == 1
    with closing(Database(empty.url)) as db:
        assert accounts(db) == [("lead@tofa.example", "team_lead")]


@pytest.mark.skipif(os.name == "nt", reason="there are no such modes")
def test_a_new_database_is_for_this_account_alone(tmp_path: Path) -> None:
    settings = settings_for(f"sqlite:///{tmp_path}/tofa.db")
    with closing(Database(settings.url)) as db:
        startup.prepare(db, settings)
        with db.read():
            modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert {modes[name] for name in ("tofa.db", "tofa.db-wal", "tofa.db-shm")} == {0o600}


@pytest.mark.skipif(os.name == "nt", reason="there are no such modes")
def test_whatever_opens_a_database_first_makes_it_private(tmp_path: Path) -> None:
    settings = settings_for(f"sqlite:///{tmp_path}/tofa.db")
    with closing(Database(settings.url)) as db:
        migrate.upgrade(db, settings)
        modes = {path.stat().st_mode & 0o777 for path in tmp_path.glob("tofa.db*")}
    assert modes == {0o600}


def test_an_older_file_that_others_can_read_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its mode stays: someone may rely on it."""
    path = tmp_path / "tofa.db"
    settings = settings_for(f"sqlite:///{path}")
    with closing(Database(settings.url)) as db:
        startup.prepare(db, settings)
        startup.warn_if_others_can_read(db)
        assert "chmod 600" not in caplog.text
        path.chmod(0o644)
        startup.warn_if_others_can_read(db)
    assert f"Other accounts of this machine can read {path}" in caplog.text
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.skipif(os.name == "nt", reason="there are no such modes")
def test_keys_that_others_can_read_are_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    env, key = tmp_path / "settings.env", tmp_path / "tofa.db.secret"
    monkeypatch.setenv("TOFA_ENV_FILE", str(env))
    with closing(Database(settings_for(f"sqlite:///{tmp_path}/tofa.db").url)) as db:
        # A group may be the server's own.
        for mode, is_told in ((0o600, False), (0o640, False), (0o644, True)):
            env.touch()
            env.chmod(mode)
            caplog.clear()
            startup.warn_if_others_can_read(db)
            assert (str(env) in caplog.text) is is_told
        key.touch()
        key.chmod(0o640)
        startup.warn_if_others_can_read(db)
    assert f"can read {key}: run `chmod 600` on it" in caplog.text


def test_no_empty_database_takes_the_place_of_a_lost_one(tmp_path: Path) -> None:
    path = tmp_path / "tofa.db"
    key = Path(f"{path}.secret")
    made = Database(settings_for(f"sqlite:///{path}").url)
    # A first start has the key a moment before the tables.
    key.write_text("k" * 64)
    startup.prepare(made, settings_for(f"sqlite:///{path}"))
    os.utime(key, (0, 0))
    startup.prepare(made, settings_for(f"sqlite:///{path}"))
    for leave in (path.unlink, path.touch):
        leave()
        with pytest.raises(ConfigurationError, match=r"tofa.db is missing or empty, but tofa.db.s"):
            startup.prepare(made, settings_for(f"sqlite:///{path}"))
        assert not path.exists() or b"lead" not in path.read_bytes()
    key.unlink()
    startup.prepare(made, settings_for(f"sqlite:///{path}"))
    made.close()
