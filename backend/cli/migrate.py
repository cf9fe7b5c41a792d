"""The database's form, brought up to date in place."""

from argparse import Namespace

from backend.core.db import Database
from backend.core.lifecycle import migrate as migrations
from backend.core.settings import load


def migrate(_arguments: Namespace) -> int:
    """Brings the database to the form of this version, and says what was done."""
    settings = load()
    db = Database(settings.url, settings.db_pool_size)
    try:
        before = migrations.upgrade(db, settings)
    finally:
        db.close()
    if before is migrations.State.CURRENT:
        print("The database is up to date already.")
    elif before is migrations.State.EMPTY:
        print("The database was empty: its tables are made.")
    else:
        print("The database is up to date now. Every row and every login is kept.")
    return 0
