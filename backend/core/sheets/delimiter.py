"""Finds the character that separates the cells of a CSV file. Excel's depends on the country."""

import csv
import io
import re
from itertools import islice

DELIMITERS = (",", ";", "\t")

SAMPLE_RECORDS = 50

# Excel's own first line, such as `sep=;`; programs that rewrite the file may quote it or pad it
# with delimiters.
DECLARED = re.compile(r'"?sep=([^"\r\n\w])"?[,;\t]*(?:\r\n|\r|\n|$)', re.IGNORECASE)


def declared(line: str) -> str | None:
    """Return the delimiter that a first line `sep=…` declares; None for any other line."""
    found = DECLARED.fullmatch(line)
    return found[1] if found else None


def delimiter_of(sample: str, *, whole: bool) -> str:
    """Find the delimiter from the start of a file.

    It is the one that splits the header into several columns and the records below into as many;
    of two such, the one with more columns. A file with one column gives a comma. If the sample
    isn't the `whole` file, its last record may be cut off and isn't counted.
    """
    return max(DELIMITERS, key=lambda delimiter: _score(sample, delimiter, whole))


def _score(sample: str, delimiter: str, whole: bool) -> float:
    records = [record for record in _records(sample, delimiter) if any(map(str.strip, record))]
    if not whole and len(records) > 1:
        records.pop()
    if not records or len(records[0]) == 1:
        return 0.0
    width = len(records[0])
    below = records[1:]
    agreeing = sum(len(record) == width for record in below)
    # Even when no record agrees, the header counts.
    return width * ((agreeing + 0.5) / (len(below) + 0.5))


def _records(sample: str, delimiter: str) -> list[list[str]]:
    lines = io.StringIO(sample, newline="")
    try:
        return list(islice(csv.reader(lines, delimiter=delimiter), SAMPLE_RECORDS))
    except csv.Error:
        # A cell is too long with this delimiter. If it is the right one, reading the file fails.
        return []
