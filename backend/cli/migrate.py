"""The command `migrate`: upgrade the database to this version."""

from argparse import Namespace

from backend.core.db import Database
from backend.core.lifecycle import migrate as migrations
from backend.core.lifecycle import startup
from backend.core.settings import load


def migrate(_arguments: Namespace) -> int:
    """Upgrade the database in place, and print the result."""
    settings = load()
    db = Database(settings.url, settings.db_pool_size)
    try:
        # Where there was a database, an empty one doesn't take its place.
        startup.existing_state(db)
        before = migrations.upgrade(db, settings)
    finally:
        db.close()
    if before is migrations.State.CURRENT:
        print("The database is already up to date.")
    elif before is migrations.State.EMPTY:
        print("Created the tables in an empty database.")
    else:
        print("Upgraded the database. All rows and logins are kept.")
    return 0
