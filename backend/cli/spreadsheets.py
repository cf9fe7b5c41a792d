"""Spreadsheets in and out, on the host itself: there MAX_UPLOAD_MB does not count."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from backend.cli.opened import opened
from backend.cli.progress import Progress
from backend.core import exports, imports
from backend.schemas.imports import Note, UnknownCenters

# Rows that are named one by one.
NAMED = 20


def add(arguments: Namespace) -> int:
    """Adds the leads of a file, as an upload does, and says what became of its rows."""
    path: Path = arguments.file
    content = path.read_bytes()
    with opened() as (settings, db), Progress("rows read") as progress:
        answer = imports.upload(db, settings, None, path.name, content, progress)
    if "unknown_tags" in answer:
        answer = cast(UnknownCenters, answer)
        print("Nothing is added, since the file names centers that no one knows:", file=sys.stderr)
        for tag in answer["unknown_tags"]:
            print(f"  {tag}", file=sys.stderr)
        print("Make these centers, or correct the file, and import it again.", file=sys.stderr)
        return 1
    print(f"{_leads(answer['leads_added'])} added.")
    if already_here := answer.get("already_here"):
        print(f"{_leads(already_here)} already here.")
    _name("Imported, but", answer.get("warnings", ()))
    _name("Left out", answer.get("rejected", ()))
    return 0


def write(arguments: Namespace) -> int:
    """Writes the leads into a file, or as CSV to stdout."""
    to_stdout = arguments.file == "-"
    path = Path(arguments.file)
    if not to_stdout:
        exports.form_of(path.name)
    with opened() as (settings, db), Progress("leads written") as progress:
        wanted = {"center": arguments.center, "status": arguments.status}
        if to_stdout:
            csv = exports.Form.CSV
            exports.to_stream(db, settings, sys.stdout.buffer, csv, **wanted, progress=progress)
        else:
            count = exports.to_path(db, settings, path, **wanted, progress=progress)
            print(f"{_leads(count)} written to {path}.")
    return 0


def _leads(count: int) -> str:
    return "1 lead" if count == 1 else f"{count:,} leads"


def _name(what: str, notes: Sequence[Note]) -> None:
    if not notes:
        return
    print(f"{what}:")
    for note in notes[:NAMED]:
        print(f"  row {note['row']}: {note['reason']}")
    if len(notes) > NAMED:
        print(f"  and {len(notes) - NAMED:,} more")
