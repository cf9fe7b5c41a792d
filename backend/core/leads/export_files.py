"""Write leads to a spreadsheet, as they are read (`export_rows`)."""

import codecs
import csv
import io
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from backend.core.centers import Directory, list_all
from backend.core.db import Database
from backend.core.errors import BadRequest
from backend.core.leads import contact
from backend.core.leads.export_rows import COLUMNS, Names, Numbers, Row, read_rows
from backend.core.settings import Settings
from backend.core.sheets import formulas
from backend.models import Lead, Status, User

# Excel's limits: rows of a sheet with its header, and UTF-16 units of a cell's text.
XLSX_ROWS = 1_048_576
XLSX_CELL = 32_767

_NO_TIME = datetime(2000, 1, 1)  # noqa: DTZ001  the library knows no zones
# Excel counts days from here.
_FIRST_YEAR = 1900
_DATE_FORMAT = "yyyy-mm-dd hh:mm"

# The country code of a phone as people write it.
_CODE = re.compile(r"\+(\d+)", re.ASCII)


Progress = Callable[[int, int], None]


class Form(StrEnum):
    """The kinds of files, by the ending of their names."""

    CSV = ".csv"
    XLSX = ".xlsx"

    @property
    def kind(self) -> str:
        """The ending without its dot."""
        return self.value.removeprefix(".")


def form_of(name: str) -> Form:
    """Return the kind of a file by its name. Raises `BadRequest` for any other ending."""
    try:
        return Form(Path(name).suffix.lower())
    except ValueError:
        raise BadRequest("The file's name must end with .csv or .xlsx") from None


def to_path(
    db: Database,
    settings: Settings,
    path: Path,
    *,
    center: str | None = None,
    status: str | None = None,
    everyone: bool = False,
    progress: Progress | None = None,
) -> int:
    """Write a file, completely or not at all, over one that exists. Return how many leads.

    Leads that must not be contacted are left out, unless `everyone` is asked for.

    Raises what `to_stream` raises, and `OSError`.
    """
    form = form_of(path.name)
    # Replace the file that a link points to, not the link.
    path = path.resolve()
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as file:
            # Only its owner reads it, unless they have let others read the one before.
            draft.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o600)
            if form is Form.CSV:
                # Excel reads a CSV file as UTF-8 only if it starts with this.
                file.write(codecs.BOM_UTF8)
            count = to_stream(
                db,
                settings,
                file,
                form,
                center=center,
                status=status,
                everyone=everyone,
                progress=progress,
            )
        draft.replace(path)
    except OSError as error:
        # The person knows the file that they named, not the draft.
        if error.errno and error.filename in (None, str(draft)):
            error.filename, error.filename2 = str(path), None
        raise
    finally:
        draft.unlink(missing_ok=True)
    return count


def to_stream(
    db: Database,
    settings: Settings,
    file: IO[bytes],
    form: Form,
    *,
    center: str | None = None,
    status: str | None = None,
    wanted: Sequence[ColumnElement[bool]] = (),
    everyone: bool = False,
    total: int | None = None,
    progress: Progress | None = None,
) -> int:
    """Write the leads, by their ids, and return how many.

    `wanted` are conditions on them; `total` is how many leads meet these, if that is known. Without
    `everyone`, leads that must not be contacted are left out.
    `center` is the text by which forms and spreadsheets name it; `progress` gets how many leads
    are written, of how many. Times are in the settings' zone. Raises `BadRequest` for an
    unknown center or status, and for what an XLSX file can't hold.
    """
    with db.read() as session:
        wanted = [*wanted, *_wanted(session, center, status)]
        if not everyone:
            wanted.append(contact.allowed())
        if total is None:
            total = count(session, wanted)
        tags: Names = {one["id"]: one["meta_tag_name"] for one in list_all(session)}
        people = select(col(User.id), col(User.full_name))
        owners: Names = {one.id: one.full_name for one in session.connection().execute(people)}
    if form is Form.XLSX and total >= XLSX_ROWS:
        raise BadRequest(
            f"{total:,} leads are more than an .xlsx file can hold: export a .csv file, "
            "or one center at a time"
        )
    rows = read_rows(db, wanted, tags, owners, settings.zone)
    if progress is not None:
        rows = _told(rows, total, progress)
    return write(file, form, "Leads", COLUMNS, rows)


