"""Remember how an installation behaved before an upgrade, until a setting decides otherwise."""

from sqlalchemy import delete
from sqlmodel import col

from backend.core.db import Database
from backend.models import InstallationMark


def is_kept(db: Database, name: str, *, is_decided: bool) -> bool:
    """Return whether a mark still applies. It's removed for good if a setting has decided."""
    with db.read() as session:
        is_there = session.get(InstallationMark, name) is not None
    if is_there and is_decided:
        with db.write() as session:
            session.connection().execute(
                delete(InstallationMark).where(col(InstallationMark.name) == name)
            )
    return is_there and not is_decided
