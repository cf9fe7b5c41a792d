"""The commands `import` and `export`. MAX_UPLOAD_MB doesn't apply to them."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from backend.cli.context import opened
from backend.cli.progress import Progress
from backend.core import audit
from backend.core.audit import Event
from backend.core.dates import Basis
from backend.core.imports import columns, listing, plan, upload
from backend.core.leads import export_files
from backend.schemas.imports import Layout, Note, RowFilter, UnknownCenters

# How many rows are listed.
NAMED = 20

# The texts for the verdicts of a plan, in the order they are printed.
VERDICTS = {
    "create": "new leads",
    "sibling": "new leads in an existing household",
    "join": "added to an existing lead",
    "known": "already imported",
    "waiting": "waiting for an unrecognised center",
    "reject": "rejected",
}


def add(arguments: Namespace) -> int:
    """Import a file as an upload does, and print the result."""
    if arguments.plan:
        return _plan(arguments)
    path: Path = arguments.file
    mapping = columns.read_mapping(arguments.mapping) if arguments.mapping else None
    content = path.read_bytes()
    with opened() as (settings, db), Progress("rows") as progress:
        answer = upload.upload(db, settings, None, path.name, content, progress, mapping)
    if "unknown_tags" in answer:
        answer = cast(UnknownCenters, answer)
        print("Nothing was imported. The file names unrecognised centers:", file=sys.stderr)
        for tag in answer["unknown_tags"]:
            print(f"  {_plain(tag)}", file=sys.stderr)
        print("Add these centers or correct the file, then import it again.", file=sys.stderr)
        return 1
    print(f"{_leads(answer['leads_added'])} added.")
    if already_here := answer.get("already_here"):
        print(f"{_leads(already_here)} already in TOFA CRM.")
    _name("Imported with warnings", answer.get("warnings", ()))
    _name("Rejected", answer.get("rejected", ()))
    return 0


def _plan(arguments: Namespace) -> int:
    """Plan the import of a file, and print the result. The API can commit the plan."""
    path: Path = arguments.file
    content = path.read_bytes()
    with opened() as (settings, db):
        with Progress("rows planned") as progress:
            made = plan.make(db, settings, None, path.name, content, arguments.mapping, progress)
        print(f"Plan {made['id']}. Nothing has been imported yet.")
        _print_layout(made["layout"])
        for name in made["proposed"]:
            field = made["mapping"][name]
            print(f"  Guessed that the column '{_plain(name)}' is {field}.")
        for one in made["statuses"]:
            print(f"  The status '{_plain(one['text'])}' is {one['status'] or 'unknown'}.")
        for verdict, what in VERDICTS.items():
            if count := made["totals"][verdict]:
                print(f"  {count:,} {'row' if count == 1 else 'rows'}: {what}")
        for verdict, title in (("waiting", "Waiting"), ("reject", "Rejected")):
            with db.read() as session:
                wanted = RowFilter.model_validate({"verdict": verdict, "limit": NAMED})
                rows = listing.list_rows(session, made["id"], wanted)
            notes: list[Note] = [
                {"row": row["row"], "reason": "; ".join(why["message"] for why in row["reasons"])}
                for row in rows
            ]
            _name(title, notes, made["totals"][verdict])
    return 0


def _print_layout(layout: Layout | None) -> None:
    """Print which table was read, and which dates nothing settles."""
    if layout is None:
        return
    taken = [sheet["name"] for sheet in layout["sheets"] if sheet["is_taken"]]
    of = "".join(f" of the sheet '{_plain(name)}'" for name in taken)
    print(f"  The columns are named in row {layout['header_row']}{of}.")
    for date in layout["dates"]:
        column = f"the column '{_plain(date['column'])}'"
        if date["basis"] == Basis.CONVENTION and date["example"]:
            print(f"  In {column}, {_plain(date['example'])} is read as {date['read_as']}.")
        elif date["basis"] == Basis.MIXED:
            print(f"  In {column}, {_plain(' and '.join(date['against']))} contradict each other.")


def write(arguments: Namespace) -> int:
    """Export leads to a file, or as CSV to stdout."""
    to_stdout = arguments.file == "-"
    path = Path(arguments.file)
    if not to_stdout:
        export_files.form_of(path.name)
    with opened() as (settings, db), Progress("leads written") as progress:
        wanted = {"center": arguments.center, "status": arguments.status}
        if to_stdout:
            csv = export_files.Form.CSV
            count = export_files.to_stream(
                db,
                settings,
                sys.stdout.buffer,
                csv,
                **wanted,
                everyone=arguments.everyone,
                progress=progress,
            )
        else:
            count = export_files.to_path(
                db, settings, path, **wanted, everyone=arguments.everyone, progress=progress
            )
            print(f"Exported {_leads(count)} to {path}.")
        with db.write() as session:
            codes = {name: True for name, value in wanted.items() if value}
            codes |= {"everyone": True} if arguments.everyone else {}
            audit.record(session, Event.LEADS_EXPORTED, by=None, leads=count, filter=codes)
    return 0


def _leads(count: int) -> str:
    return "1 lead" if count == 1 else f"{count:,} leads"


def _plain(text: str) -> str:
    """Replace control characters, since a stranger's file could control the terminal."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


def _name(what: str, notes: Sequence[Note], count: int | None = None) -> None:
    if not notes:
        return
    print(f"{what}:")
    for note in notes[:NAMED]:
        print(f"  row {note['row']}: {_plain(note['reason'])}")
    more = (len(notes) if count is None else count) - NAMED
    if more > 0:
        print(f"  and {more:,} more")
