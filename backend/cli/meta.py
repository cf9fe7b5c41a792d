"""Meta's leads, for whoever runs the host: those that no notification has brought."""

from argparse import Namespace
from datetime import datetime
from pathlib import Path

from backend.cli.context import opened
from backend.cli.progress import Progress
from backend.core import times
from backend.core.errors import BadRequest
from backend.core.intake.meta import backfill, notifications
from backend.core.intake.meta.reconcile import reconcile
from backend.core.settings import Settings
from backend.models import DeliveryState

# Ids that are named one by one.
NAMED = 20


def run(arguments: Namespace) -> int:
    return (_backfill if arguments.meta == "backfill" else _reconcile)(arguments)


def _backfill(arguments: Namespace) -> int:
    """Reads the leads of one form or of all; 1 where some could not be read."""
    if arguments.form is not None and notifications.as_id(arguments.form) is None:
        raise BadRequest("The id of a form is a number")
    with opened() as (settings, db), Progress("leads read") as progress:
        since = _since(arguments.since, settings)
        report = backfill.run(db, settings, since=since, form_id=arguments.form, progress=progress)
    for read in report.forms:
        print(f"Form {read.form_id}: {read.leads:,} leads read, {read.new:,} of them new.")
        if read.problem:
            print(f"  {read.problem.text}.")
    if report.stopped:
        print(f"{report.stopped.text}.")
    elif not report.forms:
        print("No form of Meta's is known yet: name one with --form.")
    return 1 if report.stopped or any(read.problem for read in report.forms) else 0


def _reconcile(arguments: Namespace) -> int:
    """Says which leads of an export are here, and has the missing ones fetched."""
    path: Path = arguments.file
    with opened() as (settings, db):
        found = reconcile(db, path.name, path.read_bytes(), dry_run=arguments.dry_run)
        has_token = bool(settings.meta_access_token.get_secret_value())
    print(f"{found.there:,} leads in the file.")
    print(f"{found.leads:,} of them are here as leads.")
    for state, count in found.states.items():
        print(f"{count:,} are in the ledger: {state}.")
    print(f"{len(found.missing):,} are missing.")
    for id in found.missing[:NAMED]:
        print(f"  {id}")
    if len(found.missing) > NAMED:
        print(f"  and {len(found.missing) - NAMED:,} more")
    given_up = DeliveryState.FAILED in found.states
    if (found.missing or given_up) and not arguments.dry_run:
        if found.missing:
            print("These are in the ledger now, and are fetched as soon as a worker comes to them.")
        if given_up:
            print("Those that are dead are tried again.")
        if not has_token:
            print("META_ACCESS_TOKEN is not set: they wait until it is.")
    return 0


def _since(text: str | None, settings: Settings) -> datetime | None:
    if text is None:
        return None
    try:
        return times.read(text, settings.zone)
    except ValueError:
        raise BadRequest("--since is a date, such as 2026-11-02") from None
