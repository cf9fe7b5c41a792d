"""Marks of what an installation was before an upgrade: it stays so until the settings say else."""

from sqlalchemy import delete
from sqlmodel import col

from backend.core.db import Database
from backend.models import InstallationMark


def is_kept(db: Database, name: str, *, is_decided: bool) -> bool:
    """Return whether an installation has a mark, which goes for good once that is decided."""
    with db.read() as session:
        is_there = session.get(InstallationMark, name) is not None
    if is_there and is_decided:
        with db.write() as session:
            session.connection().execute(
                delete(InstallationMark).where(col(InstallationMark.name) == name)
            )
    return is_there and not is_decided
