"""Finds files in which each whole line is one quoted cell: `"Ravi,9848000201,""U9"",TOFA"`.

Some tools quote each line of a finished CSV file once more. The header may be left as it was.
"""

import csv
import io
import re
from itertools import islice

from backend.core.sheets.delimiter import SAMPLE_RECORDS, find_delimiter

_QUOTED_LINE = re.compile('^[ \t]*"', re.MULTILINE)


def delimiter_within(sample: str, *, whole: bool) -> str | None:
    """Return the character that separates the cells within quoted lines; None for other files.

    If the sample isn't the `whole` file, its last record may be cut off and isn't counted.
    """
    if _QUOTED_LINE.search(sample) is None:
        return None
    # Strictly: in `"Ravi";"9848000201"`, more than the end of a line comes after the quoted cell.
    reader = csv.reader(io.StringIO(sample, newline=""), strict=True)
    try:
        records = list(islice(reader, SAMPLE_RECORDS))
    except csv.Error:
        return None
    if not whole and len(records) > 1:
        records.pop()
    records = [record for record in records if any(map(str.strip, record))]
    if len(records) < 2:
        return None
    header, *below = records
    if not is_line(header):
        # All rows have only one cell, which has as many as the header.
        widths = {len(split(record, ",")) if len(record) == 1 else 0 for record in below}
        return "," if widths == {len(header)} else None
    if not all(map(is_line, below)):
        return None
    found = find_delimiter("\r\n".join(record[0] for record in records), whole=True)
    widths_of_all = [len(split(record, found)) for record in records]
    width = widths_of_all[0]
    return found if width > 1 and set(widths_of_all) == {width} else None


def is_line(record: list[str]) -> bool:
    """Return whether a record has a text in its first cell alone."""
    return bool(record) and not any(map(str.strip, record[1:]))


def split(record: list[str], delimiter: str) -> list[str]:
    """Return the cells within a record's only cell; another record as it is."""
    if not is_line(record):
        return record
    return next(csv.reader(io.StringIO(record[0], newline=""), delimiter=delimiter), [])
