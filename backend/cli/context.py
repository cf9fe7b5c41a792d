"""The settings and the database of a command."""

from collections.abc import Iterator
from contextlib import contextmanager

from backend.core.db import Database
from backend.core.lifecycle import startup
from backend.core.settings import Settings, load


@contextmanager
def opened(*, first_account: bool = True) -> Iterator[tuple[Settings, Database]]:
    """A database that is ready. Raises `ConfigurationError`.

    `first_account` is whether the admin of the settings is made where nobody has an account yet.
    """
    settings = load()
    db = Database(settings.url, settings.db_pool_size)
    try:
        (startup.prepare if first_account else startup.make_tables)(db, settings)
        yield settings, db
    finally:
        db.close()