def write(
    file: IO[bytes], form: Form, title: str, columns: Sequence[str], rows: Iterable[Row]
) -> int:
    """Write rows under their columns; `title` names the sheet. Return how many rows.

    Raises `BadRequest` for what an XLSX file can't hold.
    """
    if form is Form.CSV:
        return _write_csv(file, columns, rows)
    return _write_xlsx(file, title, columns, rows)


def count(session: Session, wanted: Sequence[ColumnElement[bool]]) -> int:
    """Return how many leads meet some conditions."""
    return session.connection().scalar(select(func.count(col(Lead.id))).where(*wanted)) or 0


def _wanted(session: Session, center: str | None, status: str | None) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if center is not None:
        center_id = Directory.read(session).find_any(center)
        if center_id is None:
            known = ", ".join(f"'{known['meta_tag_name']}'" for known in list_all(session))
            raise BadRequest(f"There is no center '{center}'; choose from: {known or 'none yet'}")
        wanted.append(col(Lead.center_id) == center_id)
    if status is not None:
        wanted.append(col(Lead.status) == _status(session, status))
    return wanted


def _status(session: Session, status: str) -> str:
    """Return a status as leads have it: one of the five in any case, or one that a lead has."""
    for known in Status:
        if known.casefold() == status.casefold():
            return known
    found = select(col(Lead.id)).where(col(Lead.status) == status).limit(1)
    if session.connection().scalar(found) is None:
        listed = ", ".join(f"'{known}'" for known in Status)
        raise BadRequest(f"No lead has the status '{status}'; the statuses are {listed}")
    return status


def _told(rows: Iterator[Row], total: int, progress: Progress) -> Iterator[Row]:
    count = 0
    for count, row in enumerate(rows, 1):
        yield row
        if count % 1000 == 0:
            progress(count, max(count, total))
    progress(count, count)


def _write_csv(file: IO[bytes], columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Write a CSV file by RFC 4180, in UTF-8."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    try:
        # Some programs take what isn't quoted for a number, and some for a formula.
        writer = csv.writer(text, quoting=csv.QUOTE_ALL)
        writer.writerow(columns)
        count = 0
        for row in rows:
            writer.writerow(map(_in_csv, row))
            count += 1
        text.flush()
    finally:
        # Otherwise the file would be closed with its wrapper.
        text.detach()
    return count


def _in_csv(cell: str | datetime) -> str:
    """Return the text of a cell. A phone begins with a bracket, since `+` may begin a formula."""
    if isinstance(cell, Numbers):
        return _CODE.sub(r"(+\1)", cell)
    return formulas.neutralise(str(cell))


def _write_xlsx(file: IO[bytes], title: str, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Write an XLSX file. Cells are texts or dates: none is a formula, no phone loses a zero."""
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    count = 0
    try:
        # The library's temporary files are removed with the folder, also after an error.
        with (
            TemporaryDirectory(prefix="tofa-") as folder,
            Workbook(file, {"constant_memory": True, "tmpdir": folder}) as book,
        ):
            # The same leads are the same bytes, whenever and wherever they are written.
            book.set_properties({"created": _NO_TIME})
            sheet = book.add_worksheet(title)
            sheet.freeze_panes(1, 0)
            sheet.set_column(1, len(columns) - 1, 20)
            sheet.write_row(0, 0, columns, book.add_format({"bold": True}))
            # As if typed after an apostrophe: it stays text when someone edits it.
            quoted = book.add_format({"quote_prefix": True})
            date = book.add_format({"num_format": _DATE_FORMAT, "align": "left"})
            for count, row in enumerate(rows, 1):
                for place, cell in enumerate(row):
                    if isinstance(cell, datetime) and cell.year >= _FIRST_YEAR:
                        sheet.write_datetime(count, place, cell, date)
                    elif text := str(cell):
                        is_risky = formulas.is_risky(text) and not isinstance(cell, Numbers)
                        style = quoted if is_risky else None
                        if sheet.write_string(count, place, formulas.escape(text), style):
                            raise _does_not_fit(count + 1)
    except FileCreateError as error:
        raise OSError(str(error)) from error
    return count


def _does_not_fit(row: int) -> BadRequest:
    return BadRequest(
        f"Row {row:,} does not fit into an .xlsx file, which holds {XLSX_ROWS:,} rows and "
        f"{XLSX_CELL:,} characters in a cell: export a .csv file"
    )
