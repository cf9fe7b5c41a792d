"""The address of a database, as people write and paste it."""

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from backend.core.database_url import read_address
from backend.core.errors import ConfigurationError

DEFAULT = Path("/srv/tofa/tofa.db")
# What belongs percent-encoded into an address, and mostly isn't.
SPECIAL = "@#/%:?&=+ ,;[]\\\"'<>{}|^~$!*()"


def refusal(text: str) -> str:
    with pytest.raises(ConfigurationError) as refused:
        read_address(text, DEFAULT)
    said = str(refused.value)
    assert "\n" not in said
    assert said.endswith(".")
    assert "DATABASE_URL" in said
    return said


def password(text: str) -> str | None:
    found = read_address(text, DEFAULT).url.password
    return None if found is None else str(found)


@pytest.mark.parametrize(
    "written",
    ["p@ss", "p#ss", "p/ss", "p%ss", "p:ss", "p?ss", "100%", "@", "#", "/", "a@b@c", "a/b?c#d@e:f%",
     "a?b=c&d=e", "50%off", "x@host/tofa", "x@h:1", "[x]", "a b", "p,q", "%", "%%", "a@b/c@d"],
)  # fmt: skip
def test_passwords_that_can_be_read_in_one_way(written: str) -> None:
    url = read_address(f"postgres://me:{written}@db.example:6543/tofa", DEFAULT).url
    assert (url.password, url.username, url.host, url.port, url.database) == (
        written, "me", "db.example", 6543, "tofa",
    )  # fmt: skip


@pytest.mark.parametrize("written", ["a%40b%", "50%%25", "%zz%2F"])
def test_a_percent_sign_that_can_be_read_in_two_ways(written: str) -> None:
    said = refusal(f"postgres://me:{written}@host/tofa")
    assert "%25" in said
    assert written not in said


def test_escapes_are_read() -> None:
    assert password("postgres://me:p%40s%2Fs%25@host/tofa") == "p@s/s%"
    assert password("postgres://me:p%40s%2Fs%25@host/tofa") == "p@s/s%"
    # No text is written like this.
    assert password("postgres://me:p%ffq@host/tofa") == "p%ffq"


@given(st.text(st.sampled_from(SPECIAL + "abcXYZ019é日"), min_size=1, max_size=24))
def test_any_password_is_read_as_it_is_or_refused(written: str) -> None:
    """What is in it is never printed, and never taken for another part of the address."""
    try:
        url = read_address(f"postgres://tofa_user:{written}@db.example:5432/crm", DEFAULT).url
    except ConfigurationError:
        assert "%" in written
        return
    if "%" not in written:
        assert url.password == written
    assert (url.username, url.host, url.port, url.database) == (
        "tofa_user", "db.example", 5432, "crm",
    )  # fmt: skip


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_an_encoded_password_is_itself(written: str) -> None:
    assume("\0" not in written)
    assert password(f"postgres://me:{quote(written, safe='')}@host/tofa") == written


@given(st.text("0123456789abcdefgh@#/%:?&=+ ", min_size=12, max_size=40), st.booleans())
def test_no_part_of_a_password_is_in_a_refusal(secret: str, has_host: bool) -> None:
    for text in (
        f"postgres://me:{secret}{'@host:port/x' if has_host else ''}",
        f"mysql://me:{secret}@host/x",
        f"postgres:/me:{secret}@host/x",
        f"postgres://me:{secret}@host/x?sslmode={secret}",
        f"{secret}",
        f"sqlite://{secret}",
    ):
        try:
            found = read_address(text, DEFAULT)
        except ConfigurationError as error:
            said = str(error)
        else:
            said = " ".join(found.ignored) if has_host else ""
        for start in range(len(secret) - 8):
            assert secret[start : start + 8] not in said


# What is around an address, and its scheme


