"""The settings: which values are accepted, and what invalid ones report."""

import os
import stat
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from backend.core import database_settings
from backend.core import settings as module
from backend.core.errors import ConfigurationError
from backend.core.settings import Settings, load
from tests.warm import Warm

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use an empty folder as the current folder and the project's folder."""
    monkeypatch.chdir(tmp_path)
    for one in (module, database_settings):
        monkeypatch.setattr(one, "home", lambda: tmp_path)
    monkeypatch.delenv("TOFA_ENV_FILE")
    return tmp_path


def env(folder: Path, text: str) -> None:
    (folder / ".env").write_bytes(text.encode())


def sentence(**given: object) -> str:
    """Return the error message for these settings. It must be one sentence."""
    with pytest.raises(ConfigurationError) as refusal:
        load(**given).url  # noqa: B018  the address is read when it is needed
    said = str(refusal.value)
    assert "\n" not in said
    assert said.rstrip("`").endswith((".", ")"))
    return said


# Database addresses


@pytest.mark.parametrize(
    "scheme",
    ["postgres", "postgresql", "postgresql+psycopg2", "postgresql+psycopg", "postgresql+asyncpg"],
)
def test_postgresql(scheme: str) -> None:
    given = f"{scheme}://me:p%40ss@db.example:6543/tofa?sslmode=require"
    url = load(database_url=given, secret_key=KEY).url
    assert url.drivername == "postgresql+psycopg"
    assert (url.username, url.password, url.host, url.port) == ("me", "p@ss", "db.example", 6543)
    assert (url.database, dict(url.query)) == ("tofa", {"sslmode": "require"})


@given(password=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_passwords_in_an_address(password: str) -> None:
    assume("\0" not in password)
    url = f"postgres://me:{quote(password, safe='')}@host/tofa"
    assert Settings(database_url=url).url.password == password


def test_sqlite(folder: Path) -> None:
    assert load().url.database == str(folder / "tofa.db")
    for scheme in ("sqlite", "sqlite+pysqlite"):
        url = load(database_url=f"{scheme}:///{folder}/x y.db").url
        assert (url.drivername, url.database) == ("sqlite", f"{folder}/x y.db")


@pytest.mark.parametrize(
    "url",
    ["tofa.db", "postgres", "SQLITE", "mysql://me:hunter2@host/tofa",
     "postgres://me:hunter2@host:port/tofa", "postgres://me:hunter2", "://"],
)  # fmt: skip
def test_invalid_addresses(url: str) -> None:
    said = sentence(database_url=url, secret_key=KEY)
    assert "DATABASE_URL" in said
    assert "hun" not in said


def test_an_address_is_not_shown_with_the_settings() -> None:
    shown = load(database_url="postgres://me:hunter2@host/tofa", secret_key=KEY)
    assert "hunter2" not in repr(shown) + str(shown)


# The environment and the .env file


def test_env_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env(
        folder,
        '# a comment\nDATABASE_URL="sqlite:///quoted.db"\nexport SECRET_KEY=\'' + KEY + "'\r\n"
        "ACCESS_TOKEN_EXPIRE_MINUTES = 30 # minutes\nadmin_email=boss@tofa.example\nOTHER=1\n",
    )
    settings = load()
    assert settings.url.database == "quoted.db"
    assert settings.secret_key.get_secret_value() == KEY
    assert settings.access_token_expire_minutes == 30
    assert settings.admin_email == "boss@tofa.example"
    monkeypatch.setenv("ACCESS_TOKEN_EXPIRE_MINUTES", "60")
    assert load().access_token_expire_minutes == 60
    assert load(access_token_expire_minutes=90).access_token_expire_minutes == 90


def test_env_file_with_a_byte_order_mark(folder: Path) -> None:
    env(folder, f"\ufeffSECRET_KEY={KEY}\nTIMEZONE=UTC\n")
    assert load().secret_key.get_secret_value() == KEY


def test_env_file_in_another_encoding(folder: Path) -> None:
    (folder / ".env").write_text(f"SECRET_KEY={KEY}\n", encoding="utf-16")
    said = sentence()
    assert ".env can't be read" in said
    assert KEY not in said


def test_env_file_at_another_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "other").write_text("TIMEZONE=UTC\n")
    monkeypatch.setenv("TOFA_ENV_FILE", str(folder / "other"))
    assert load().timezone == "UTC"
    monkeypatch.setenv("TOFA_ENV_FILE", os.devnull)
    assert load().timezone == "Asia/Kolkata"


