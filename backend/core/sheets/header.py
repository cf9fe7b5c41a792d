"""Finds the row that names the columns: below titles and notes, above the rows of data.

A row is judged by the names in it, with a score that the caller gives. Where no row scores, the
header is the first row that is about as wide as the table.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from backend.core.sheets.errors import UnreadableFile
from backend.core.sheets.limits import MAX_COLUMNS
from backend.core.sheets.table import TOO_WIDE, Cell, Record, Wanted

SAMPLE = 50
"""How many rows that aren't blank are searched."""

# Fewer known names in a row can be chance.
ENOUGH = 2
LONGEST_NAME = 200

# What data looks like, and names of columns don't: an email, a date, a number, a phone.
_DATA = re.compile(r"\S+@\S+\.\S+|\W*\d[\d\s/.,:+()TZ-]*|.*\d{7}.*", re.DOTALL)
_CONTACT = re.compile(r"\S+@\S+\.\S+|(?:\D*\d){10,15}\D*")

# What is below a column's name and describes the column: the kind of its answers, or how to fill a
# template in.
_NOTE = re.compile(
    r"(?!.*(?:@|\d{5}))(?:\(.{1,80}\)|\[.{1,80}\]|<.{1,80}>)|required|mandatory|optional"
    r"|(?:free |short |long )?text|string|number|numeric|integer|date|date ?time|e-?mail|phone"
    r"|drop ?down|yes ?/ ?no"
    r"|(?:dd|mm|yyyy|yy)(?:[-/. ](?:dd|mm|mmm|yyyy|yy)){1,2}(?: hh:mm(?::ss)?)?"
    r"|varchar ?\(\d+\)|response|open-ended response|other \(please specify\)",
    re.IGNORECASE | re.DOTALL,
)
# SurveyMonkey and Qualtrics have a row for these, with the options of a question beside them.
_OF_A_SURVEY = re.compile(r'open-ended response|\{"importid":.*\}', re.IGNORECASE | re.DOTALL)

NO_NAMES = "No row has the names of the columns; please add one above the first row."
NO_SUCH_ROW = f"The header must be one of the first {SAMPLE} rows that aren't blank."


@dataclass(frozen=True, slots=True)
class Header:
    """The number of the header's row, its cells, and the names of the columns.

    `last` is the number of the last row that belongs to it: notes may be below the names.
    """

    row: int
    cells: list[Cell]
    names: tuple[str, ...]
    last: int


def header_of(sample: Sequence[Record], wanted: Wanted) -> Header:
    """Find the header among the first records of a table. Raises UnreadableFile."""
    at = _place(sample, wanted)
    if len(sample[at][1]) > MAX_COLUMNS:
        raise UnreadableFile(TOO_WIDE)
    if wanted.score is None:
        names = _texts(sample[at][1])
    else:
        at, names = _of_two_rows(sample, at, wanted)
        names = _with_nameless(names, [cells for _, cells in sample[at + 1 :]])
    row, cells = sample[at]
    below = [] if wanted.score is None else sample[at + 1 :]
    notes = list(takewhile(lambda record: _are_notes(record[1]), below))
    return Header(row, cells, tuple(names), notes[-1][0] if notes else row)


def score_of(sample: Sequence[Record], wanted: Wanted) -> int:
    """Return how much the best row of a sample looks like a header."""
    return max((_score(cells, wanted) for _, cells in sample), default=0)


def _place(sample: Sequence[Record], wanted: Wanted) -> int:
    if wanted.header_row is not None:
        numbers = [number for number, _ in sample]
        if wanted.header_row not in numbers:
            raise UnreadableFile(NO_SUCH_ROW)
        return numbers.index(wanted.header_row)
    if wanted.score is None:
        return 0
    scores = [_score(cells, wanted) for _, cells in sample]
    best = max(scores)
    if best >= ENOUGH:
        return scores.index(best)
    place = _widest([cells for _, cells in sample])
    # A name in it is chance then, such as an age category.
    if any(_is_contact(cell) for cell in sample[place][1]):
        raise UnreadableFile(NO_NAMES)
    return place


def _score(cells: Sequence[Cell], wanted: Wanted) -> int:
    if wanted.score is None or len(cells) > MAX_COLUMNS:
        return 0
    return wanted.score([cell if _is_name(cell) else "" for cell in cells])  # type: ignore[misc]


def _is_name(cell: Cell) -> bool:
    """Return whether a cell can be the name of a column."""
    return isinstance(cell, str) and len(cell) <= LONGEST_NAME and not _DATA.fullmatch(cell.strip())


