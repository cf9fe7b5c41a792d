"""Health checks for the host: whether this process runs, and whether its database is usable."""

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend.core.db import Database
from backend.core.errors import Busy, NotReady
from backend.core.lifecycle import migrate
from backend.schemas.health import Alive


def alive() -> Alive:
    """Return the answer of a process that runs."""
    return {"status": "ok"}


def ready(db: Database) -> Alive:
    """Check the database. Raises `NotReady` if it can't be reached or has another version."""
    try:
        with db.read() as session:
            query = text("SELECT version_num FROM alembic_version")
            found = session.connection().execute(query).scalar()
    except (SQLAlchemyError, Busy) as error:
        raise NotReady("The database can't be reached") from error
    if found != migrate.HEAD:
        raise NotReady("The database belongs to another version of TOFA CRM: run `migrate`")
    return {"status": "ready"}
