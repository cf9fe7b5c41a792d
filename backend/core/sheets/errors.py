"""The one error that reading a spreadsheet raises, and its sentences for several places."""

DAMAGED = "The workbook is damaged; please save it again as .xlsx or .csv."
LOCKED = "The workbook has a password; please save it without one."
TOO_LARGE = (
    "The workbook is too large to be read; please save it as .csv, or split it into several files."
)
NO_CONTACTS = "The file has no contacts in it."
NO_OBJECTS = "The file has no list of JSON objects in it; please save it as .xlsx or .csv."


class UnreadableFile(ValueError):
    """The file can't be read as a table.

    `str(error)` is a plain sentence for the person who uploaded the file. It says what to do, and
    never contains a path, a Python error or text from the file.
    """
