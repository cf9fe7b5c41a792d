"""Spreadsheets: the bytes of an uploaded file become a table of cells.

The first bytes decide what a file is, since people rename files more often than they convert them
(`kinds`). Text is parsed here and streamed. All others are parsed in a child process with limited
memory (`workbook`), because a file of 5 KB can make any reader of that format allocate
terabytes. Neither way holds all rows at once. `limits` says how large a file may be.
"""

from backend.core.sheets.errors import NO_CONTACTS, NO_OBJECTS, UnreadableFile
from backend.core.sheets.table import Cell, Record, Sheet, Table, Wanted

__all__ = ["Cell", "Record", "Sheet", "Table", "UnreadableFile", "Wanted", "read_table"]

# Texts, by the names that programs give them.
_TEXTS = (".csv", ".tsv", ".txt", ".tab")
_ARCHIVE = ".zip"
_CONTACTS = (".vcf", ".vcard")
_OBJECTS = (".json", ".jsonl", ".ndjson")
EXTENSIONS = (
    *_TEXTS, ".xlsx", ".xls", ".ods", ".xlsm", ".html", ".htm", ".xml", *_CONTACTS, *_OBJECTS
)  # fmt: skip

OTHER_NAME = (
    "Only .csv, .txt, .xlsx, .xls, .ods, .vcf and .json files can be read; please save it as .xlsx"
    " or .csv."
)
NOT_WORKBOOK = (
    "The file is not an Excel workbook, whatever its name; please save it again as .xlsx or .csv."
)


def read_table(content: bytes, filename: str, wanted: Wanted | None = None) -> Table:
    """Read a file of text (.csv, .txt), a workbook (.xlsx, .xls, .ods), a page with a table,
    contacts (.vcf), or JSON.

    One of these in a zip archive is read, too. The content decides, not the name: a text that is
    called a workbook must only have columns.

    The header is the first row that isn't blank; in a workbook, of the first visible sheet with
    cells: unless more is `wanted`. The cells of a text are str or None, those of a workbook typed:
    whole numbers are int, a day without a time is a date, errors such as `#N/A` are None. Raises
    UnreadableFile, also later, from the rows. Raises RuntimeError when a workbook comes and this
    host has no Python interpreter to start.
    """
    # The child process imports this package too, and needs none of these.
    from backend.core.sheets import archived, encoding, kinds, text, workbook
    from backend.core.sheets.kinds import Kind
    from backend.core.sheets.tabulate import tabulate

    name = filename.strip().lower()
    if not name.endswith((*EXTENSIONS, _ARCHIVE)):
        raise UnreadableFile(OTHER_NAME)
    if not content:
        raise UnreadableFile("The file is empty.")
    if content.startswith(kinds.ZIPS):
        content, name = archived.unpacked(content, name) or (content, name)
    elif not content.startswith(kinds.OLE2):
        content = encoding.without_padding(content)
    kind = kinds.kind_of(content)
    wanted = wanted or Wanted()
    if kind is not Kind.TEXT:
        return workbook.read(content, wanted, kind)
    if name.endswith(_ARCHIVE):
        raise UnreadableFile(OTHER_NAME)
    if not name.endswith(_TEXTS) and not text.has_columns(content):
        raise UnreadableFile(_not_as_named(name))
    return tabulate(text.records(content), wanted)


def _not_as_named(name: str) -> str:
    """Return what to say of a text that isn't what its name says."""
    if name.endswith((*_CONTACTS, *_OBJECTS)):
        return NO_CONTACTS if name.endswith(_CONTACTS) else NO_OBJECTS
    return NOT_WORKBOOK
