"""The demo academy in a database that tests copy."""

from contextlib import closing
from datetime import UTC, datetime

from backend.core.db import Database
from backend.core.demo import academy
from backend.core.lifecycle.migrate import upgrade
from tests.world import settings_for

NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)


def make_demo(database_url: str) -> None:
    """Fills an empty database with the demo, as it is at `NOW`."""
    settings = settings_for(database_url)
    with closing(Database(settings.url)) as db:
        upgrade(db, settings)
        with db.write() as session:
            academy.fill(session, settings.zone, NOW)
