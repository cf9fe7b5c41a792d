"""How large a spreadsheet may be.

Files come from strangers and are read on small hosts. Whatever is in one, reading it stays within
these limits, and ends with a sentence instead of a dead process.
"""

MAX_COLUMNS = 500
"""Meta's widest export has about 40. A dense sheet of Excel's 16,384 columns would cost
gigabytes.
"""

MAX_ROWS = 1_000_000
"""Excel's own limit is 1,048,576; an academy's file of all its years stays far below."""

MAX_CELLS = 4_000_000
"""Of a workbook: its last row times its last column, since the reader allocates that rectangle,
used or not.
"""

MAX_CELL_CHARACTERS = 4 * 32_767
"""Excel stops at 32,767 characters, other programs later. More is a quotation mark that was never
closed.
"""

MAX_RECORD_CHARACTERS = 2_000_000
"""Of one row of a CSV file, so that a file without line ends isn't split into millions of cells."""

MAX_PARTS = 2_000
"""Files inside an .xlsx. One of a hundred sheets and as many pictures has some hundreds."""

MAX_SHEETS = 200
"""Sheets that are searched for the first one with cells."""

MAX_INFLATED = 300 * 2**20
"""Bytes that an .xlsx may unpack to: the XML of `MAX_CELLS` cells has about 250 MB."""

MAX_RATIO = 100
"""How many times its size an .xlsx may unpack to. Sheets reach 10 to 50, zip bombs begin at
1,000.
"""

RATIO_FREE = 16 * 2**20
"""Bytes up to which the ratio isn't checked: small files of equal rows compress well."""

MAX_TAG = 2**20
"""Bytes from one `<` to the next in a sheet's XML: a cell of `MAX_CELL_CHARACTERS` fits."""

MAX_FRAME = 64 * 2**20
"""Bytes of one message from the reading process: the server never holds a whole sheet."""

MEMORY = 512 * 2**20
"""Bytes of address space that the reading process may ever have."""

CPU_SECONDS = 20
"""Processor time of the reading process; `MAX_CELLS` cells take about 8 on a slow machine."""

WAIT_SECONDS = 30.0
"""How long the server waits for the reading process, all its waits together."""
