"""Plan and commit in one step: the contract's upload, which is done with a file or refuses it.

It takes the usual names of columns only, and a center that no one knows stops the whole file.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from backend.core import bulk, placing, sheets, times
from backend.core.access import Person
from backend.core.cells import restore
from backend.core.centers import Directory
from backend.core.db import Database
from backend.core.imports import columns, reading, store
from backend.core.imports.columns import Columns
from backend.core.imports.plan import readable
from backend.core.imports.rows import MAKES_A_LEAD, PLAIN_FIELDS, Plain, Row, Verdict
from backend.core.imports.verdicts import Judge, count
from backend.core.imports.writing import Writer
from backend.core.settings import Settings
from backend.models import Import, ImportState
from backend.schemas.imports import Imported, Note, UnknownCenters

Progress = Callable[[int, int], None]

_of_center = itemgetter(*map(PLAIN_FIELDS.index, ("center", "is_test", "fault")))
_of_notes = itemgetter(*map(PLAIN_FIELDS.index, ("number", "warning", "fault")))


def upload(
    db: Database,
    settings: Settings,
    person: Person | None,
    filename: str,
    content: bytes,
    progress: Progress | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Imported | UnknownCenters:
    """Reads a spreadsheet, and adds its leads. Raises `BadRequest` for a file that can't be read.

    `progress` is told how many rows are read, of 0 while none knows, and then how many are placed.
    Without a `person` the host's owner does it. With a `mapping`, columns go by that too.
    """
    with readable():
        table = sheets.read_table(content, filename)
        names = list(map(restore, table.columns))
        header = columns.usual(names) if mapping is None else columns.propose(names, mapping)
        read = list(reading.read(table, header, settings.zone, progress))
    try:
        with db.write() as session:
            return _keep(session, settings, person, filename, header, read, progress)
    except IntegrityError:
        # One of Meta's leads came in another way meanwhile. Now it is seen to be here.
        with db.write() as session:
            return _keep(session, settings, person, filename, header, read, progress)


def _keep(
    session: Session,
    settings: Settings,
    person: Person | None,
    filename: str,
    header: Columns,
    read: Sequence[Plain],
    progress: Progress | None,
) -> Imported | UnknownCenters:
    placing.keep_others_out(session)
    directory = Directory.read(session)
    if unknown := _unknown(directory, read):
        return {"status": "error", "message": "Unknown Centers Found", "unknown_tags": unknown}
    now = times.now()
    kept = Import(
        state=ImportState.COMMITTED,
        filename=store.shown_name(filename),
        created_at=now,
        created_by=person.id if person else None,
        columns=list(header.names),
        mapping=header.mapping,
        totals=count([]),
        rows_done=len(read),
        rows_total=len(read),
    )
    session.add(kept)
    session.flush()
    assert kept.id is not None
    judge = Judge(directory, settings.phone_region)
    writer = Writer(session, kept.id, kept.created_by, now)
    totals = _place(judge, writer, read, progress)
    kept.totals = totals
    if not writer.changed:
        # A file that was sent before leaves no trace, and there would be nothing to undo.
        session.rollback()
    return _answer(totals, read)


def _unknown(directory: Directory, read: Sequence[Plain]) -> list[str]:
    """What the file calls centers that no one knows, each once, in the order of the file."""
    named = {
        center: None
        for center, is_test, fault in map(_of_center, read)
        if not is_test and fault is None
    }
    return [center for center in named if directory.find(center) is None]


def _place(
    judge: Judge, writer: Writer, read: Sequence[Plain], progress: Progress | None
) -> dict[str, int]:
    totals, done = count([]), 0
    for plain in bulk.batches(read):
        batch = [Row(*values) for values in plain]
        judge.decide(writer.session, batch)
        count(batch, totals)
        writer.write(batch)
        # New leads are themselves what is kept of their rows.
        others = [row for row in batch if row.verdict not in MAKES_A_LEAD]
        store.add_done_rows(
            writer.session, writer.import_id, [(row, writer.lead_of(row)) for row in others]
        )
        done += len(batch)
        if progress is not None:
            progress(done, len(read))
    return totals


def _answer(totals: Mapping[str, int], read: Sequence[Plain]) -> Imported:
    answer: Imported = {
        "status": "success",
        "leads_added": totals[Verdict.CREATE] + totals[Verdict.SIBLING],
    }
    if already_here := totals[Verdict.JOIN] + totals[Verdict.KNOWN]:
        answer["already_here"] = already_here
    notes = [note for note in map(_of_notes, read) if any(note[1:])]
    warnings: list[Note] = [{"row": row, "reason": warning} for row, warning, _ in notes if warning]
    rejected: list[Note] = [{"row": row, "reason": fault} for row, _, fault in notes if fault]
    if warnings:
        answer["warnings"] = warnings
    if rejected:
        answer["rejected"] = rejected
    return answer
