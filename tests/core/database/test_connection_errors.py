"""A database that can't be opened is told in one sentence, without any part of the password."""

import logging
import os
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from backend.core.database import connection_errors
from backend.core.db import Database
from backend.core.errors import ConfigurationError
from backend.core.lifecycle import migrate, startup
from backend.core.settings import load
from tests.postgres import Server
from tests.world import SECRET_KEY

ROOT_MAY_WRITE = os.name == "nt" or os.geteuid() == 0
NOWHERE = "127.0.0.1:1"


def start(address: str) -> None:
    """Do what every start does with an address."""
    made = load(database_url=address, secret_key=SECRET_KEY)
    with closing(Database(made.url)) as db:
        startup.prepare(db, made)


def said(address: str) -> str:
    """Return what a start says of an address."""
    with pytest.raises(ConfigurationError) as refused:
        start(address)
    sentence = str(refused.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert sentence.count(". ") == 0
    return sentence


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    assert said(f"sqlite:///{tmp_path}/no/tofa.db") == (
        f"The database can't be opened: the folder {tmp_path}/no doesn't exist, so create it or "
        "correct DATABASE_URL."
    )
    assert not (tmp_path / "no").exists()


def test_a_file_in_the_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "isn't a folder" in said(f"sqlite:///{tmp_path}/file/tofa.db")


def test_a_folder_in_the_place_of_the_file(tmp_path: Path) -> None:
    assert f"{tmp_path} is a folder, so add" in said(f"sqlite:///{tmp_path}")


def test_another_kind_of_file(tmp_path: Path) -> None:
    (tmp_path / "tofa.db").write_text("no database\n" * 100)
    assert "isn't a SQLite database" in said(f"sqlite:///{tmp_path}/tofa.db")


@pytest.mark.skipif(ROOT_MAY_WRITE, reason="this user may write everywhere")
def test_what_can_only_be_read(tmp_path: Path) -> None:
    file = tmp_path / "tofa.db"
    file.touch(mode=0o400)
    assert "change its permissions" in said(f"sqlite:///{file}")
    file.unlink()
    tmp_path.chmod(0o500)
    assert "change its permissions" in said(f"sqlite:///{file}")
    tmp_path.chmod(0o700)


@pytest.fixture
def server(postgres_server: Server) -> tuple[str, str]:
    """Return the host and port of a server, and the name of an empty database."""
    address = make_url(postgres_server.create_database())
    return f"{address.host}:{address.port}", str(address.database)


@pytest.mark.parametrize(
    ("told", "meaning"),
    [
        ('connection to server at "db" (10.0.0.2), port 5432 failed: FATAL:  password '
         'authentication failed for user "me"', "refuses the user or the password"),
        ("fe_sendauth: no password supplied", "refuses the user or the password"),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.3", user "me", no encryption',
         "doesn't let this user in from here"),
        ("FATAL:  sorry, too many clients already", "has no free connection"),
        ("FATAL:  the database system is starting up", "is starting or stopping"),
        ("session is read-only", "the kind that target_session_attrs asks for"),
        ("server does not support SSL, but SSL was required", "options in DATABASE_URL don't go"),
        ('invalid connection option "nonsense"', "options in DATABASE_URL don't go"),
        ("bad value for connect_timeout: 'abc'", "options in DATABASE_URL don't go"),
        ("connection timeout expired", "the server db, port 5432, can't be reached"),
        ("FATAL:  etwas anderes ist falsch", "FATAL: etwas anderes ist falsch."),
        ("FATAL:  hunter2 ist falsch", "opened: the server refuses."),
    ],
)  # fmt: skip
def test_what_a_server_says(told: str, meaning: str) -> None:
    url = make_url("postgresql+psycopg://me:hunter2@db/tofa")
    found = connection_errors.sentence(url, DBAPIError(None, None, Exception(told)))
    assert meaning in found
    assert "hunter2" not in found


def test_a_server_that_is_not_there() -> None:
    assert said(f"postgres://me:hunter2@{NOWHERE}/tofa") == (
        "The database can't be opened: the server 127.0.0.1, port 1, can't be reached, so start it "
        "or correct DATABASE_URL."
    )
    assert "each of the servers 127.0.0.1:1 and 127.0.0.1:1 can't be reached" in said(
        f"postgres://me:hunter2@{NOWHERE},{NOWHERE}/tofa"
    )
    assert "no.such.host.invalid, port 5432, isn't a known host" in said(
        "postgres://me:hunter2@no.such.host.invalid/tofa"
    )
    assert "socket in /no/such/folder can't be reached" in said(
        "postgres:///tofa?host=/no/such/folder"
    )


