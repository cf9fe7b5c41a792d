"""The settings and database that commands use."""

from collections.abc import Iterator
from contextlib import contextmanager

from backend.core.database import limits
from backend.core.db import Database
from backend.core.lifecycle import startup
from backend.core.logs import setting_up
from backend.core.settings import Settings, load


@contextmanager
def opened(*, first_account: bool = True) -> Iterator[tuple[Settings, Database]]:
    """Load the settings and open the database, ready for use. Raises `ConfigurationError`.

    `first_account` says whether to create the admin from the settings if there are no accounts.
    """
    settings = load()
    setting_up.set_up(settings)
    db = Database(settings.url, settings.db_pool_size, limits.Kinds.of(settings))
    try:
        with limits.unlimited():
            (startup.prepare if first_account else startup.make_tables)(db, settings)
        with limits.long_work():
            yield settings, db
    finally:
        db.close()
