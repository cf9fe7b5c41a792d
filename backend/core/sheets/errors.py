"""The one error that reading a spreadsheet raises, and the sentences that several places say."""

DAMAGED = "The workbook is damaged; please save it again as .xlsx or .csv."
LOCKED = "The workbook has a password; please save it without one."
TOO_LARGE = (
    "The workbook is too large to be read; please save it as .csv, or split it into several files."
)


class UnreadableFile(ValueError):
    """The file can't be read as a table.

    `str(error)` is one plain sentence for the person who uploaded the file. It says what to mend,
    and never holds a path, a Python error or anything that stands in the file.
    """
