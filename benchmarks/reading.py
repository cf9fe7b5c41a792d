"""Reading spreadsheets into rows of cells, compared with the fastest reader of the format.

There is no database and no lead. A workbook is read by a child process, whose start is part of our
time. A hostile file may take no longer than a large good one.
"""

import csv
import io
from collections import deque
from collections.abc import Iterator
from functools import partial

from python_calamine import CalamineWorkbook

from backend.core.sheets import UnreadableFile, read_table
from benchmarks import academy
from benchmarks.databases import Databases
from benchmarks.figures import Figure, Plan, Race, seconds
from tests.core.sheets.files import raw_xlsx
from tests.core.sheets.test_hostile import REFUSED

ROWS_OF_TEXT, ROWS_OF_A_WORKBOOK = 50_000, 100_000
COLUMNS = "ABCDEFGHIJ"
BOUND_OF_TEXT, BOUND_OF_A_WORKBOOK, BOUND_OF_HARM = 2.0, 2.5, 0.5
ROUNDS = 5


def run(plan: Plan, _databases: Databases) -> Iterator[Figure]:
    text = academy.spreadsheet(plan.size(ROWS_OF_TEXT))
    race = Race()
    race.run(plan.rounds(ROUNDS), partial(read, text), partial(_read_text, text))
    yield race.figure(f"a CSV of {plan.size(ROWS_OF_TEXT):,} rows", BOUND_OF_TEXT)

    good = workbook(plan.size(ROWS_OF_A_WORKBOOK))
    race = Race()
    race.run(plan.rounds(ROUNDS), partial(read, good), partial(_read_workbook, good))
    what = f"a workbook of {plan.size(ROWS_OF_A_WORKBOOK):,} rows"
    yield race.figure(what, BOUND_OF_A_WORKBOOK)

    names = list(REFUSED)[: plan.size(len(REFUSED))]
    taken = {name: seconds(partial(read, REFUSED[name]())) for name in names}
    slowest = max(taken, key=lambda name: taken[name])
    race = Race()
    race.add(taken[slowest], seconds(partial(read, good)))
    yield race.figure(f"the slowest of {len(names)} hostile files: {slowest}", BOUND_OF_HARM)


def read(content: bytes) -> None:
    """Read a file to its end, or until it is refused."""
    try:
        deque(read_table(content, "leads.csv").rows, maxlen=0)
    except UnreadableFile:
        return


def workbook(rows: int) -> bytes:
    """Return an .xlsx with so many rows and ten columns of text."""
    row = "".join(
        f'<c r="{column}%d" t="inlineStr"><is><t>some text {column} %d</t></is></c>'
        for column in COLUMNS
    )
    told = 2 * len(COLUMNS)
    lines = (f'<row r="{n}">{row % ((n,) * told)}</row>' for n in range(1, rows + 1))
    return raw_xlsx("".join(lines))


def _read_text(content: bytes) -> None:
    deque(csv.reader(io.StringIO(content.decode(), newline="")), maxlen=0)


def _read_workbook(content: bytes) -> None:
    CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
