"""Workbooks made to hurt: each ends in a sentence, within 100 MB, and the server lives.

Each is read by a fresh Python, so that its figures and those of its child are this file's alone.
"""

import json
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest

from tests.core.sheets.files import (
    ONE_CELL,
    SHEET_PART,
    biff,
    deflated,
    ole,
    raw_xlsx,
    xls_bytes,
    xlsx_bytes,
    zip_of,
)
from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[3]
MEGABYTES = 100

MEASURE = """
import json, sys
from pathlib import Path
from backend.core.sheets import UnreadableFile, read_table

content = Path(sys.argv[1]).read_bytes()
try:
    answer = {"rows": sum(1 for _ in read_table(content, "leads.xlsx").rows)}
except UnreadableFile as error:
    answer = {"sentence": str(error)}
answer["megabytes"] = 0.0
if sys.platform == "linux":
    import resource

    # Read its own peak: getrusage includes the memory inherited from the parent.
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    own = int(status["VmHWM"].split()[0])
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    answer["megabytes"] = (own + child) / 1024
print(json.dumps(answer))
"""


def cell(place: str, value: str = "<v>1</v>") -> str:
    row = "".join(filter(str.isdigit, place))
    return f'<row r="{row}"><c r="{place}">{value}</c></row>'


def one_cell_far_out() -> bytes:
    return raw_xlsx(ONE_CELL + cell("XFD1048576"))


SPACES = deflated(b" " * 2**20, 1000)


def bomb_in_the_sheet() -> bytes:
    return raw_xlsx(more={SHEET_PART: SPACES})


def bomb_of_rows() -> bytes:
    rows = b'<sheetData/><row r="2"><c r="A2"><v>1</v></c></row>' * 1000
    return raw_xlsx(more={SHEET_PART: deflated(rows, 20_000)})


def bomb_in_the_strings() -> bytes:
    return raw_xlsx(more={"xl/sharedStrings.xml": SPACES})


def bomb_in_many_parts() -> bytes:
    picture = deflated(bytes(2**20), 10)
    return raw_xlsx(more={f"xl/media/{n}.png": picture for n in range(100)})


def nested_zip() -> bytes:
    return raw_xlsx(more={"xl/embedded.zip": deflated(bomb_in_many_parts())})


def overlapping_parts() -> bytes:
    """One packed megabyte that a thousand entries of the directory share."""
    out = BytesIO()
    packed = zlib.compress(bytes(10**7), 9)[2:-4]
    crc = zlib.crc32(bytes(10**7))
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(packed), 10**7, 1, 0)
    out.write(local + b"a" + packed)
    start = out.tell()
    for _ in range(1000):
        out.write(
            struct.pack(
                "<4s6H3I5H2I",
                b"PK\1\2",
                20,
                20,
                0,
                8,
                0,
                0,
                crc,
                len(packed),
                10**7,
                1,
                0,
                0,
                0,
                0,
                0,
                0,
            )
            + b"a"
        )
    length = out.tell() - start
    out.write(struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1000, 1000, length, start, 0))
    return out.getvalue()


def lying_sizes() -> bytes:
    """A bomb whose entries say that they unpack to 100 bytes."""
    return zip_of({"xl/workbook.xml": SPACES, SHEET_PART: SPACES}, lie=100)


