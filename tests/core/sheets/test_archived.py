"""A table in a zip archive, as Google Forms and mail programs pack it."""

import io
import random
import zipfile

import pytest

from backend.core.sheets import UnreadableFile, read_table
from backend.core.sheets.archived import NO_FILE, TOO_LARGE
from tests.core.sheets.files import deflated, xlsx_bytes, zip_of

CSV = b"Name,Phone\nAsha,9848012345\nBina,9848012346\n"
ROWS = [(2, ["Asha", "9848012345"]), (3, ["Bina", "9848012346"])]


def packed(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return out.getvalue()


def refused(content: bytes, name: str = "leads.zip") -> str:
    with pytest.raises(UnreadableFile) as caught:
        list(read_table(content, name).rows)
    return str(caught.value)


@pytest.mark.parametrize("name", ["Trial form.csv.zip", "leads.xlsx", "leads.csv"])
def test_the_table_in_an_archive(name: str) -> None:
    table = read_table(packed(responses_csv=CSV), name)
    assert (table.columns, list(table.rows)) == (("Name", "Phone"), ROWS)


def test_a_workbook_in_an_archive_beside_other_files() -> None:
    book = xlsx_bytes([["Name", "Phone"], ["Asha", "9848012345"]])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("export/", b"")
        archive.writestr("export/leads.xlsx", book)
        archive.writestr("export/read me.txt", b"Exported on 5 Nov 2026, by Ravi")
        archive.writestr("__MACOSX/export/._leads.xlsx", b"\0\5\x16\7")
    assert list(read_table(out.getvalue(), "leads.zip").rows) == ROWS[:1]


def test_archives_without_one_table() -> None:
    assert refused(packed(photo_png=b"\x89PNG")) == NO_FILE
    assert "damaged" in refused(packed(photo_png=b"\x89PNG"), "leads.xlsx")
    assert "has 2 tables" in refused(packed(october_csv=CSV, november_csv=CSV))
    assert "PDF" in refused(packed(leads_csv=b"%PDF-1.7"))
    # An archive in an archive is none of a table.
    assert refused(packed(more_zip=packed(leads_csv=CSV))) == NO_FILE


def test_archives_that_unpack_to_too_much() -> None:
    big = deflated(b"a,b\n" * 2**18, 100)
    assert "too large" in refused(zip_of({"leads.csv": big}))
    assert "damaged" in refused(zip_of({"leads.csv": big}, lie=4))
    # It packs too badly to be a bomb, but has more than a server should hold.
    rows = deflated(random.Random(5).randbytes(2**20), 65)
    assert refused(zip_of({"leads.csv": rows})) == TOO_LARGE
