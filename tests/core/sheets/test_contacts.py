"""Contacts of phones and mail programs: each is a row, and nothing that a person wrote is lost."""

import pytest

from backend.core.sheets import Cell, UnreadableFile, read_table

# As Android writes them: vCard 2.1, with quoted characters and a picture.
ANDROID = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E0=A4=B0=E0=A4=BE=E0=A4=B5;=E0=A4=AE=E0=A5=80=E0=A4=B0=
=E0=A4=BE;;;
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E0=A4=AE=E0=A5=80=E0=A4=B0=E0=A4=BE=20=E0=A4=B0=E0=A4=BE=
=E0=A4=B5
TEL;CELL;PREF:+917013010011
TEL;HOME:040-23456789
EMAIL;HOME:mira@x.example
PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQSkZJRgABAQEASABIAAD
 AAAAAAAAAAAAAA

X-ANDROID-CUSTOM:vnd.android.cursor.item/nickname;Mimi;1
END:VCARD
"""
APPLE = """BEGIN:VCARD
VERSION:3.0
PRODID:-//Apple Inc.//iPhone OS 18.1//EN
N:Rao;Asha;;Mrs.;
item1.TEL;type=CELL;type=pref:70130 10012
item1.X-ABLabel:Mother
TEL:7013010012
ORG:Green School;Class 4
ADR;TYPE=home:;;12 Lake Road\\, Block 2;Hyderabad;TS;500032;India
NOTE:wants evenings\\nU9\\; boys
BDAY:2015-05-14
CATEGORIES:TOFA Tellapur
REV:2026-11-05T10:00:00Z
END:VCARD
"""
NEWEST = """BEGIN:VCARD
VERSION:4.0
FN:Ravi
TEL;VALUE=uri;TYPE="voice,home":tel:+91-70130-10013
TEL;VALUE=uri:tel:+917013010014
EMAIL:ravi@x.exam
 ple
EMAIL:mailto:ravi2@x.example
X-WHATSAPP:7013010015
END:VCARD
"""


def rows(content: str | bytes, name: str = "contacts.vcf") -> list[dict[str, Cell]]:
    table = read_table(content.encode() if isinstance(content, str) else content, name)
    assert table.header_row == 1
    return [
        {name: cell for name, cell in zip(table.columns, cells, strict=True) if cell is not None}
        for _, cells in table.rows
    ]


MIRA = {
    "Name": "मीरा राव", "Phone": "+917013010011", "Phone 2": "040-23456789",
    "Email": "mira@x.example", "Android Custom": "vnd.android.cursor.item/nickname;Mimi;1",
}  # fmt: skip
ASHA = {
    "Name": "Mrs. Asha Rao", "Phone": "70130 10012", "Phone 2": "7013010012",
    "Organization": "Green School, Class 4", "Birthday": "2015-05-14", "Groups": "TOFA Tellapur",
    "Address": "12 Lake Road, Block 2, Hyderabad, TS, 500032, India",
    "Notes": "wants evenings\nU9; boys",
}  # fmt: skip
RAVI = {
    "Name": "Ravi", "Phone": "+91-70130-10013", "Phone 2": "+917013010014",
    "Email": "ravi@x.example", "Email 2": "ravi2@x.example", "Whatsapp": "7013010015",
}  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_each_version(end: str, encoding: str) -> None:
    text = (ANDROID + APPLE + NEWEST).replace("\n", end)
    assert rows(text.encode(encoding)) == [MIRA, ASHA, RAVI]


def test_a_large_picture_costs_nothing() -> None:
    picture = "PHOTO;ENCODING=b;TYPE=JPEG:" + ("A" * 74 + "\n ") * 40_000 + "A=\n"
    assert rows(NEWEST.replace("FN:", picture + "FN:")) == [RAVI]


def test_the_content_decides() -> None:
    assert rows(NEWEST, "contacts.csv") == [RAVI]
    assert rows(NEWEST.removesuffix("END:VCARD\n")) == [RAVI], "the file was cut off"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("FN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Zo=EB", "Zoë"),
        ("FN;QUOTED-PRINTABLE:Zo=C3=AB", "Zoë"),
        ("FN;CHARSET=NONE;ENCODING=QUOTED-PRINTABLE:Zo=EB", "Zoë"),
        ("FN;QUOTED-PRINTABLE:Zo=\n=C3=\n\n=AB", "ZoÃ"),
        ("FN;QUOTED-PRINTABLE:=\nZo=\n=C3=\n=AB", "Zoë"),
        ("FN;ENCODING=QUOTED-\n PRINTABLE:Zo=\n=C3=\n=AB", "Zoë"),
        ("FN:Z=\n o", "Z=o"),
        ("fn:Zoë", "Zoë"),
        ("FN:Zo\\\\ë", "Zo\\ë"),
    ],
)
def test_a_name_in_each_encoding(line: str, told: str) -> None:
    (row,) = rows(f"BEGIN:VCARD\n{line}\nTEL:1\nEND:VCARD\n")
    assert row == {"Name": told, "Phone": "1"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n", "no contacts"),
        ("Dear all\nplease call\n", "no contacts"),
        ("BEGIN:VCARD\nNOTE:" + "x\n " * 200_000, "characters"),
        ("BEGIN:VCARD\n" + "".join(f"X-{n}:1\n" for n in range(501)), "columns"),
        (b"BEGIN:VCARD\nFN:" + b"x" * 200_000, "characters"),
    ],
)
def test_what_is_refused(content: str | bytes, sentence: str) -> None:
    with pytest.raises(UnreadableFile, match=sentence):
        rows(content)
