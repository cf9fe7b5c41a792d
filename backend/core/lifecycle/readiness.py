"""Whether this process serves, and whether it can do so with its database: hosts ask it often."""

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend.core.db import Database
from backend.core.errors import Busy, NotReady
from backend.core.lifecycle import migrate
from backend.schemas.health import Alive


def alive() -> Alive:
    return {"status": "ok"}


def ready(db: Database) -> Alive:
    """Raises `NotReady`: for a database that is away, and for one of another form."""
    try:
        with db.read() as session:
            query = text("SELECT version_num FROM alembic_version")
            found = session.connection().execute(query).scalar()
    except (SQLAlchemyError, Busy) as error:
        raise NotReady("The database can't be reached") from error
    if found != migrate.HEAD:
        raise NotReady("The database is not of the form that this version needs")
    return {"status": "ready"}