def _is_contact(cell: Cell) -> bool:
    text = "" if cell is None else str(cell)
    return len(text) <= LONGEST_NAME and _CONTACT.fullmatch(text.strip()) is not None


def _widest(rows: Sequence[Sequence[Cell]]) -> int:
    """Return the place of the first row that is at least half as wide as the widest one.

    A title that was merged over several columns is one cell.
    """
    widths = [len({cell for cell in cells if cell is not None}) for cells in rows]
    return next(at for at, width in enumerate(widths) if width * 2 >= max(widths))


def _are_notes(cells: Sequence[Cell]) -> bool:
    """Return whether the cells below the names of columns describe these, and are no data."""
    texts = [str(cell).strip() for cell in cells if cell is not None]
    return any(map(_OF_A_SURVEY.fullmatch, texts)) or (
        len(texts) >= ENOUGH and all(map(_NOTE.fullmatch, texts))
    )


def _texts(cells: Sequence[Cell]) -> list[str]:
    return ["" if cell is None else str(cell) for cell in cells]


def _of_two_rows(sample: Sequence[Record], at: int, wanted: Wanted) -> tuple[int, list[str]]:
    """Return the place and the names of a header that is this row, or that and the next one.

    `Date`, `Child`, `Father` may be above `Name` and `Mobile`, with nothing below `Date`. Two rows
    are one header if more fields are known by that.
    """
    names = _joined(sample, at, wanted)
    below = sample[at + 1 : at + 2]
    # A chosen row is the last one of the header. A text alone may be a section's name.
    if wanted.header_row is not None or not below or len({*below[0][1]} - {None}) < ENOUGH:
        return at, names
    if not all(map(_can_name, below[0][1])):
        return at, names
    both = _joined(sample, at + 1, wanted)
    return (at + 1, both) if _score(both, wanted) > _score(names, wanted) else (at, names)


def _can_name(cell: Cell) -> bool:
    return cell is None or _is_name(cell)


def _joined(sample: Sequence[Record], at: int, wanted: Wanted) -> list[str]:
    """Return the names in a row, with those above it if more fields are known by them."""
    row, cells = sample[at]
    above = sample[at - 1] if at and sample[at - 1][0] == row - 1 else None
    names = _with_groups(_texts(cells), above)
    if above is None or len(above[1]) > MAX_COLUMNS or not all(map(_can_name, above[1])):
        return names
    over = _texts(above[1])
    names += [""] * (len(over) - len(names))
    over += [""] * (len(names) - len(over))
    filled = [name if name.strip() else one for name, one in zip(names, over, strict=True)]
    return filled if _score(filled, wanted) > _score(names, wanted) else names[: len(cells)]


def _with_groups(names: list[str], above: Record | None) -> list[str]:
    """Put the name of its group before a name that several columns have.

    A header of two rows has `Player` and `Parent` above, and below each of them `Name`.
    """
    twice = {name for name, count in Counter(names).items() if name and count > 1}
    if not twice or above is None:
        return names
    groups: list[str] = []
    for cell in above[1]:
        groups.append(groups[-1] if cell is None and groups else str(cell or ""))
    if len(set(groups)) < 2 or len(groups) > MAX_COLUMNS:
        return names
    groups += groups[-1:] * (len(names) - len(groups))
    return [
        f"{group} {name}" if name in twice and group and group != name else name
        for name, group in zip(names, groups, strict=False)
    ]


def _with_nameless(names: list[str], below: Sequence[Sequence[Cell]]) -> list[str]:
    """Name the columns that have data but no name, after their letter in the spreadsheet."""
    width = max([len(names), *(min(len(cells), MAX_COLUMNS) for cells in below)])
    named = [*names, *[""] * (width - len(names))]
    for at in range(width):
        if not named[at].strip():
            values = [cells[at] for cells in below if at < len(cells)]
            if any(value is not None for value in values) and not (at == 0 and _count(values)):
                named[at] = f"Column {_letters(at)}"
    while len(named) > len(names) and not named[-1]:
        named.pop()
    return named


def _count(values: Sequence[Cell]) -> bool:
    """Return whether values only count the rows, as programs write them before the first column."""
    texts = [str(value) for value in values]
    start = int(texts[0]) if texts[0] in ("0", "1") else None
    return start is not None and texts == [
        str(number) for number in range(start, start + len(texts))
    ]


def _letters(at: int) -> str:
    """Return the letters of a column: A for 0, AA for 26."""
    letters = ""
    at += 1
    while at:
        at, letter = divmod(at - 1, 26)
        letters = chr(65 + letter) + letters
    return letters
