"""Plan an import: decide the verdict of each row, for a person to review before the commit.

The rows are counted first, so that a file that can't be read to its end leaves nothing. Then they
are planned batch by batch, each stored in a short transaction of its own: others can write in
between, and the progress can be read. No lead changes before the commit.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from backend.core import sheets, times
from backend.core.access import Person
from backend.core.centers import Directory
from backend.core.database import bulk_insert
from backend.core.db import Database
from backend.core.errors import BadRequest, Invalid
from backend.core.imports import basis, center_column, columns, parsing, store, tables
from backend.core.imports.columns import Columns
from backend.core.imports.date_columns import DateColumns
from backend.core.imports.row_matching import Judge, count
from backend.core.imports.rows import Row, SheetRow, count_doubts
from backend.core.imports.sections import Sections
from backend.core.imports.seen import Seen
from backend.core.imports.status_texts import StatusTexts, read_choices
from backend.core.imports.tables import NOTHING_CHOSEN, Choices
from backend.core.leads.choices import reasons_of_all
from backend.core.reasons import Reason, ReasonCode
from backend.core.settings import Settings
from backend.core.sheets import Table
from backend.core.sheets.formulas import restore
from backend.models import Import, ImportState
from backend.schemas.imports import Layout, Planned

Progress = Callable[[int, int], None]


def make(
    db: Database,
    settings: Settings,
    person: Person | None,
    filename: str,
    content: bytes,
    mapping: str | None = None,
    progress: Progress | None = None,
    statuses: str | None = None,
    center: str | None = None,
    choices: Choices = NOTHING_CHOSEN,
) -> Planned:
    """Plan a file, and change no lead.

    `mapping` is as `columns.read_mapping` takes it, `statuses` as `status_texts.read_choices` does.
    `center` names the center of rows that name none, `choices` are those of the table. `progress`
    is called with the number of rows planned so far, and of all. Raises `BadRequest` for a file
    that can't be read, `Invalid` for a bad mapping, status or center, and `Conflict` if planning
    made no progress for so long that it was stopped.
    """
    given = columns.read_mapping(mapping)
    with db.read() as session:
        texts = StatusTexts(read_choices(statuses), reasons_of_all(session))
    center = _checked_center(db, center)
    with readable():
        table = tables.open_table(content, filename, choices)
        names = list(map(restore, table.columns))
        rows, table = tables.first_rows(table)
        with db.read() as session:
            find = Directory.read(session).find
        seen = Seen.of(names, rows, settings.phone_region)
        if center is None:
            header = center_column.propose(names, given, find, table, rows, seen)
        else:
            header = columns.propose(names, given, needs_center=False, seen=seen)
        dates = DateColumns(header, settings.zone, choices.date_order)
        total = _look(table, dates)
    import_id = _begin(db, settings, person, filename, header, total, _told(table, dates))

    def read() -> Iterator[SheetRow]:
        again = tables.open_again(content, filename, table)
        sections = Sections.of(again, header, find, center)
        return parsing.read(again, header, dates, None, texts, sections, settings.phone_region)

    try:
        _decide(db, settings, import_id, read, total, progress, texts)
    except BaseException:
        with db.write() as session:
            failed = Reason(ReasonCode.PLANNING_FAILED)
            store.fail(session, store.find(session, import_id), failed)
        raise
    with db.read() as session:
        shown = store.show(session, import_id)
    return {**shown, "proposed": header.proposed}


def _look(table: Table, dates: DateColumns) -> int:
    """Count the rows, and settle how their dates are read."""
    total = 0
    for _, cells in table.rows:
        dates.look(cells)
        total += 1
    dates.settle()
    return total


def _told(table: Table, dates: DateColumns) -> Layout:
    told: Layout = {
        "header_row": table.header_row,
        "sheets": tables.show_sheets(table),
        "dates": dates.told(),
    }
    if table.uncalculated:
        told["formulas"] = tables.show_formulas(table)
    return told


def _checked_center(db: Database, text: str | None) -> str | None:
    """Return the center that was chosen for a file. Raises `Invalid` for an unknown one."""
    if not text or not text.strip():
        return None
    with db.read() as session:
        if Directory.read(session).find(text) is None:
            raise Invalid.at("body", "center", msg="Choose a center")
    return text


@contextmanager
def readable() -> Iterator[None]:
    """Raise `BadRequest` for a file that can't be read."""
    try:
        yield
    except sheets.UnreadableFile as error:
        raise BadRequest(str(error)) from error


def _begin(
    db: Database,
    settings: Settings,
    person: Person | None,
    filename: str,
    header: Columns,
    total: int,
    layout: Layout,
) -> int:
    now = times.now()
    with db.read() as session:
        # Before any row is decided: what changes from now on shows at the commit.
        based_on = basis.read(session, settings)
    with db.write() as session:
        store.clear_abandoned(session)
        made = Import(
            state=ImportState.PLANNING,
            filename=store.shown_name(filename),
            created_at=now,
            created_by=person.id if person else None,
            columns=list(header.names),
            mapping=header.mapping,
            totals=count([]),
            rows_total=total,
            worked_at=now,
            layout=dict(layout),
            based_on=based_on,
        )
        session.add(made)
        session.flush()
        assert made.id is not None
        return made.id


def _decide(
    db: Database,
    settings: Settings,
    import_id: int,
    rows: Callable[[], Iterator[SheetRow]],
    total: int,
    progress: Progress | None,
    texts: StatusTexts,
) -> None:
    with db.read() as session:
        judge = Judge(Directory.read(session), settings)
    totals, done = count([]), 0
    doubts: dict[str, int] = {}
    with readable():
        for said in bulk_insert.batches(rows()):
            batch = list(map(Row.of_sheet, said))
            judge.give_keys(batch)
            with db.read() as session:
                judge.decide(session, batch)
            count(batch, totals)
            count_doubts(batch, doubts)
            done += len(batch)
            with db.write() as session:
                found = store.still_planned(session, import_id)
                store.add_rows(session, import_id, batch)
                found.rows_done, found.worked_at = done, times.now()
            if progress is not None:
                progress(done, total)
    with db.write() as session:
        found = store.still_planned(session, import_id)
        found.state, found.totals = ImportState.PLANNED, totals
        found.statuses, found.doubts = [dict(one) for one in texts.list_all()], doubts