def test_empty_values_count_as_not_set(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.setenv(name.upper(), "")
    env(folder, "\n".join(f"{name.upper()}=" for name in Settings.model_fields))
    settings = load()
    assert settings.url.database == str(folder / "tofa.db")
    assert settings.algorithm == "HS256"
    assert settings.admin_email == "admin@tofa.com"


@pytest.mark.parametrize(
    "written", ["http://a http://b", "http://a,http://b", " http://a ,\thttp://b "]
)
def test_lists(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("CORS_ORIGINS", written)
    assert load().cors_origins == ("http://a", "http://b")


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("http://localhost:3000/", "http://localhost:3000"),
        ("HTTPS://App.Example.com", "https://app.example.com"),
        ("https://app.example.com:443", "https://app.example.com"),
        ("http://app.example.com:80/", "http://app.example.com"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("capacitor://localhost", "capacitor://localhost"),
    ],
)
def test_an_origin_is_written_as_browsers_send_it(written: str, sent: str) -> None:
    assert load(cors_origins=written).cors_origins == (sent,)


@pytest.mark.parametrize(
    "written",
    ["*", "localhost:3000", "app.example.com", "https://*.example.com", "https://a.example/app",
     "https://a.example:x", "https://a@a.example", "https://"],
)  # fmt: skip
def test_what_no_browser_sends_as_an_origin(written: str) -> None:
    said = sentence(cors_origins=written)
    assert said.startswith("The setting CORS_ORIGINS can't be used: use addresses such as https://")


@pytest.mark.parametrize(
    ("name", "values", "fix"),
    [
        ("ACCESS_TOKEN_EXPIRE_MINUTES", ["soon", "1e400"], "use a whole number"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", ["0", "-1"], "use 1 or more"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", ["525601"], "use 525,600 or less"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", ["9" * 5000], "use a smaller number"),
        ("ALGORITHM", ["none", "RS256", "hs256"], "choose HS256, HS384 or HS512"),
        ("TIMEZONE", ["Mars/Olympus", "../etc/passwd", "Asia"],
         "use a time zone such as Asia/Kolkata"),
        ("MAX_UPLOAD_MB", ["0"], "use 1 or more"), ("DB_POOL_SIZE", ["0"], "use 1 or more"),
        ("TRUSTED_PROXIES", ["all"], "use a whole number"),
        ("BACKGROUND_WORK", ["perhaps"], "use true or false"),
        ("DB_LOCK_SECONDS", ["inf", "nan", "601"], "use 600 or less"),
        ("DB_LOCK_SECONDS", ["soon"], "use a number such as 2 or 0.5"),
        ("PHONE_REGION", ["in", "IND"], "use two capital letters such as IN"),
        ("META_GRAPH_VERSION", ["26", "latest"], "use a version such as v26.0"),
        ("LOGIN_FAILURES_PER_MINUTE", ["0"], "use 1 or more"),
        ("ADMIN_EMAIL", ["admin"], "enter an email such as name@example.com"),
    ],
)  # fmt: skip
def test_invalid_values(
    monkeypatch: pytest.MonkeyPatch, name: str, values: list[str], fix: str
) -> None:
    for value in values:
        monkeypatch.setenv(name, value)
        assert sentence() == f"The setting {name} can't be used: {fix}."


@pytest.mark.parametrize(
    "value",
    [
        *("graph.facebook.com", "ftp://graph.facebook.com", "https://", "http://[::1", "nonsense"),
        *("https://graph:99999", "https://me@graph", "https://graph/?a=b", "https://graph/#v1"),
    ],
)
def test_invalid_graph_hosts(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """Without this check, an invalid address would stop the worker long after startup."""
    monkeypatch.setenv("META_GRAPH_URL", value)
    assert sentence() == (
        "The setting META_GRAPH_URL can't be used: use an address such as "
        "https://graph.facebook.com."
    )


def test_graph_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("https://graph.facebook.com", "http://127.0.0.1:8080/", "https://[::1]/meta"):
        monkeypatch.setenv("META_GRAPH_URL", value)
        assert load().meta_graph_url == value


@given(
    st.sampled_from(sorted(Settings.model_fields)), st.text("0123456789aé\"'{}[]:/ .-", min_size=9)
)
def test_any_value_is_accepted_or_reported(name: str, value: str) -> None:
    given = {"database_url": "postgres://host/tofa", "secret_key": KEY, name: value}
    said = ""
    try:
        load(**given).url  # noqa: B018
    except ConfigurationError as error:
        said = str(error)
    assert not said or name.upper() in said
    assert value not in said


def test_secrets_are_not_shown() -> None:
    settings = load(secret_key=KEY, admin_password="hunter2hunter2")
    for shown in (repr(settings), str(settings), str(settings.model_dump())):
        assert KEY not in shown
        assert "hunter2" not in shown


# The secret key


def test_a_key_is_generated_once_next_to_the_database(folder: Path) -> None:
    key = load().secret_key.get_secret_value()
    assert len(key) >= 32
    assert load().secret_key.get_secret_value() == key
    kept = folder / "tofa.db.secret"
    assert kept.read_text() == key
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600 or os.name == "nt"
    assert [path.name for path in folder.iterdir()] == [kept.name]
    elsewhere = load(database_url=f"sqlite:///{folder}/other.db")
    assert elsewhere.secret_key.get_secret_value() != key


@pytest.mark.slow
def test_eight_processes_agree_on_one_key(folder: Path, warm: Warm) -> None:
    program = """if True:
        import sys
        from backend.core.settings import load
        print("ready", flush=True)
        sys.stdin.readline()
        print(load(database_url=sys.argv[2]).secret_key.get_secret_value())"""
    command = ["tests.run_code", program, f"sqlite:///{folder}/tofa.db"]
    environment = {**os.environ, "TOFA_ENV_FILE": os.devnull}
    processes = [warm.start(command, environment) for _ in range(8)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
    # All processes are now waiting for input.
    keys = [process.finish(b"\n").decode().strip() for process in processes]
    assert set(keys) == {(folder / "tofa.db.secret").read_text()}
    assert [path.name for path in folder.iterdir()] == ["tofa.db.secret"]


def test_a_short_key_is_refused(folder: Path) -> None:
    """With the command that makes a good one, and without the key."""
    with pytest.raises(ConfigurationError) as refused:
        load(secret_key="hunter2")
    assert "SECRET_KEY is too short" in str(refused.value)
    assert "secrets.token_hex" in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert list(folder.iterdir()) == []


def test_a_configured_key_is_not_stored(folder: Path) -> None:
    assert load(secret_key="k" * 32).secret_key.get_secret_value() == "k" * 32
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("key", ["", "0123456789abcdef0123456789abcde"])
def test_postgresql_needs_a_long_key(key: str) -> None:
    said = sentence(database_url="postgres://host/tofa", secret_key=key)
    assert said.startswith("SECRET_KEY is")
    assert not key or key not in said


def test_a_stored_key_that_is_too_short(folder: Path) -> None:
    (folder / "tofa.db.secret").write_text("short")
    assert f"The secret key in {folder}/tofa.db.secret is too short" in sentence()


def test_a_stored_key_that_cannot_be_read(folder: Path) -> None:
    (folder / "tofa.db.secret").mkdir()
    assert "can't be read" in sentence()


def test_a_folder_that_does_not_exist(folder: Path) -> None:
    said = sentence(database_url=f"sqlite:///{folder}/nowhere/tofa.db")
    assert said == (
        f"The database can't be opened: the folder {folder}/nowhere doesn't exist, so create it or "
        "correct DATABASE_URL."
    )
