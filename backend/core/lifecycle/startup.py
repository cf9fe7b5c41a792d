"""The start: an empty database gets its tables and one admin; an old one is asked to migrate."""

import logging
import secrets
import sys

from sqlalchemy import select, text
from sqlmodel import Session, col

from backend.core import passwords, users
from backend.core.db import Database
from backend.core.error_text import lowered
from backend.core.errors import ConfigurationError
from backend.core.imports import recovery
from backend.core.lifecycle import migrate
from backend.core.settings import SHORTEST_SECRET_KEY, Settings
from backend.models import Role, User

log = logging.getLogger("tofa")


def prepare(db: Database, settings: Settings) -> None:
    """Makes the database ready. Raises `ConfigurationError` where a person must act first.

    Safe in any number of processes that start at once: one makes the tables, the others wait.
    """
    make_tables(db, settings)
    first_admin(db, settings)
    recovery.run(db)
    # A server may fork now, and connections must not be shared by processes.
    db.close()


def make_tables(db: Database, settings: Settings) -> None:
    """`prepare` for a command that makes accounts of its own. Raises `ConfigurationError`."""
    if len(settings.secret_key.get_secret_value()) < SHORTEST_SECRET_KEY:
        log.warning("SECRET_KEY is short: set it to at least %s characters", SHORTEST_SECRET_KEY)
    state = migrate.state(db)
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


def first_admin(db: Database, settings: Settings) -> None:
    """Makes the admin of the settings where nobody has an account yet."""
    with db.read() as session:
        if _anybody(session):
            return
    given = settings.admin_password.get_secret_value()
    password = given or secrets.token_urlsafe(12)
    if given and (faults := passwords.faults(given, settings.admin_email)):
        raise ConfigurationError(f"ADMIN_PASSWORD can't be used: {lowered(faults[0]['msg'])}.")
    hashed = passwords.hash(password)
    with db.write() as session:
        if db.engine.name == "postgresql":
            session.connection().execute(text('LOCK TABLE "user" IN EXCLUSIVE MODE'))
        if _anybody(session):
            return
        users.add(
            session,
            email=settings.admin_email,
            hashed=hashed,
            full_name="Admin",
            role=Role.TEAM_LEAD,
        )
    if not given:
        # To the terminal and never to the log, which is kept.
        print(  # noqa: T201
            f"\nThe first account: {settings.admin_email} with the password {password}\n"
            "It is shown this once. Change it after signing in.\n",
            file=sys.stderr,
            flush=True,
        )


def _anybody(session: Session) -> bool:
    return session.connection().execute(select(col(User.id)).limit(1)).first() is not None