def test_a_database_that_does_not_exist(server: tuple[str, str]) -> None:
    assert said(f"postgres://postgres:hunter2@{server[0]}/nowhere") == (
        "The database can't be opened: the server has no database nowhere, so create it or correct "
        "DATABASE_URL."
    )


def test_a_user_that_does_not_exist(server: tuple[str, str]) -> None:
    assert "the server refuses the user or the password" in said(
        f"postgres://nobody:hunter2@{server[0]}/{server[1]}"
    )


def test_options_that_the_server_does_not_know(server: tuple[str, str]) -> None:
    where = f"postgres://postgres:hunter2@{server[0]}/{server[1]}"
    for options in ("sslmode=require", "options=-c%20no_such=1%20-x"):
        found = said(f"{where}?{options}")
        assert "hunter2" not in found


def test_a_schema_that_does_not_exist(server: tuple[str, str]) -> None:
    assert said(f"postgres://postgres:hunter2@{server[0]}/{server[1]}?schema=nowhere") == (
        "The database can't be upgraded, and is unchanged: there is no schema for its tables, so "
        "create the one that DATABASE_URL names or correct DATABASE_URL."
    )


def test_a_user_without_rights(server: tuple[str, str]) -> None:
    host, name = server
    where = f"{host}/{name}"
    start(f"postgres://postgres@{where}")
    with closing(Database(make_url(f"postgresql+psycopg://postgres@{where}"))) as db:
        with db.write() as session:
            session.connection().execute(text(f"CREATE ROLE {name}_guest LOGIN"))
        assert said(f"postgres://{name}_guest@{where}") == (
            "The database can't be opened: the server doesn't let this user use or change its "
            "tables, so give it the rights or correct DATABASE_URL."
        )
        with db.write() as session:
            session.connection().execute(text(f"DROP ROLE {name}_guest"))


def test_the_first_server_that_answers(server: tuple[str, str]) -> None:
    """As an address of several servers is meant: the first one here isn't running."""
    hosts = f"{NOWHERE},{server[0]}"
    made = load(
        database_url=f"postgres://postgres:p@ss@{hosts}/{server[1]}?target_session_attrs=read-write",
        secret_key=SECRET_KEY,
    )
    with closing(Database(made.url)) as db:
        assert migrate.state(db) is migrate.State.EMPTY


def test_options_of_other_tools(server: tuple[str, str], caplog: pytest.LogCaptureFixture) -> None:
    where = f"postgres://postgres:p@ss@{server[0]}/{server[1]}"
    made = load(
        database_url=f"{where}?pgbouncer=true&schema=academy&connection_limit=5&sslmode=prefer",
        secret_key=SECRET_KEY,
        admin_password="seven hills academy",
    )
    with closing(Database(made.url)) as db:
        with db.write() as session:
            session.connection().execute(text("CREATE SCHEMA academy"))
        startup.prepare(db, made)
        with db.read() as session:
            found = session.connection().scalar(
                text("SELECT table_schema FROM information_schema.tables WHERE table_name = 'lead'")
            )
    assert found == "academy"
    assert caplog.messages == [
        "TOFA CRM ignores these options in DATABASE_URL: pgbouncer, connection_limit"
    ]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25
)
@given(
    secret=st.text("ABCDEFGHJKLMNPQRSTUVWXYZ23456789@#/%:?&= ", min_size=10, max_size=30),
    is_encoded=st.booleans(),
    kind=st.sampled_from(["nowhere", "no host", "no database", "no user", "bad option", "no port"]),
)
def test_no_part_of_a_password_is_told(
    server: tuple[str, str],
    caplog: pytest.LogCaptureFixture,
    secret: str,
    is_encoded: bool,
    kind: str,
) -> None:
    """Whatever is wrong, neither in the sentence nor in the log."""
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    host, name = server
    written = quote(secret, safe="") if is_encoded else secret
    address = {
        "nowhere": f"postgres://me:{written}@{NOWHERE}/{name}",
        "no host": f"postgres://me:{written}@no-such-host.invalid/{name}",
        "no database": f"postgres://postgres:{written}@{host}/nowhere",
        "no user": f"postgres://nobody:{written}@{host}/{name}",
        "bad option": f"postgres://postgres:{written}@{host}/{name}?options=--no-such=1&x=y",
        "no port": f"postgres://me:{written}@host:port/{name}",
    }[kind]
    with pytest.raises(ConfigurationError) as refused:
        start(address)
    told = "\n".join([str(refused.value), caplog.text, repr(refused.value)])
    for begin in range(len(secret) - 5):
        assert secret[begin : begin + 6] not in told
    for begin in range(len(written) - 11):
        assert written[begin : begin + 12] not in told
