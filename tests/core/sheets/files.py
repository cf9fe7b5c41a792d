"""Spreadsheets made for the tests: proper ones, and hostile ones that no program would write."""

import csv
import io
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import openpyxl
import xlwt

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

SHEET_PART = "xl/worksheets/sheet1.xml"
ONE_CELL = '<row r="1"><c r="A1" t="inlineStr"><is><t>phone</t></is></c></row>'


@dataclass(frozen=True, slots=True)
class Packed:
    """A raw deflate stream, with the size and the checksum of what it unpacks to."""

    data: bytes
    size: int
    crc: int


def deflated(data: bytes, times: int = 1) -> Packed:
    """`data`, `times` over. The whole is never held; more than once, the checksum is wrong."""
    packer = zlib.compressobj(1 if times == 1 else 9, zlib.DEFLATED, -zlib.MAX_WBITS)
    # After a full flush nothing refers back, so the packed block can be repeated.
    block = packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)
    return Packed(block * times + packer.flush(), len(data) * times, zlib.crc32(data))


def zip_of(parts: Mapping[str, Packed], lie: int | None = None) -> bytes:
    """A zip of these parts, which may lie about what each unpacks to."""
    body, directory = io.BytesIO(), io.BytesIO()
    for name, part in parts.items():
        text = name.encode()
        size = part.size if lie is None else lie
        common = struct.pack(
            "<5H3I2H", 20, 0, 8, 0, 0, part.crc, len(part.data), size, len(text), 0
        )
        directory.write(b"PK\1\2" + struct.pack("<H", 20) + common)
        directory.write(struct.pack("<3H2I", 0, 0, 0, 0, body.tell()) + text)
        body.write(b"PK\3\4" + common + text + part.data)
    start, length = body.tell(), directory.tell()
    count = min(len(parts), 0xFFFF)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, length, start, 0)
    return body.getvalue() + directory.getvalue() + end


def csv_bytes(
    rows: Iterable[Sequence[str]],
    encoding: str = "utf-8",
    delimiter: str = ",",
    end: str = "\r\n",
) -> bytes:
    out = io.StringIO(newline="")
    # The module quotes a line break only where it is the file's own kind.
    if end == "\r\n":
        writer = csv.writer(out, delimiter=delimiter)
    else:
        writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def xlsx_bytes(rows: Iterable[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls_bytes(rows: Iterable[Sequence[object]]) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Leads")
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write(number, column, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def raw_xlsx(
    rows: str = ONE_CELL,
    *,
    head: str = "",
    sheets: int = 1,
    strings: str | None = None,
    more: dict[str, Packed] | None = None,
    leave_out: frozenset[str] = frozenset(),
    prolog: str = "",
) -> bytes:
    """An .xlsx from the XML of its rows; `head` comes before them. All `sheets` are that one."""
    named = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, sheets + 1))
    content = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1"'
        f' Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">'
        f"<sheets>{named}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1"'
        f' Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        SHEET_PART: f'<?xml version="1.0"?>{prolog}<worksheet xmlns="{MAIN}">{head}'
        f"<sheetData>{rows}</sheetData></worksheet>",
    }
    if strings is not None:
        content["xl/sharedStrings.xml"] = strings
    parts = {
        name: deflated(text.encode()) for name, text in content.items() if name not in leave_out
    }
    return zip_of(parts | (more or {}))


def ole(streams: dict[str, bytes]) -> bytes:
    """An OLE2 container with these streams, each padded to whole sectors of 512 bytes."""
    sector, end = 512, 0xFFFFFFFE
    padded = {name: data + bytes(-max(len(data), 4096) % sector) for name, data in streams.items()}
    padded = {name: data.ljust(4096, b"\0") for name, data in padded.items()}
    body = b""
    table: list[int] = []
    places: dict[str, int] = {}
    for name, data in padded.items():
        places[name] = len(table)
        count = len(data) // sector
        table += [len(table) + n + 1 for n in range(count - 1)] + [end]
        body += data

    def entry(name: str, kind: int, start: int, size: int) -> bytes:
        text = name.encode("utf-16-le")
        return (
            text.ljust(64, b"\0")
            + struct.pack("<HBB3I", len(text) + 2, kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, 1)
            + bytes(36)
            + struct.pack("<2IQ", start, size, 0)[:12]
        )

    entries = entry("Root Entry", 5, end, 0)
    for name, data in padded.items():
        entries += entry(name, 2, places[name], len(data))
    entries += bytes(-len(entries) % sector)
    directory = len(table)
    count = len(entries) // sector
    table += [directory + n + 1 for n in range(count - 1)] + [end]
    body += entries
    each = sector // 4
    blocks = 1
    while blocks * each < len(table) + blocks:
        blocks += 1
    first = len(table)
    table += [0xFFFFFFFD] * blocks
    body += struct.pack(f"<{blocks * each}I", *table, *[0xFFFFFFFF] * (blocks * each - len(table)))
    header = (
        bytes.fromhex("D0CF11E0A1B11AE1")
        + bytes(16)
        + struct.pack("<6H", 0x3E, 3, 0xFFFE, 9, 6, 0)
        + struct.pack("<9I", 0, 0, blocks, directory, 0, 4096, end, 0, end)
        + struct.pack("<I", 0)
        + struct.pack("<109I", *range(first, first + blocks), *[0xFFFFFFFF] * (109 - blocks))
    )
    return header + body


def biff(cells: Iterable[tuple[int, int]], dimensions: tuple[int, int] = (1, 1)) -> bytes:
    """The stream of an .xls whose sheet has the number 1 in these (row, column), from 0."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<2H", kind, len(body)) + body

    start = record(0x0809, struct.pack("<2H", 0x0600, 5) + bytes(12))
    name = b"\0\0" + b"\1\0S"
    position = len(start) + 4 + 4 + len(name) + 4
    book = start + record(0x0085, struct.pack("<I", position) + name) + record(0x000A, b"")
    sheet = record(0x0809, struct.pack("<2H", 0x0600, 0x10) + bytes(12))
    rows, columns = dimensions
    sheet += record(0x0200, struct.pack("<2I3H", 0, rows, 0, columns, 0))
    for row, column in cells:
        sheet += record(0x0203, struct.pack("<3Hd", row, column, 0, 1.0))
    return book + sheet + record(0x000A, b"")
