"""The commands `backup` and `restore`, for SQLite."""

import os
import sys
from argparse import Namespace
from contextlib import closing
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from backend.core import heartbeats
from backend.core.db import Database
from backend.core.errors import Problem
from backend.core.lifecycle import backup as backups
from backend.core.lifecycle import migrate, startup
from backend.core.logs.tracebacks import message
from backend.core.settings import Settings, load


def save(arguments: Namespace) -> int:
    """Write a backup, and print what is in it; or only note that there is one."""
    settings = load()
    if arguments.note:
        with closing(Database(settings.url)) as db:
            if startup.existing_state(db) is migrate.State.EMPTY:
                raise backups.BackupFailed("The database is empty: it has nothing to back up.")
            heartbeats.backed_up(db)
        print("Recorded that a backup was made.")
        return 0
    if not arguments.target:
        raise backups.BackupFailed("Name a file or a folder for the backup.")
    target = Path(arguments.target)
    if arguments.keep is not None and not target.is_dir():
        raise backups.BackupFailed(f"--keep needs an existing folder; {target} isn't one.")
    if arguments.target.endswith(("/", os.sep)) and not target.is_dir():
        # A file of that name would be the only backup: the next one finds it there.
        raise backups.BackupFailed(f"There is no folder {target}. Create it first.")
    made = backups.save(settings.url, backups.named(target))
    print(f"Saved {made.leads:,} leads in {made.path}.")
    if not made.is_old:
        _note(settings)
    if arguments.keep is not None:
        for path in backups.prune(target, arguments.keep):
            print(f"Removed the old backup {path}.")
    return 0


def _note(settings: Settings) -> None:
    """Note the time of a backup for the metrics. Where that fails, the backup is still good."""
    try:
        with closing(Database(settings.url)) as db:
            heartbeats.backed_up(db)
    except (SQLAlchemyError, Problem) as error:
        print(f"The time of the backup wasn't recorded: {message(error)}", file=sys.stderr)


def restore(arguments: Namespace) -> int:
    """Replace the database's content with a backup's, after asking."""
    settings, source = load(), Path(arguments.file)
    found, target = backups.check_restore(settings.url, source)
    if not arguments.yes and not sys.stdin.isatty():
        raise backups.BackupFailed("Add --yes to restore without being asked.")
    print(f"{source} has {found.leads:,} leads. They will replace everything in {target}.")
    if not arguments.yes and not _confirmed():
        print("Nothing was changed.")
        return 1
    found, kept = backups.restore(settings.url, source)
    print(f"Restored {found.leads:,} leads.")
    if kept is not None:
        print(f"The previous data is in {kept}.")
    if found.is_old:
        print("The backup is from an earlier version: run `python -m backend migrate` now.")
    return 0


def _confirmed() -> bool:
    return input("Continue? [y/N] ").strip().casefold() in ("y", "yes")
