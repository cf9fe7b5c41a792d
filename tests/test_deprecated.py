"""Deprecated modules still work, and say what to use instead."""

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import jwt
import pytest
from sqlmodel import Session, select

from backend import fastapi_auth
from backend.core import installation
from backend.core.errors import ConfigurationError
from backend.models import Center, User
from tests.servers import Client
from tests.world import LEAD, MEMBER, PASSWORD, SECRET_KEY, World

ROOT = Path(__file__).resolve().parents[1]
# passlib's hash of "secret".
BCRYPT = "$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW"

Importer = Callable[[str], ModuleType]


def import_again(name: str) -> ModuleType:
    sys.modules.pop(name, None)
    with pytest.warns(DeprecationWarning, match=rf"^{name} is deprecated"):
        return importlib.import_module(name)


@pytest.fixture
def old(monkeypatch: pytest.MonkeyPatch) -> Iterator[Importer]:
    """Return a function that imports a module as if for the first time."""
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
    installation.forget()
    yield import_again
    installation.forget()
    for name in ("backend.auth", "backend.database"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("statement", "instead"),
    [
        ("from backend.auth import get_current_user", "backend.core.auth"),
        ("from backend.database import get_session", "backend.core.db"),
    ],
)
@pytest.mark.slow
def test_the_warning_points_at_the_importer(tmp_path: Path, statement: str, instead: str) -> None:
    script = tmp_path / "theirs.py"
    script.write_text(f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{statement}\n")
    ran = subprocess.run(
        [sys.executable, "-W", "always::DeprecationWarning:__main__", script],
        capture_output=True,
        text=True,
        check=True,
    )
    first, *_ = ran.stderr.splitlines()
    assert first.startswith(f"{script}:3: DeprecationWarning: ")
    assert instead in first


def test_the_import_reads_no_settings(old: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALGORITHM", "none")
    auth, database = old("backend.auth"), old("backend.database")
    with pytest.raises(ConfigurationError, match="ALGORITHM"):
        assert auth.ALGORITHM
    with pytest.raises(ConfigurationError, match="ALGORITHM"):
        assert database.engine


@pytest.mark.parametrize("name", ["backend.auth", "backend.database"])
def test_other_names_do_not_exist(old: Importer, name: str) -> None:
    assert not hasattr(old(name), "engines")


def test_passwords(old: Importer) -> None:
    auth = old("backend.auth")
    hashed = auth.get_password_hash(PASSWORD)
    assert auth.verify_password(PASSWORD, hashed) is True
    assert auth.verify_password("another", hashed) is False
    assert auth.verify_password("secret", BCRYPT) is True


def test_the_settings(old: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALGORITHM", "HS384")
    monkeypatch.setenv("ACCESS_TOKEN_EXPIRE_MINUTES", "7")
    auth = old("backend.auth")
    assert auth.SECRET_KEY == SECRET_KEY
    assert auth.ALGORITHM == "HS384"
    assert auth.ACCESS_TOKEN_EXPIRE_MINUTES == 7


def test_get_current_user(old: Importer) -> None:
    auth = old("backend.auth")
    assert auth.get_current_user is fastapi_auth.get_current_user
    assert auth.oauth2_scheme is fastapi_auth.oauth2_scheme


@pytest.fixture
def auth(old: Importer, world: World, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The deprecated module, with the world's database."""
    monkeypatch.setenv("DATABASE_URL", world.settings.database_url)
    return old("backend.auth")


def test_the_servers_accept_its_tokens(client: Client, auth: ModuleType) -> None:
    token = auth.create_access_token({"sub": LEAD, "role": "team_lead"})
    assert client.get("/users/me", token=token).json()["email"] == LEAD


def test_tokens_after_a_password_change(client: Client, world: World, auth: ModuleType) -> None:
    answer = client.put(
        "/users/me/password",
        json={"current_password": PASSWORD, "password": "eight hills academy"},
        token=world.token(MEMBER),
    )
    assert answer.status == 200
    token = auth.create_access_token({"sub": MEMBER})
    assert client.get("/users/me", token=token).json()["email"] == MEMBER


def test_token_lifetime(world: World, auth: ModuleType) -> None:
    def lifetime(token: str) -> timedelta:
        claims = jwt.decode(token, SECRET_KEY, algorithms=["HS256"], options={"verify_exp": False})
        assert claims["centre"] == "kept"
        return timedelta(seconds=claims["exp"] - claims["iat"])

    data = {"sub": LEAD, "centre": "kept"}
    assert lifetime(auth.create_access_token(data)) == timedelta(minutes=1440)
    assert lifetime(auth.create_access_token(data, timedelta(minutes=5))) == timedelta(minutes=5)
    assert lifetime(auth.create_access_token(data, timedelta(0))) == timedelta(0)
    assert data == {"sub": LEAD, "centre": "kept"}


def test_a_token_before_there_is_a_database(
    old: Importer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")
    token = old("backend.auth").create_access_token({"sub": LEAD})
    assert jwt.decode(token, SECRET_KEY, algorithms=["HS256"])["sub"] == LEAD


@pytest.fixture
def made(old: Importer, database_url: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The deprecated module, with a new database."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)
    database = old("backend.database")
    database.create_db_and_tables()
    return database


def names(database: ModuleType) -> list[str]:
    with Session(database.engine) as session:
        return list(session.exec(select(Center.display_name)))


def test_the_tables_are_created_once(made: ModuleType) -> None:
    made.create_db_and_tables()
    with Session(made.engine) as session:
        assert [user.email for user in session.exec(select(User))] == ["admin@tofa.com"]


def new_center(name: str) -> Center:
    return Center(display_name=name, meta_tag_name=name, city="Hyderabad")


def test_a_session_is_committed_at_its_end(made: ModuleType) -> None:
    for session in made.get_session():
        assert isinstance(session, Session)
        session.add(new_center("Tellapur"))
    assert names(made) == ["Tellapur"]


def test_a_session_can_commit_more_than_once(made: ModuleType) -> None:
    for session in made.get_session():
        center = new_center("Tellapur")
        session.add(center)
        session.commit()
        session.refresh(center)
        center.display_name = "Gachibowli"
    assert names(made) == ["Gachibowli"]


def test_a_session_is_rolled_back_by_an_error(made: ModuleType) -> None:
    sessions = made.get_session()
    next(sessions).add(new_center("Tellapur"))
    with pytest.raises(ValueError, match="theirs"):
        sessions.throw(ValueError("theirs"))
    assert names(made) == []
