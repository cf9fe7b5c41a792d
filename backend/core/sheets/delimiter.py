"""Finds the character that separates the cells of a CSV file. Excel's depends on the country."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice

DELIMITERS = (",", ";", "\t", "|", "^", "~")

# What is no delimiter of its own: signs of quoting, and of names, dates, emails and phones.
_NO_DELIMITERS = frozenset("\"'\\_-./@+()[]{}<>?&\r\n\ufeff\ufffd")

SAMPLE_RECORDS = 50

# Excel's own first line, such as `sep=;`; programs that rewrite the file may quote it or pad it
# with delimiters.
DECLARED = re.compile(r'"?sep=([^"\r\n\w])"?[,;\t]*(?:\r\n|\r|\n|$)', re.IGNORECASE)


def declared(line: str) -> str | None:
    """Return the delimiter that a first line `sep=…` declares; None for any other line."""
    found = DECLARED.fullmatch(line)
    return found[1] if found else None


def find_delimiter(sample: str, *, whole: bool) -> str:
    """Find the delimiter from the start of a file.

    It is the one that splits the header into several columns and the records below into as many;
    of two such, the one with more columns. Where no delimiter does so for most records, there may
    be a title above the header: then it is the one that splits the most records alike. A file with
    one column gives a comma. If the sample isn't the `whole` file, its last record may be cut off
    and isn't counted.
    """
    widths = {delimiter: _widths(sample, delimiter, whole) for delimiter in DELIMITERS}
    found = max(DELIMITERS, key=lambda delimiter: _score(widths[delimiter]))
    if _agrees(widths[found]):
        return found
    other = max(DELIMITERS, key=lambda delimiter: _score_below_a_title(widths[delimiter]))
    if _score_below_a_title(widths[other]) > _score(widths[found]):
        return other
    return found if _score(widths[found]) > 0 else _rare(sample, whole) or found


def is_divided(sample: str, delimiter: str) -> bool:
    """Return whether a usual delimiter splits most records into several cells, and alike."""
    if delimiter not in DELIMITERS:
        return False
    widths = _widths(sample, delimiter, True)
    return len(widths) > 1 and (_agrees(widths) or _score_below_a_title(widths) > 1)


def splits_header(sample: str, delimiter: str) -> bool:
    """Return whether a delimiter splits the first record, or most of those below a title."""
    widths = _widths(sample, delimiter, True)
    return bool(widths) and (_agrees(widths) or _score_below_a_title(widths) > 1)


def _rare(sample: str, whole: bool) -> str | None:
    """Return a delimiter that few programs use, if it splits all records into as many cells."""
    header = next((line for line in sample.splitlines() if line.strip()), "")
    for mark in dict.fromkeys(header):
        if mark.isalnum() or mark.isspace() or mark in _NO_DELIMITERS:
            continue
        widths = _widths(sample, mark, whole)
        if len(widths) > 1 and widths[0] > 1 and len(set(widths)) == 1:
            return mark
    return None


def is_spaced(sample: str, delimiter: str) -> bool:
    """Return whether spaces come before the quotation marks of cells: `a, "b, c"`."""
    if re.search(f'{re.escape(delimiter)} +"', sample) is None:
        return False
    ways = (_widths(sample, delimiter, True, spaced) for spaced in (False, True))
    plain, spaced = (widths.count(widths[0]) if widths else 0 for widths in ways)
    return spaced > plain


def _widths(sample: str, delimiter: str, whole: bool, spaced: bool = False) -> list[int]:
    """Return how many cells each record has that isn't blank."""
    records = [
        record for record in _records(sample, delimiter, spaced) if any(map(str.strip, record))
    ]
    if not whole and len(records) > 1:
        records.pop()
    return [len(record) for record in records]


def _score(widths: Sequence[int]) -> float:
    if not widths or widths[0] == 1:
        return 0.0
    width, *below = widths
    # Even when no record agrees, the header counts.
    return width * ((below.count(width) + 0.5) / (len(below) + 0.5))


def _agrees(widths: Sequence[int]) -> bool:
    """Return whether at least half of the records are as wide as the header."""
    return _score(widths) > 0 and widths.count(widths[0]) * 2 >= len(widths)


def _score_below_a_title(widths: Sequence[int]) -> float:
    """Return the same for the most usual width, which a header and a row have at least."""
    if not widths:
        return 0.0
    width, count = max(Counter(widths).items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
    return width * count / len(widths) if width > 1 and count > 1 else 0.0


def _records(sample: str, delimiter: str, spaced: bool) -> list[list[str]]:
    lines = io.StringIO(sample, newline="")
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=spaced)
    try:
        return list(islice(reader, SAMPLE_RECORDS))
    except csv.Error:
        # A cell is too long with this delimiter. If it is the right one, reading the file fails.
        return []
