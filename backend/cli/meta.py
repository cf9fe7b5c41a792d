"""The command `meta`: check the connection, fetch leads whose notifications never arrived."""

from argparse import Namespace
from datetime import datetime
from pathlib import Path

from backend.cli.context import opened
from backend.cli.progress import Progress
from backend.core import onboarding, times
from backend.core.errors import BadRequest
from backend.core.intake.meta import backfill, notifications
from backend.core.intake.meta.reconcile import reconcile
from backend.core.settings import Settings, load
from backend.models import DeliveryState

# How many missing ids are listed.
NAMED = 20


def run(arguments: Namespace) -> int:
    """Run `meta check`, `meta backfill` or `meta reconcile`."""
    parts = {"check": _check, "backfill": _backfill, "reconcile": _reconcile}
    return parts[arguments.meta](arguments)


def _check(_arguments: Namespace) -> int:
    """Check the settings, the token's permissions and Meta's forms. Return 1 for a problem."""
    found = onboarding.check(load())
    for one in found["checks"]:
        print(f"{'ok' if one['ok'] else 'problem':<8} {one['message']}.")
    return 0 if found["ok"] else 1


def _backfill(arguments: Namespace) -> int:
    """Fetch the leads of one form or all forms. Return 1 if some can't be read."""
    if arguments.form is not None and notifications.as_id(arguments.form) is None:
        raise BadRequest("The form id must be a number")
    with opened() as (settings, db), Progress("leads read") as progress:
        since = _since(arguments.since, settings)
        report = backfill.run(db, settings, since=since, form_id=arguments.form, progress=progress)
    for read in report.forms:
        print(f"Form {read.form_id}: {read.leads:,} leads read, {read.new:,} new.")
        if read.problem:
            print(f"  {read.problem.text}.")
    if report.stopped:
        print(f"{report.stopped.text}.")
    elif not report.forms:
        print("No forms are known yet. Choose one with --form.")
    return 1 if report.stopped or any(read.problem for read in report.forms) else 0


def _reconcile(arguments: Namespace) -> int:
    """Compare an export from Meta with the database, and have missing leads fetched."""
    path: Path = arguments.file
    with opened() as (settings, db):
        found = reconcile(db, path.name, path.read_bytes(), dry_run=arguments.dry_run)
        has_token = bool(settings.meta_access_token.get_secret_value())
    print(f"Leads in the file: {found.there:,}")
    print(f"Already in TOFA CRM: {found.leads:,}")
    for state, count in found.states.items():
        print(f"Deliveries {state}: {count:,}")
    print(f"Missing: {len(found.missing):,}")
    for id in found.missing[:NAMED]:
        print(f"  {id}")
    if len(found.missing) > NAMED:
        print(f"  and {len(found.missing) - NAMED:,} more")
    failed = DeliveryState.FAILED in found.states
    if (found.missing or failed) and not arguments.dry_run:
        if found.missing:
            print("The missing leads were added as deliveries, and a worker will fetch them.")
        if failed:
            print("Failed deliveries will be retried.")
        if not has_token:
            print("META_ACCESS_TOKEN is not set. Set it to fetch them.")
    return 0


def _since(text: str | None, settings: Settings) -> datetime | None:
    if text is None:
        return None
    try:
        return times.read(text, settings.zone)
    except ValueError:
        raise BadRequest("--since must be a date such as 2026-11-02") from None
