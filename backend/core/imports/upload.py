"""Plans and commits in one step: the contract's upload, which imports a file or refuses it.

It takes only names of columns that are certain, and an unknown center stops the whole file.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import cast

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from backend.core import times
from backend.core.access import Person
from backend.core.calling.rules import Standard
from backend.core.centers import Directory
from backend.core.db import Database
from backend.core.imports import claim, columns, parsing, steps, store, tables
from backend.core.imports.columns import Columns
from backend.core.imports.plan import readable
from backend.core.imports.recovery import Writing
from backend.core.imports.row_matching import Judge, count
from backend.core.imports.rows import MAKES_A_LEAD, Row, SheetRow, Verdict
from backend.core.imports.seen import Seen
from backend.core.imports.status_texts import StatusTexts
from backend.core.imports.tables import NOTHING_CHOSEN
from backend.core.imports.writer import Writer
from backend.core.leads import match_locks
from backend.core.leads.choices import reasons_of_all
from backend.core.reasons import Reason
from backend.core.settings import Settings
from backend.core.sheets import Table
from backend.core.sheets.formulas import restore
from backend.models import Import, ImportState
from backend.schemas.imports import Imported, Note, UnknownCenters

Progress = Callable[[int, int], None]
_LAST = datetime.max.replace(tzinfo=UTC)


def upload(
    db: Database,
    settings: Settings,
    person: Person | None,
    filename: str,
    content: bytes,
    progress: Progress | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Imported | UnknownCenters:
    """Read a spreadsheet and add its leads. Raises `BadRequest` for a file that can't be read.

    `progress` is called with the number of rows read, and 0 while the total isn't known; then with
    the number of rows written, and of all. `person` is None on the command line. With a `mapping`,
    columns are matched by that, too, and by guesses.
    """
    with db.read() as session:
        reasons = reasons_of_all(session)
    with readable():
        table = tables.open_table(content, filename, NOTHING_CHOSEN)
        names = list(map(restore, table.columns))
        first, table = tables.first_rows(table)
        seen = Seen.of(names, first, settings.phone_region)
        if mapping is None:
            header = columns.usual(names, seen)
        else:
            header = columns.propose(names, mapping, seen=seen)
        again = partial(tables.open_again, content, filename, table)
        read, texts = parsing.read_all(
            table, again, header, settings.zone, progress, settings.phone_region, reasons
        )
    answer = add(db, settings, person, filename, header, read, progress, texts)
    return _with_table(cast(Imported, answer), table) if answer["status"] == "success" else answer


def _with_table(answer: Imported, table: Table) -> Imported:
    """Return an answer with what to say of the table itself."""
    if notes := tables.formula_notes(table):
        warnings = [*notes, *answer.get("warnings", ())]
        answer = {**answer, "warnings": sorted(warnings, key=lambda one: one["row"])}
        if "rejected" in answer:
            # They stay at the end.
            answer["rejected"] = answer.pop("rejected")
    if left_out := tables.left_out(table):
        answer = {**answer, "sheets_left_out": left_out}
    return answer


def add(
    db: Database,
    settings: Settings,
    person: Person | None,
    filename: str,
    header: Columns,
    read: Sequence[SheetRow],
    progress: Progress | None = None,
    texts: StatusTexts | None = None,
) -> Imported | UnknownCenters:
    """Add the leads of rows that are read, or return which centers are unknown.

    `texts` are the statuses of the rows.
    """
    with db.read() as session:
        directory = Directory.read(session)
    if unknown := _unknown(directory, read):
        return {"status": "error", "message": "Unknown Centers Found", "unknown_tags": unknown}

    def run() -> Imported:
        uploading = _Upload(
            db, settings, person, directory, filename, header, texts or StatusTexts()
        )
        return _answer(uploading.run(read, progress), uploading.warnings, read)

    try:
        return run()
    except IntegrityError:
        # One of Meta's leads came in another way meanwhile: this time it is a known one.
        return run()


@dataclass(slots=True)
class _Upload:
    """Adds the leads of a file in short steps: all of them, or none if a step fails."""

    db: Database
    settings: Settings
    person: Person | None
    directory: Directory
    filename: str
    header: Columns
    texts: StatusTexts
    totals: dict[str, int] = field(default_factory=lambda: count([]))
    warnings: list[Note] = field(default_factory=list)

    def run(self, read: Sequence[SheetRow], progress: Progress | None) -> dict[str, int]:
        """Return how many rows have each verdict."""
        writing = Writing(self.db)
        judge = Judge(self.directory, self.settings)
        take = steps.slices(_in_writing_order(read))
        user_id = self.person.id if self.person else None
        writer = Writer(0, user_id, standard=Standard.of(self.settings))

        def prepare(size: int) -> list[Row]:
            batch = list(map(Row.of_sheet, take(size)))
            judge.give_keys(batch)
            return batch

        def write(session: Session, batch: Sequence[Row], is_last: bool) -> None:
            match_locks.keep_others_out(session)
            found = writing.go_on(session) or self._begin(session, writing, writer, len(read))
            judge.look_again(writer.made, writer.leads, writer.import_id)
            judge.decide(session, batch)
            count(batch, self.totals)
            self.warnings += [_note(row.number, why) for row in batch for why in row.all_warnings()]
            writer.write(session, batch)
            # Rows that become leads need no row of the import.
            others = [row for row in batch if row.verdict not in MAKES_A_LEAD]
            store.add_done_rows(
                session, writer.import_id, [(row, writer.lead_of(row)) for row in others]
            )
            found.rows_done += len(batch)
            if not is_last:
                return
            found.state, found.totals = ImportState.COMMITTED, self.totals
            store.committed(session, self.person, writer.import_id, found.rows_done)
            if not writer.changed and not claim.is_any_written(session, found.id):
                # A file that was sent before leaves no import: there is nothing to undo. Unless its
                # leads may be those of an import that will be taken back: see `recovery`.
                store.remove(session, found)

        with writing:
            steps.run(self.db, prepare, write, writing.told(progress, len(read)))
        return self.totals

    def _begin(self, session: Session, writing: Writing, writer: Writer, rows: int) -> Import:
        now = times.now()
        found = Import(
            state=ImportState.UPLOADING,
            filename=store.shown_name(self.filename),
            created_at=now,
            created_by=writer.user_id,
            columns=list(self.header.names),
            mapping=self.header.mapping,
            totals=count([]),
            rows_total=rows,
            statuses=[dict(one) for one in self.texts.list_all()],
        )
        session.add(found)
        writing.begin(session, found, ImportState.UPLOADING)
        writer.import_id = writing.import_id
        return found


def _in_writing_order(read: Sequence[SheetRow]) -> Sequence[SheetRow]:
    """Return the rows of a long file by their time, those without one at the end.

    So they are added where the indexes by time end. In any other order, each step writes most pages
    of these indexes again. A file that takes one step keeps its order.
    """
    if len(read) <= steps.MOST:
        return read
    return sorted(read, key=lambda row: row.created_time or _LAST)


def _unknown(directory: Directory, read: Sequence[SheetRow]) -> list[str]:
    """Return the unknown centers that the file names, each once, in the order of the file."""
    named = {row.center: None for row in read if not row.is_test and row.fault is None}
    return [center for center in named if center and directory.find(center) is None]


def _answer(totals: Mapping[str, int], warnings: list[Note], read: Sequence[SheetRow]) -> Imported:
    answer: Imported = {
        "status": "success",
        "leads_added": totals[Verdict.CREATE] + totals[Verdict.SIBLING],
    }
    if already_here := totals[Verdict.JOIN] + totals[Verdict.KNOWN]:
        answer["already_here"] = already_here
    if warnings:
        # A long file is added in the order of time.
        answer["warnings"] = sorted(warnings, key=lambda one: one["row"])
    if rejected := [_note(row.number, row.fault) for row in read if row.fault]:
        answer["rejected"] = rejected
    return answer


def _note(row: int, reason: Reason) -> Note:
    return {"row": row, "reason": reason.text}
