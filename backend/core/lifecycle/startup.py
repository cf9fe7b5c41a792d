"""Prepare a database at startup: create its tables and the first account, or ask to migrate."""

import logging
import os
import secrets
import stat
import sys
import time
from pathlib import Path

from sqlalchemy import select, text
from sqlmodel import Session, col

from backend import garbage
from backend.core import audit, passwords, users
from backend.core.audit import Event, Subject
from backend.core.db import Database
from backend.core.error_text import lowered
from backend.core.errors import ConfigurationError
from backend.core.imports import recovery
from backend.core.lifecycle import migrate
from backend.core.settings import Settings, env_path
from backend.models import Role, User

log = logging.getLogger("tofa")

# In seconds: how long after the key the tables of a new installation may be made.
FIRST_START = 600.0


def prepare(db: Database, settings: Settings) -> None:
    """Prepare the database for use. Raises `ConfigurationError` if someone must act first.

    Several processes can start at once: one creates the tables, the others wait.
    """
    garbage.spare_what_is_imported()
    make_tables(db, settings)
    first_admin(db, settings)
    recovery.run(db)
    # A server may fork after this, and processes must not share connections.
    db.close()


def make_tables(db: Database, settings: Settings) -> None:
    """Create the tables of an empty database, and check the version of any other.

    Unlike `prepare` it adds no account. Raises `ConfigurationError`.
    """
    if ignored := settings.address.ignored:
        log.warning("TOFA CRM ignores these options in DATABASE_URL: %s", ", ".join(ignored))
    state = existing_state(db)
    if state is migrate.State.EMPTY:
        migrate.upgrade(db, settings)
        state = migrate.state(db)
    if state is migrate.State.OLD:
        raise ConfigurationError(
            "This database was made by an earlier version of TOFA CRM: make a backup, "
            "run `python -m backend migrate`, then start again."
        )
    if state is migrate.State.NEWER:
        raise ConfigurationError(
            "This database was made by a newer version of TOFA CRM: update the program."
        )


def existing_state(db: Database) -> migrate.State:
    """Return how the schema compares. Raises `ConfigurationError` where a database is missing.

    A key file that is older than a moment shows that there was one: a start makes the key first,
    and the tables right after it.
    """
    path = Path(db.url.database) if db.is_sqlite(db.url) and db.url.database else None
    if path is not None and not path.exists():
        _refuse_if_there_was_one(path)
    state = migrate.state(db)
    if path is not None and state is migrate.State.EMPTY:
        _refuse_if_there_was_one(path)
    return state


def warn_if_others_can_read(db: Database) -> None:
    """Warn of files with keys or personal data whose mode lets others read them.

    A database may be from before new ones were private, and someone may rely on its mode. A group
    may be the server's own way to settings that belong to root.
    """
    files = {env_path(): stat.S_IROTH}
    if db.is_sqlite(db.url):
        path = db.url.database or ""
        files |= dict.fromkeys((Path(path), Path(f"{path}.secret")), stat.S_IRGRP | stat.S_IROTH)
    for file, others in files.items():
        if os.name == "posix" and file.is_file() and file.stat().st_mode & others:
            log.warning("Other accounts of this machine can read %s: run `chmod 600` on it", file)


def _refuse_if_there_was_one(path: Path) -> None:
    key = Path(f"{path}.secret")
    try:
        age = time.time() - key.stat().st_mtime
    except OSError:
        return
    if age > FIRST_START:
        raise ConfigurationError(
            f"The database {path} is missing or empty, but {key.name} shows that there was one. "
            f"Restore it with `python -m backend restore FILE`, or remove {key.name} to start "
            "with an empty database."
        )


def first_admin(db: Database, settings: Settings) -> None:
    """Create the admin account from the settings, if there are no accounts yet.

    Prints the password if it was generated. Raises `ConfigurationError`.
    """
    with db.read() as session:
        if _has_users(session):
            return
    given = settings.admin_password.get_secret_value()
    password = given or secrets.token_urlsafe(16)
    if given and (faults := passwords.faults(given, settings.admin_email)):
        raise ConfigurationError(f"ADMIN_PASSWORD can't be used: {lowered(faults[0]['msg'])}.")
    hashed = passwords.hash(password)
    with db.write() as session:
        if db.engine.name == "postgresql":
            session.connection().execute(text('LOCK TABLE "user" IN EXCLUSIVE MODE'))
        if _has_users(session):
            return
        admin = users.add(
            session,
            email=settings.admin_email,
            hashed=hashed,
            full_name="Admin",
            role=Role.TEAM_LEAD,
        )
        audit.record(
            session,
            Event.USER_CREATED,
            by=None,
            subject=Subject.USER,
            subject_id=admin.id,
            role=Role.TEAM_LEAD.value,
        )
    if not given:
        # Print to the terminal, never to the log, which is kept: as JSON that's all of stderr.
        print(
            f"\nThe first account: {settings.admin_email} with the password {password}\n"
            "The password is shown only once. Change it after you sign in.\n",
            file=sys.stdout if settings.log_format == "json" else sys.stderr,
            flush=True,
        )


def _has_users(session: Session) -> bool:
    return session.connection().execute(select(col(User.id)).limit(1)).first() is not None