def truncated() -> bytes:
    content = xlsx_bytes([["a", "b"]] + [[1, 2]] * 1000)
    return content[: len(content) // 2]


def broken_inside() -> bytes:
    content = bytearray(xlsx_bytes([["a", "b"]] + [[n, str(n)] for n in range(3000)]))
    content[4000:4100] = b"\xa5" * 100
    return bytes(content)


def no_workbook() -> bytes:
    return raw_xlsx(leave_out=frozenset({"xl/workbook.xml"}))


def no_sheet() -> bytes:
    return raw_xlsx(leave_out=frozenset({SHEET_PART}))


def some_other_zip() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("readme.txt", "hello")
    return out.getvalue()


def an_ods() -> bytes:
    repeated = (
        '<table:table-row table:number-rows-repeated="1048576"><table:table-cell'
        ' table:number-columns-repeated="16384" office:value-type="float" office:value="1"/>'
    )
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", repeated)
    return out.getvalue()


def slipped_names() -> bytes:
    names = ("../../../../tmp/slipped", "/etc/slipped", "..\\slipped")
    return raw_xlsx(more=dict.fromkeys(names, deflated(b"x")), leave_out=frozenset({SHEET_PART}))


def a_hundred_thousand_parts() -> bytes:
    return zip_of(dict.fromkeys(map("s{}".format, range(100_000)), deflated(b"")))


def a_hundred_thousand_sheets() -> bytes:
    return raw_xlsx("", sheets=100_000)


def entities() -> bytes:
    lines = ['<!ENTITY a "lol">']
    lines += [
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    value = '<c r="A1" t="str"><v>&i;</v></c><c r="B1" t="str"><v>&f;</v></c>'
    file = '<!ENTITY f SYSTEM "file:///etc/passwd">'
    return raw_xlsx(f'<row r="1">{value}</row>', prolog=f"<!DOCTYPE x [{''.join(lines)}{file}]>")


def odd_spellings() -> dict[str, Callable[[], bytes]]:
    """The cell far out, as no program writes it but as the reader would still take it."""
    odd = {
        "single quotes": "<c r='XFD1048576'><v>1</v></c>",
        "spaces": '<c r = "XFD1048576"><v>1</v></c>',
        "line breaks": '<c\nr\n=\n"XFD1048576"><v>1</v></c>',
        "no space": '<c s="1"r="XFD1048576"><v>1</v></c>',
        "a prefix": '<x:c r="XFD1048576"><x:v>1</x:v></x:c>',
        "two of them": '<c r="A2" r="XFD1048576"><v>1</v></c>',
        "lower case": '<c r="xfd1048576"><v>1</v></c>',
        "an angle": '<c s=">" r="XFD1048576"><v>1</v></c>',
        "looks empty": '<c x=\'r="A1"/>\' r="XFD1048576"><v>1</v></c>',
        "a long row": "<c><v>1</v></c>" * 17_000,
        "a late row": '</row><row r="1048576">' + "<c><v>1</v></c>" * 400,
        "a comment": "<c><v>1</v></c><!--</row>-->" * 17_000,
        "too many digits": '<c r="A99999999999"><v>1</v></c>',
        "too many letters": '<c r="AAAAAAAA1"><v>1</v></c>',
        "rows beyond the last": '</row><row r="4294967295"><c><v>1</v></c>',
    }
    return {
        f"a cell far out, {name}": partial(raw_xlsx, f"{ONE_CELL}<row>{xml}</row>")
        for name, xml in odd.items()
    }


def a_long_tag() -> bytes:
    return raw_xlsx(f'{ONE_CELL}<row r="2"><c {" " * 3_000_000} r="XFD1048576"><v>1</v></c></row>')


def one_long_string_many_times() -> bytes:
    """300 MB of text from a file of 1 MB: each cell that shares it becomes a copy."""
    strings = f"<sst><si><t>{'ab' * 15_000}</t></si></sst>"
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 20_001))
    return raw_xlsx(rows, strings=strings)


def xls_of(stream: bytes) -> bytes:
    return ole({"Workbook": stream})


def xls_in_a_circle() -> bytes:
    content = bytearray(xls_of(biff([(0, 0)] * 500)))
    table = struct.unpack_from("<I", content, 76)[0]
    struct.pack_into("<I", content, (table + 1) * 512, 0)
    return bytes(content)


def corrupt_xls() -> bytes:
    content = bytearray(xls_bytes([["a", "b"]] + [[n, str(n)] for n in range(2000)]))
    for at in range(600, len(content), 97):
        content[at] ^= 0xFF
    return bytes(content)


def encrypted() -> bytes:
    return ole({"EncryptionInfo": bytes(200), "EncryptedPackage": bytes(5000)})


