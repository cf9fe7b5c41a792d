"""Why a database can't be opened, in one sentence that says what to do.

The drivers' own texts are long, differ from version to version, and may name parts of an address
that was read wrongly; what they say is told in our words wherever it is known.
"""

import os
import re
import sqlite3
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

_START = "The database can't be opened: "
# What the server says of a user or a schema that can't be used, and what that means.
_RIGHTS = (
    (r"permission denied for (table|schema|relation|sequence|view)|must be owner of",
     "the server doesn't let this user use or change its tables, so give it the rights or correct "
     "DATABASE_URL"),
    (r"no schema has been selected",
     "there is no schema for its tables, so create the one that DATABASE_URL names or correct "
     "DATABASE_URL"),
)  # fmt: skip
# What the server or its library says, and what that means.
_POSTGRESQL = (
    *_RIGHTS,
    (r"password authentication failed|no password supplied|SCRAM|role .* does not exist",
     "the server refuses the user or the password, so correct them in DATABASE_URL"),
    (r"database .* does not exist",
     "the server has no database {name}, so create it or correct DATABASE_URL"),
    (r"no pg_hba.conf entry|not permitted to log in|permission denied",
     "the server doesn't let this user in from here, so change its access rules or DATABASE_URL"),
    (r"too many (clients|connections)|remaining connection slots",
     "the server has no free connection, so raise its limit or lower DB_POOL_SIZE"),
    (r"session is (read-only|not read-only)|is in hot standby|server is in hot",
     "no server that DATABASE_URL names is the kind that target_session_attrs asks for"),
    (r"starting up|shutting down|in recovery mode",
     "the server is starting or stopping, so try again in a moment"),
    (r"translate host name|resolve host|service not known|nodename nor servname|getaddrinfo",
     "{server} isn't a known host, so correct DATABASE_URL"),
    (r"invalid connection option|(invalid|bad) .*value|unsupported startup parameter|SSL"
     r"|certificate",
     "the server and the options in DATABASE_URL don't go together, so correct its options"),
    (r"Connection refused|timeout|timed out|unreachable|No such file|server closed|reset by peer",
     "{server} can't be reached, so start it or correct DATABASE_URL"),
)  # fmt: skip


def sentence(url: URL, error: DBAPIError) -> str:
    """Return why a database can't be opened."""
    if url.get_backend_name() == "sqlite":
        return f"{_START}{_of_sqlite(Path(url.database or ''), error)}."
    return f"{_START}{_of_postgresql(url, str(error.orig))}."


def reason(error: DBAPIError) -> str:
    """Return why the database refuses a statement, in one line and without the statement."""
    said = str(error.orig).strip()
    for pattern, meaning in _RIGHTS:
        if re.search(pattern, said, re.IGNORECASE):
            return meaning
    return " ".join(said.partition("\nLINE ")[0].split()).rstrip(".")


def _of_postgresql(url: URL, said: str) -> str:
    for pattern, meaning in _POSTGRESQL:
        if re.search(pattern, said, re.IGNORECASE):
            return meaning.format(name=url.database or url.username or "", server=_server(url))
    # In another language, or of a newer server: as it is, but for what is secret.
    text = " ".join(said.split()).rstrip(".")
    return "the server refuses" if _has_secret(url, text) else text


def _has_secret(url: URL, text: str) -> bool:
    password = url.password
    return bool(password) and str(password).casefold() in text.casefold()


def _server(url: URL) -> str:
    if several := url.query.get("host"):
        pairs = zip(str(several).split(","), str(url.query.get("port")).split(","), strict=False)
        return f"each of the servers {' and '.join(f'{host}:{port}' for host, port in pairs)}"
    if not url.host:
        return "the server on this machine"
    if url.host.startswith("/"):
        return f"the server with its socket in {url.host}"
    return f"the server {url.host}, port {url.port or 5432},"


def _of_sqlite(path: Path, error: DBAPIError) -> str:
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    folder = path.absolute().parent
    if not folder.exists():
        return f"the folder {folder} doesn't exist, so create it or correct DATABASE_URL"
    if not folder.is_dir():
        return f"{folder} isn't a folder, so correct DATABASE_URL"
    if path.is_dir():
        return f"{path} is a folder, so add the name of a file to DATABASE_URL"
    if code == sqlite3.SQLITE_NOTADB:
        return f"{path} isn't a SQLite database, so correct DATABASE_URL"
    is_refused = code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)
    if path.exists() and not os.access(path, os.R_OK | os.W_OK):
        return f"the file {path} can't be read and written by this user, so change its permissions"
    if is_refused or not os.access(folder, os.W_OK):
        return f"the folder {folder} can't be written by this user, so change its permissions"
    return " ".join(str(error.orig).split()).rstrip(".")