@pytest.mark.parametrize(
    "text",
    ["{}", " {} ", "{}\n", "\ufeff{}", '"{}"', "'{}'", " \"'{}'\" ", "\u201c{}\u201d", "<{}>",
     "{};", "DATABASE_URL={}", 'export DATABASE_URL="{}"', "psql '{}'", "psql {}"],
)  # fmt: skip
def test_what_is_pasted_with_it(text: str) -> None:
    url = read_address(text.format("postgres://me:p@ss@host/tofa"), DEFAULT).url
    assert (url.password, url.host, url.database) == ("p@ss", "host", "tofa")


@pytest.mark.parametrize(
    "scheme",
    ["postgres", "postgresql", "POSTGRES", "pgsql", "postgresql+psycopg2", "postgresql+asyncpg",
     "postgresql+psycopg", "postgres+pg8000", "jdbc:postgresql"],
)  # fmt: skip
def test_schemes(scheme: str) -> None:
    url = read_address(f"{scheme}://me:secret@host/tofa", DEFAULT).url
    assert url.drivername == "postgresql+psycopg"


@pytest.mark.parametrize("text", ["", " ", "\n", '""', "''", "DATABASE_URL=", ";"])
def test_nothing_is_the_default(text: str) -> None:
    assert read_address(text, DEFAULT).url.database == str(DEFAULT)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("mysql://me:hunter2@host/x", "that TOFA CRM doesn't support"),
        ("mongodb+srv://me:hunter2@host/x", "that TOFA CRM doesn't support"),
        ("redis://host", "that TOFA CRM doesn't support"),
        ("postgres:me:hunter2@host/x", "needs two slashes"),
        ("postgresql:/me:hunter2@host/x", "needs two slashes"),
        ("SQLITE", "not a database address"),
        ("sqlite:tofa.db", "needs three slashes"),
        ("sqlite:/srv/tofa.db", "needs three slashes"),
        ("sqlite://tofa.db", "needs three slashes"),
        ("sqlite://srv/tofa.db", "needs three slashes"),
        ("sqlite:///~no-such-person/tofa.db", "home folder that doesn't exist"),
        ("tofa.db", "not a database address"),
        ("/srv/tofa.db", "not a database address"),
        ("postgres://me:hunter2@ho st/x", "can't be read"),
        ("postgres://me:hunter2@host/a/b", "can't be read"),
        ("postgres://me:hunter2@host:0/x", "a port that isn't a number"),
        ("postgres://me:hunter2@host:70000/x", "a port that isn't a number"),
        ("postgres://me:hunter2@host/x\0", "NUL"),
        ("postgres://me:hunter2@host/x?sslmode=hunter2", "sslmode=require"),
    ],
)
def test_what_cannot_be_read(text: str, says: str) -> None:
    said = refusal(text)
    assert says in said
    assert "hunter2" not in said


# SQLite


@pytest.mark.parametrize(
    ("text", "database"),
    [
        ("sqlite:///tofa.db", "tofa.db"),
        ("sqlite:///./data/tofa.db", "./data/tofa.db"),
        ("sqlite:////srv/x y/tofa.db", "/srv/x y/tofa.db"),
        ("SQLite:////srv/tofa.db", "/srv/tofa.db"),
        ("sqlite+aiosqlite:////srv/tofa.db", "/srv/tofa.db"),
        ("sqlite:////srv/100%/#1/tofa.db", "/srv/100%/#1/tofa.db"),
        ("sqlite:///C:\\data\\tofa.db", "C:\\data\\tofa.db"),
        ("sqlite:///~/tofa.db", str(Path("~/tofa.db").expanduser())),
        ("sqlite:///:memory:", ":memory:"),
        ("sqlite://", None),
    ],
)
def test_sqlite(text: str, database: str | None) -> None:
    url = read_address(text, DEFAULT).url
    assert (url.drivername, url.database) == ("sqlite", database)


def test_options_of_sqlite_are_ignored() -> None:
    found = read_address("sqlite:///x.db?mode=ro&cache=shared&junk", DEFAULT)
    assert (found.url.database, dict(found.url.query)) == ("x.db", {})
    assert found.ignored == ("mode", "cache", "an option")