REFUSED: dict[str, Callable[[], bytes]] = {
    "one cell far out": one_cell_far_out,
    "a bomb in the sheet": bomb_in_the_sheet,
    "a bomb of rows": bomb_of_rows,
    "a bomb in the strings": bomb_in_the_strings,
    "a bomb in many parts": bomb_in_many_parts,
    "overlapping parts": overlapping_parts,
    "lying sizes": lying_sizes,
    "truncated": truncated,
    "broken inside": broken_inside,
    "no workbook": no_workbook,
    "no sheet": no_sheet,
    "some other zip": some_other_zip,
    "an .ods": an_ods,
    "slipped names": slipped_names,
    "a hundred thousand parts": a_hundred_thousand_parts,
    "a hundred thousand sheets": a_hundred_thousand_sheets,
    "entities": entities,
    "a long tag": a_long_tag,
    "one long string many times": one_long_string_many_times,
    "an empty zip": lambda: b"PK\5\6" + bytes(18),
    "four bytes of a zip": lambda: b"PK\3\4",
    "an xls cell far out": lambda: xls_of(biff([(0, 0), (65535, 65535)])),
    "an xls row far out": lambda: xls_of(biff([(0, 0), (65535, 255)])),
    "an xls that claims to be large": lambda: xls_of(biff([(0, 0)], (2**32 - 1, 65535))),
    "an xls in a circle": xls_in_a_circle,
    "a corrupt xls": corrupt_xls,
    "half an xls": lambda: xls_bytes([["a"]] * 3000)[:9000],
    "eight bytes of an xls": lambda: bytes.fromhex("D0CF11E0A1B11AE1"),
    "a header of an xls": lambda: bytes.fromhex("D0CF11E0A1B11AE1") + b"\xff" * 600,
    "a password": encrypted,
    "JSON of brackets": lambda: b"[" + b"[]," * 500_000 + b"[]]",
    "JSON that is nested deep": lambda: b'[{"a":' * 500_000,
    "JSON of many names": lambda: b"[" + b",".join(b'{"%d":1}' % n for n in range(1000)) + b"]",
    "JSON of one wide object": lambda: b'{"a": [{"b": "' + b"x" * 2_000_000 + b'"}]}',
    "contacts without an end": lambda: b"BEGIN:VCARD\n" + b"X:\n" * 500_000,
    "contacts of quoted lines": lambda: b"BEGIN:VCARD\nFN;QUOTED-PRINTABLE:" + b"=41=\n" * 200_000,
    **odd_spellings(),
}


def measured(content: bytes, folder: Path) -> dict[str, object]:
    path = folder / "hostile"
    path.write_bytes(content)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    out = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)],
        stdout=subprocess.PIPE,
        env=environment,
        timeout=PATIENCE,
        check=True,
    ).stdout
    answer: dict[str, object] = json.loads(out)
    return answer


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused(name: str, tmp_path: Path) -> None:
    content = REFUSED[name]()
    answer = measured(content, tmp_path)
    assert "sentence" in answer, answer
    assert str(answer["sentence"]).endswith(".")
    assert isinstance(answer["megabytes"], float)
    assert answer["megabytes"] < MEGABYTES, answer


def test_a_password_is_named(tmp_path: Path) -> None:
    assert "password" in str(measured(encrypted(), tmp_path)["sentence"])


def test_a_dimension_that_is_none_is_damage(tmp_path: Path) -> None:
    content = raw_xlsx(ONE_CELL + cell("A2"), head='<dimension ref=""/>')
    assert "damaged" in str(measured(content, tmp_path).get("sentence"))


@pytest.mark.parametrize("claim", ["A1", "ZZZZ99999999:A1"])
def test_a_dimension_that_is_too_small_is_not_believed(claim: str, tmp_path: Path) -> None:
    content = raw_xlsx(ONE_CELL + cell("A2"), head=f'<dimension ref="{claim}"/>')
    answer = measured(content, tmp_path)
    assert answer.get("rows") == 1
    assert isinstance(answer["megabytes"], float)
    assert answer["megabytes"] < MEGABYTES


@pytest.mark.parametrize("claim", ["A1:XFD1048576", "A1:SZ2", "XFD1048576", "A1:H1048576"])
def test_a_dimension_up_to_the_last_cell_of_a_sheet_costs_nothing(
    claim: str, tmp_path: Path
) -> None:
    """Excel claims it where a style was given to whole columns."""
    styled = '<row r="1048576"><c r="H1048576" s="1"/></row>'
    content = raw_xlsx(ONE_CELL + cell("A2") + styled, head=f'<dimension ref="{claim}"/>')
    answer = measured(content, tmp_path)
    assert answer.get("rows") == 1
    assert isinstance(answer["megabytes"], float)
    assert answer["megabytes"] < MEGABYTES


@pytest.mark.parametrize("claim", ["A1:ZZZZ9", "A1:A9999999", "A1:XFE9", "A1:A1048577"])
def test_a_dimension_that_is_too_large_is_refused(claim: str, tmp_path: Path) -> None:
    content = raw_xlsx(ONE_CELL + cell("A2"), head=f'<dimension ref="{claim}"/>')
    answer = measured(content, tmp_path)
    assert "more than" in str(answer.get("sentence"))


def test_an_archive_within_is_never_unpacked(tmp_path: Path) -> None:
    answer = measured(nested_zip(), tmp_path)
    assert answer["rows"] == 0
