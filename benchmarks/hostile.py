"""Hostile uploads: each must be answered soon, with little memory.

All are refused, except a workbook with one good cell and a false dimension, which can be read as
long as the dimension is ignored.
"""

import http.client
import io
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks import academy
from benchmarks.academy import Academy
from benchmarks.databases import Databases
from benchmarks.figures import Figure, Plan
from benchmarks.servers import Server, serve

BOUND = 2.0
BOUND_OF_MEMORY = 100.0
UPLOAD_MB = 25

_SHEET = "xl/worksheets/sheet1.xml"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="Leads" sheetId="1" r:id="r1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" '
        f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}
_CELL = '<row r="{0}"><c r="{1}{0}" t="inlineStr"><is><t>nearest_tofa</t></is></c></row>'


@dataclass(frozen=True, slots=True)
class Attack:
    """A hostile file.

    `chunked`: it is sent in chunks, without a length. `readable`: all that is wrong with it is a
    claim that nobody needs to believe, so it may be read as well.
    """

    what: str
    filename: str
    content: bytes
    chunked: bool = False
    readable: bool = False


def run(plan: Plan, databases: Databases) -> Iterator[Figure]:
    limit = plan.size(UPLOAD_MB)
    large = b"created_time,phone,nearest_tofa\n" * ((limit + 1) * (1 << 20) // 32)
    attacks = (
        Attack("a zip bomb of 1 GB", "leads.xlsx", bomb(plan.size(1000))),
        Attack("a row bomb", "leads.xlsx", bomb_of_rows(plan.size(1000))),
        Attack("a false dimension", "leads.xlsx", workbook(1, "A", "A1:XFD1048576"), readable=True),
        Attack("one cell at XFD1048576", "leads.xlsx", workbook(1_048_576, "XFD")),
        Attack("a file that is too large", "leads.csv", large),
        Attack("the same file in chunks", "leads.csv", large, chunked=True),
    )
    for kind in plan.databases:
        made = academy.build(databases.create_with_tables(kind))
        for name in plan.servers:
            # A fresh server for each, since files leave memory; at a small size one for all.
            for some in [[attack] for attack in attacks] if plan.share == 1 else [attacks]:
                with serve(name, made.url, MAX_UPLOAD_MB=str(limit)) as server:
                    # The first upload imports modules that are loaded late.
                    send(server, made, Attack("", "leads.csv", academy.spreadsheet(1)))
                    for attack in some:
                        yield from _measure(server, made, attack, f"{kind}, {name}")


def _measure(server: Server, made: Academy, attack: Attack, title: str) -> Iterator[Figure]:
    with server.watch() as memory:
        started = time.perf_counter()
        status = send(server, made, attack)
        seconds = time.perf_counter() - started
    what = f"{title}, {attack.what}"
    right = 400 <= status < 500 or (attack.readable and status == 200)
    yield Figure(f"{what}: wrong answer ({status})", int(not right), "", bound=0)
    yield Figure(f"{what}: time", seconds, "s", bound=BOUND)
    yield Figure(f"{what}: memory", max(memory.above_idle, 0), "MB", bound=BOUND_OF_MEMORY)


def send(server: Server, made: Academy, attack: Attack) -> int:
    """Return the status of the response; 0 for no response."""
    body, headers = academy.form(attack.filename, attack.content)
    connection = server.connect()
    connection.putrequest("POST", "/leads/upload/")
    for name, value in (made.headers | headers).items():
        connection.putheader(name, value)
    try:
        if attack.chunked:
            connection.putheader("Transfer-Encoding", "chunked")
            connection.endheaders()
            for start in range(0, len(body), 65536):
                piece = body[start : start + 65536]
                connection.send(b"%x\r\n%b\r\n" % (len(piece), piece))
            connection.send(b"0\r\n\r\n")
        else:
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
    except OSError:
        # A server may respond and close before it has the whole body.
        pass
    try:
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
    return response.status


def workbook(row: int, column: str, dimension: str = "A1") -> bytes:
    """Return an .xlsx with one cell that declares the given dimension."""
    data = _CELL.format(row, column)
    sheet = (
        f'<worksheet xmlns="{_MAIN}"><dimension ref="{dimension}"/>'
        f"<sheetData>{data}</sheetData></worksheet>"
    )
    return _zip([sheet.encode()])


def bomb(megabytes: int) -> bytes:
    """Return an .xlsx with one huge cell. It expands to so many MB, a thousand times its size."""
    head = f'<worksheet xmlns="{_MAIN}"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>'
    tail = "</t></is></c></row></sheetData></worksheet>"
    return _zip([head.encode(), *[b"0" * 1_000_000] * megabytes, tail.encode()])


def bomb_of_rows(megabytes: int) -> bytes:
    """Return an .xlsx that expands to so many MB of well-formed rows, each of which is parsed."""
    row = b'<row><c t="n"><v>1</v></c></row>'
    block = row * (1_000_000 // len(row))
    head = f'<worksheet xmlns="{_MAIN}"><sheetData>'
    return _zip([head.encode(), *[block] * megabytes, b"</sheetData></worksheet>"])


def _zip(sheet: list[bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, text in _PARTS.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
        with archive.open(_SHEET, "w", force_zip64=True) as part:
            for piece in sheet:
                part.write(piece)
    return file.getvalue()