# The options and hosts of PostgreSQL


@pytest.mark.parametrize(
    ("options", "known", "ignored"),
    [
        ("pgbouncer=true", {}, ("pgbouncer",)),
        ("schema=public", {}, ()),
        ("schema=public&pgbouncer=true&connection_limit=1&pool_timeout=10", {},
         ("pgbouncer", "connection_limit", "pool_timeout")),
        ("schema=academy", {"options": "-c search_path=academy"}, ()),
        ("currentSchema=a,public", {"options": "-c search_path=a,public"}, ()),
        ("schema=a%20-c%20b", {}, ("schema",)),
        ("options=-c%20x%3Dy&schema=a", {"options": "-c x=y -c search_path=a"}, ()),
        ("sslmode=require&channel_binding=require",
         {"sslmode": "require", "channel_binding": "require"}, ()),
        ("ssl=true", {"sslmode": "require"}, ()),
        ("ssl=false", {"sslmode": "disable"}, ()),
        ("sslmode=no-verify", {"sslmode": "require"}, ()),
        ("SSLMODE=Verify-Full", {"sslmode": "verify-full"}, ()),
        ("connect_timeout=5&application_name=a@b",
         {"connect_timeout": "5", "application_name": "a@b"}, ()),
        ("sslmode=&connect_timeout=", None, ()),
        ("prepared_statements=false&statement_cache_size=0&supa=base-pooler.x", {},
         ("prepared_statements", "statement_cache_size", "supa")),
        ("pgbouncer&=x&%2F=1", {}, ("an option", "an option", "an option")),
        ("", {}, ()),
    ],
)  # fmt: skip
def test_options(options: str, known: dict[str, str] | None, ignored: tuple[str, ...]) -> None:
    text = f"postgres://me:p@ss@host/tofa?{options}"
    if known is None:
        assert "sslmode=require" in refusal(text)
        return
    found = read_address(text, DEFAULT)
    assert (found.url.password, found.url.host, found.url.database) == ("p@ss", "host", "tofa")
    assert dict(found.url.query) == known
    assert found.ignored == ignored


@pytest.mark.parametrize(
    ("hosts", "host", "port"),
    [
        ("a:5432,b:5433", "a,b", "5432,5433"),
        ("a,b", "a,b", "5432,5432"),
        ("a:6543,b", "a,b", "6543,5432"),
        ("[::1]:5432,[2001:db8::1]", "::1,2001:db8::1", "5432,5432"),
    ],
)
def test_several_hosts(hosts: str, host: str, port: str) -> None:
    text = f"postgres://me:p@ss@{hosts}/tofa?target_session_attrs=read-write"
    url = read_address(text, DEFAULT).url
    assert (url.host, url.port, url.password, url.database) == (None, None, "p@ss", "tofa")
    expected = {"host": host, "port": port, "target_session_attrs": "read-write"}
    assert dict(url.query) == expected
    # As the driver gets them.
    _, given = url.get_dialect()().create_connect_args(url)
    assert (given["host"], given["port"], given["user"]) == (host, port, "me")


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("postgres://me:x@[::1]:5433/tofa", "::1", 5433),
        ("postgres://me:x@/tofa", None, None),
        ("postgresql:///tofa?host=/var/run/postgresql", "/var/run/postgresql", None),
        ("postgres://me:x@%2Fvar%2Frun/tofa", "/var/run", None),
        ("jdbc:postgresql://db:5433/tofa?user=me&password=x@y", "db", 5433),
        ("postgres://host/tofa?port=5433", "host", 5433),
    ],
)
def test_other_places_of_a_host(text: str, host: str | None, port: int | None) -> None:
    url = read_address(text, DEFAULT).url
    assert (url.host, url.port, url.database) == (host, port, "tofa")
    assert "password" not in url.query


def test_a_user_with_an_at() -> None:
    url = read_address("postgres://me@tenant:p@ss@host/tofa", DEFAULT).url
    assert (url.username, url.password, url.host) == ("me@tenant", "p@ss", "host")
