"""Spreadsheets: the bytes of an uploaded file become a table of cells.

The first bytes decide what a file is, since people rename files more often than they convert them:
a zip is read as .xlsx, an OLE2 container as .xls, anything else as the text of a .csv. Text is
parsed here and streamed. A workbook is parsed in a child process with limited memory (`workbook`),
because a file of 5 KB can make any reader of that format allocate terabytes. Neither way holds all
rows at once. `limits` says how large a file may be.
"""

from backend.core.sheets.errors import UnreadableFile
from backend.core.sheets.table import Cell, Record, Table, tabulate

__all__ = ["Cell", "Record", "Table", "UnreadableFile", "read_table"]

ZIP = b"PK"
OLE2 = bytes.fromhex("D0CF11E0A1B11AE1")

EXTENSIONS = (".csv", ".xlsx", ".xls")


def read_table(content: bytes, filename: str) -> Table:
    """Read a .csv, .xlsx or .xls file.

    The header is the first row that isn't blank; in a workbook, of the first visible sheet with
    cells. The cells of a CSV file are str or None, those of a workbook typed: whole numbers are
    int, a day without a time is a date, errors such as `#N/A` are None. Raises UnreadableFile, also
    later, from the rows. Raises RuntimeError when a workbook comes and this host has no Python
    interpreter to start.
    """
    # The child process imports this package too, and needs neither reader.
    from backend.core.sheets import text, workbook

    name = filename.strip().lower()
    if not name.endswith(EXTENSIONS):
        raise UnreadableFile("Only .csv, .xlsx and .xls files can be read.")
    if not content:
        raise UnreadableFile("The file is empty.")
    if content.startswith(OLE2) or (content.startswith(ZIP) and content[2:4] in (b"\3\4", b"\5\6")):
        return tabulate(workbook.records(content))
    if not name.endswith(".csv"):
        raise UnreadableFile(
            "The file is not an Excel workbook, whatever its name;"
            " please save it again as .xlsx or .csv."
        )
    return tabulate(text.records(content))
