"""What a file is, by its content: whatever isn't a spreadsheet is named."""

import gzip
import io
import zipfile

import pytest

from backend.core.sheets import UnreadableFile, read_table
from backend.core.sheets.kinds import Kind, kind_of
from tests.core.sheets.files import xls_bytes, xlsx_bytes


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"a,b\n1,2\n", Kind.TEXT),
        (b"<name>,phone\n1,2\n", Kind.TEXT),
        (b"{name},phone\n1,2\n", Kind.TEXT),
        (b"[1],2\n", Kind.TEXT),
        (b"Name: x\nContent: y\n", Kind.TEXT),
        (b"PK,b\n1,2\n", Kind.TEXT),
        (xlsx_bytes([["a"]]), Kind.WORKBOOK),
        (xls_bytes([["a"]]), Kind.WORKBOOK),
        (b"<table><tr><td>a", Kind.PAGE),
        (b"\n\n <!-- x --><HTML>", Kind.PAGE),
        ("\ufeff<!doctype html>".encode("utf-16-le"), Kind.PAGE),
        (b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?><Workbook>', Kind.PAGE),
        (b'<?xml version="1.0"?><ss:Workbook>', Kind.PAGE),
        (b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Asha\r\nEND:VCARD\r\n", Kind.CONTACTS),
        ("\ufeffbegin:vcard\n".encode("utf-16-le"), Kind.CONTACTS),
        (b'[{"name": "Asha"}]', Kind.OBJECTS),
        (b'{"leads": []}', Kind.OBJECTS),
        (b'[["name"]]', Kind.OBJECTS),
    ],
)
def test_kinds(content: bytes, kind: Kind) -> None:
    assert kind_of(content) is kind


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%PDF-1.7\n", "a PDF"),
        (b"\x89PNG\r\n", "a picture"),
        (b"{\\rtf1 hello}", "a text document"),
        (gzip.compress(b"a,b\n", mtime=0), "compressed"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related; x\n", "a web archive"),
        (b'<?xml version="1.0"?><leads/>', "XML"),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "a calendar"),
    ],
)
def test_what_is_no_spreadsheet_is_named(content: bytes, what: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_table(content, "leads.csv")
    assert what in str(caught.value)
    assert str(caught.value).endswith("please save it as .xlsx or .csv.")


def test_a_binary_workbook_is_named() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("xl/workbook.bin", b"x")
    with pytest.raises(UnreadableFile, match="xlsb"):
        read_table(out.getvalue(), "leads.xlsx")
