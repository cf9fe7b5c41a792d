"""Spreadsheets in and out, on the host itself: there MAX_UPLOAD_MB does not count."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from backend.cli.context import opened
from backend.cli.progress import Progress
from backend.core.imports import columns, listing, plan, upload
from backend.core.leads import export_files
from backend.schemas.imports import Note, RowFilter, UnknownCenters

# Rows that are named one by one.
NAMED = 20


# What a plan says of so many rows, in the order in which it is said.
VERDICTS = {
    "create": "new leads",
    "sibling": "new leads of a household that is here",
    "join": "join a lead that is here",
    "known": "here already: nothing is to be done",
    "waiting": "wait for their center in the ledger",
    "reject": "can't become leads",
}


def add(arguments: Namespace) -> int:
    """Adds the leads of a file, as an upload does, and says what became of its rows."""
    if arguments.plan:
        return _plan(arguments)
    path: Path = arguments.file
    mapping = columns.read_mapping(arguments.mapping) if arguments.mapping else None
    content = path.read_bytes()
    with opened() as (settings, db), Progress("rows") as progress:
        answer = upload.upload(db, settings, None, path.name, content, progress, mapping)
    if "unknown_tags" in answer:
        answer = cast(UnknownCenters, answer)
        print("Nothing is added, since the file names centers that no one knows:", file=sys.stderr)
        for tag in answer["unknown_tags"]:
            print(f"  {_plain(tag)}", file=sys.stderr)
        print("Make these centers, or correct the file, and import it again.", file=sys.stderr)
        return 1
    print(f"{_leads(answer['leads_added'])} added.")
    if already_here := answer.get("already_here"):
        print(f"{_leads(already_here)} already here.")
    _name("Imported, but", answer.get("warnings", ()))
    _name("Left out", answer.get("rejected", ()))
    return 0


def _plan(arguments: Namespace) -> int:
    """Plans a file and says what would become of its rows; the plan can be committed by the API."""
    path: Path = arguments.file
    content = path.read_bytes()
    with opened() as (settings, db):
        with Progress("rows planned") as progress:
            made = plan.make(db, settings, None, path.name, content, arguments.mapping, progress)
        print(f"Plan {made['id']}: nothing is done yet.")
        for name in made["proposed"]:
            field = made["mapping"][name]
            print(f"  The column '{_plain(name)}' is taken for {field}: a guess.")
        for verdict, what in VERDICTS.items():
            if count := made["totals"][verdict]:
                print(f"  {count:,} {'row' if count == 1 else 'rows'}: {what}")
        for verdict, title in (("waiting", "Would wait"), ("reject", "Would be left out")):
            with db.read() as session:
                wanted = RowFilter.model_validate({"verdict": verdict, "limit": NAMED})
                rows = listing.list_rows(session, made["id"], wanted)
            notes: list[Note] = [
                {"row": row["row"], "reason": "; ".join(why["message"] for why in row["reasons"])}
                for row in rows
            ]
            _name(title, notes, made["totals"][verdict])
    return 0


def write(arguments: Namespace) -> int:
    """Writes the leads into a file, or as CSV to stdout."""
    to_stdout = arguments.file == "-"
    path = Path(arguments.file)
    if not to_stdout:
        export_files.form_of(path.name)
    with opened() as (settings, db), Progress("leads written") as progress:
        wanted = {"center": arguments.center, "status": arguments.status}
        if to_stdout:
            csv = export_files.Form.CSV
            export_files.to_stream(
                db, settings, sys.stdout.buffer, csv, **wanted, progress=progress
            )
        else:
            count = export_files.to_path(db, settings, path, **wanted, progress=progress)
            print(f"{_leads(count)} written to {path}.")
    return 0


def _leads(count: int) -> str:
    return "1 lead" if count == 1 else f"{count:,} leads"


def _plain(text: str) -> str:
    """Without what a terminal would obey: it may be a stranger's file."""
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
