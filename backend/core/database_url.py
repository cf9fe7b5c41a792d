"""Read the address of a database as people write and paste it: `DATABASE_URL`.

What can be read in one way only is read, even where a password has characters in it that belong
into an address percent-encoded. Everything else is one sentence that says what to change, and no
sentence has any part of a password.

Source: RFC 3986; libpq's 'Connection Strings' and 'Parameter Key Words'.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from sqlalchemy.engine import URL

from backend.core.errors import ConfigurationError

_EXAMPLES = "sqlite:///tofa.db or postgresql://user:password@host/name"
_QUOTES = {'"': '"', "'": "'", "`": "`", "\u201c": "\u201d", "\u2018": "\u2019", "<": ">"}
_AROUND = " \t\r\n\f\v\ufeff\u200b\u00a0;"
# What people paste with an address: the name of the setting, and the command that takes it.
_BEFORE = re.compile(r"(?:export\s+)?DATABASE_URL\s*=\s*|psql\s+|jdbc:", re.IGNORECASE)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+_.-]*)://(.*)", re.DOTALL)
# Hosts with their ports, a database, and options; a host may be a socket's folder.
_REST = re.compile(
    r"(?P<hosts>[^/?#]*)(?:/(?P<name>[^/?#@]*))?/?(?:\?(?P<options>[^#]*))?", re.DOTALL
)
_HOST = re.compile(
    r"(?P<host>\[[0-9A-Fa-f:.%]+\]|[\w.-]*|(?:%2F[\w.%-]*))(?::(?P<port>[0-9]{0,5}))?"
)
_USER = re.compile(r"[^/?#]*")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_NAMES = frozenset({"postgres", "postgresql", "pgsql"})

# Options that PostgreSQL's own library takes.
_OF_LIBPQ = frozenset((
    "application_name", "channel_binding", "client_encoding", "connect_timeout",
    "fallback_application_name", "gssdelegation", "gssencmode", "gsslib", "hostaddr",
    "keepalives", "keepalives_count", "keepalives_idle", "keepalives_interval", "krbsrvname",
    "load_balance_hosts", "options", "passfile", "require_auth", "requirepeer", "service",
    "servicefile", "ssl_max_protocol_version", "ssl_min_protocol_version", "sslcert",
    "sslcertmode", "sslcompression", "sslcrl", "sslcrldir", "sslkey", "sslmode",
    "sslnegotiation", "sslpassword", "sslrootcert", "sslsni", "target_session_attrs",
    "tcp_user_timeout",
))  # fmt: skip
# Parts of the address that may stand among the options.
_PARTS = frozenset({"user", "password", "dbname", "host", "port"})
_MAY_HAVE_AN_AT = frozenset({"user", "password", "application_name", "options"})
_SSLMODES = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})
_SSL = dict.fromkeys(("true", "1", "on", "yes", "no-verify"), "require") | dict.fromkeys(
    ("false", "0", "off", "no"), "disable"
)
_SCHEMAS = frozenset({"schema", "currentschema", "search_path"})
_SCHEMA = re.compile(r"[A-Za-z_][\w$]*(?:,[A-Za-z_][\w$]*)*")
_OPTION_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}")


@dataclass(frozen=True, slots=True)
class Address:
    """An address for SQLAlchemy, and the options in it that mean nothing here."""

    url: URL
    ignored: tuple[str, ...] = ()


def read_address(text: str, default: Path) -> Address:
    """Return the address that a text means; without any text, the SQLite file `default`.

    Raises `ConfigurationError`, with one sentence and no part of a password.
    """
    cleaned = _clean(text)
    if not cleaned:
        return Address(URL.create("sqlite", database=str(default)))
    if "\0" in cleaned:
        raise ConfigurationError("DATABASE_URL contains a NUL character, so remove it.")
    found = _SCHEME.fullmatch(cleaned)
    if found is None:
        raise _unreadable(cleaned)
    name = found[1].casefold().partition("+")[0]
    if name == "sqlite":
        return _sqlite(found[2])
    if name in _NAMES:
        return _postgresql(found[2])
    raise ConfigurationError(
        "DATABASE_URL names a database that TOFA CRM doesn't support. Use SQLite or PostgreSQL."
    )


def _clean(text: str) -> str:
    """Return a text without what was pasted around it."""
    before = None
    while before != text:
        before, text = text, text.strip(_AROUND)
        text = text[found.end() :] if (found := _BEFORE.match(text)) else text
        if len(text) > 1 and _QUOTES.get(text[0]) == text[-1]:
            text = text[1:-1]
    return text


def _unreadable(text: str) -> ConfigurationError:
    start = text.casefold()
    if start.startswith("sqlite:"):
        return _slashes()
    if any(start.startswith(f"{name}:") for name in _NAMES):
        return ConfigurationError(
            "DATABASE_URL needs two slashes after the colon: postgresql://user:password@host/name."
        )
    return ConfigurationError(
        f"DATABASE_URL is not a database address: use one such as {_EXAMPLES}."
    )


# SQLite


def _sqlite(rest: str) -> Address:
    place, _, options = rest.partition("?")
    if not rest or place in ("", "/", "/:memory:"):
        return Address(URL.create("sqlite", database=place[1:] or None))
    if not place.startswith("/"):
        raise _slashes()
    path = place[1:]
    if path.startswith("~"):
        try:
            path = str(Path(path).expanduser())
        except RuntimeError:
            raise ConfigurationError(
                "DATABASE_URL names a home folder that doesn't exist: write the whole path."
            ) from None
    return Address(URL.create("sqlite", database=path), _printable(dict(_options(options))))


def _slashes() -> ConfigurationError:
    return ConfigurationError(
        "DATABASE_URL needs three slashes before a relative path and four before an absolute one: "
        "sqlite:///tofa.db or sqlite:////srv/tofa.db."
    )


# PostgreSQL


class _Split(NamedTuple):
    """An address in its parts, as they were written."""

    person: str | None
    hosts: str
    name: str
    options: str


def _postgresql(rest: str) -> Address:
    parts = _split(rest)
    options = dict(_options(parts.options))
    user, password = _person(parts.person)
    host, port, more = _hosts(parts.hosts, options)
    query, ignored = _known(options)
    try:
        number = int(port) if port else None
        url = URL.create(
            "postgresql+psycopg",
            username=options.get("user", user),
            password=options.get("password", password),
            host=host,
            port=number,
            database=options.get("dbname", unquote(parts.name)) or None,
            query=more | query,
        )
    except (ValueError, TypeError):
        raise _misread() from None
    return Address(url, ignored)


def _split(rest: str) -> _Split:
    """Return the parts of an address. The `@` before the host is the one that leaves a valid rest.

    A host, its port and the name of a database have no `@` in them, and a few options may have one.
    """
    whole = _valid(rest)
    if whole is not None and "password" in dict(_options(whole[2])):
        return _Split(None, *whole)
    for at in (match.start() for match in re.finditer("@", rest)):
        user = rest[:at].partition(":")[0]
        found = _valid(rest[at + 1 :]) if _USER.fullmatch(user) else None
        if found is not None:
            return _Split(rest[:at], *found)
    if whole is not None:
        return _Split(None, *whole)
    raise _misread()


def _valid(rest: str) -> tuple[str, str, str] | None:
    """Return hosts, database and options, where a text can be these."""
    found = _REST.fullmatch(rest)
    if found is None:
        return None
    hosts, name, options = found["hosts"], found["name"] or "", found["options"] or ""
    if not all(_HOST.fullmatch(one) for one in hosts.split(",")):
        return None
    if "@" in options:
        for option, value in _options(options):
            if "@" in option or ("@" in value and option not in _MAY_HAVE_AN_AT):
                return None
    return hosts, name, options


def _misread() -> ConfigurationError:
    return ConfigurationError(
        "DATABASE_URL can't be read: use postgresql://user:password@host:port/name and, in the "
        "password, write @ as %40, # as %23, / as %2F, : as %3A, ? as %3F and % as %25."
    )


def _person(text: str | None) -> tuple[str | None, str | None]:
    """Return a user and a password. Where they have a % without two digits, none is an escape."""
    if text is None:
        return None, None
    is_plain = _BROKEN_ESCAPE.search(text) is not None
    if is_plain and _ESCAPE.search(text):
        raise ConfigurationError(
            "The password in DATABASE_URL has a % that could be read in two ways: write each % "
            "that belongs to it as %25."
        )
    user, colon, password = text.partition(":")
    if not is_plain:
        user, password = _unquoted(user), _unquoted(password)
    return user or None, password if colon else None


def _unquoted(text: str) -> str:
    """Return a text without its escapes; what would not be UTF-8 then has none."""
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return text


def _hosts(text: str, options: Mapping[str, str]) -> tuple[str | None, str | None, dict[str, str]]:
    """Return a host and its port; or several, as two options, which are tried in order."""
    found = [match for one in text.split(",") if (match := _HOST.fullmatch(one))]
    hosts = [unquote(match["host"].strip("[]")) for match in found]
    ports = [match["port"] or "" for match in found]
    if options.get("host"):
        hosts = options["host"].split(",")
        ports = options.get("port", "").split(",")
    elif options.get("port"):
        ports = options["port"].split(",")
    if any(port and not (port.isdecimal() and 0 < int(port) < 65536) for port in ports):
        raise ConfigurationError("DATABASE_URL has a port that isn't a number from 1 to 65535.")
    if len(hosts) == 1:
        return hosts[0] or None, ports[0] or None, {}
    if len(ports) == 1:
        ports *= len(hosts)
    return None, None, {"host": ",".join(hosts), "port": ",".join(port or "5432" for port in ports)}


def _options(text: str) -> Iterator[tuple[str, str]]:
    for one in filter(None, text.split("&")):
        name, _, value = one.partition("=")
        yield unquote(name).strip().casefold(), unquote(value).strip()


def _known(options: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the options that PostgreSQL's library takes, and the names of those that it doesn't.

    Some of other tools' mean the same by another name.
    """
    known: dict[str, str] = {}
    ignored: dict[str, str] = {}
    for name, value in options.items():
        if name in _PARTS:
            continue
        if name in ("ssl", "sslmode"):
            known["sslmode"] = _sslmode(name, value)
        elif name in _SCHEMAS and _SCHEMA.fullmatch(value):
            # A pooler refuses such an option, and this schema is the one that counts anyway.
            if value != "public":
                searched = f"-c search_path={value}"
                known["options"] = " ".join(filter(None, [options.get("options"), searched]))
        elif name in _OF_LIBPQ and value:
            known.setdefault(name, value)
        else:
            ignored[name] = value
    return known, _printable(ignored)


def _sslmode(name: str, value: str) -> str:
    mode = value.casefold()
    mode = mode if mode in _SSLMODES else _SSL.get(mode, "")
    if not mode:
        raise ConfigurationError(
            f"The option {name} in DATABASE_URL has an unknown value: use "
            "sslmode=require, sslmode=verify-full or sslmode=disable."
        )
    return mode


def _printable(options: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names that look like those of options: nothing else is ever printed."""
    return tuple(
        name if value and _OPTION_NAME.fullmatch(name) else "an option"
        for name, value in options.items()
    )
