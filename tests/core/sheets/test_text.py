"""CSV files: encodings, delimiters, quotes, limits."""

import tracemalloc
from pathlib import Path

import pytest

from backend.core.sheets import Cell, UnreadableFile, read_table
from backend.core.sheets.encoding import encoding_of
from backend.core.sheets.limits import MAX_CELL_CHARACTERS, MAX_COLUMNS, MAX_ROWS
from tests.core.sheets.files import csv_bytes

SAMPLES = Path(__file__).parents[2] / "samples"

HEADER = ("created_time", "player_name", "phone", "address_and_pincode")
ROW = ("2025-12-04", "Zoë D’Souza", "+91 98480 00113", "Flat 1, Lake View; 5\n2nd gate")


def read(
    content: bytes, filename: str = "leads.csv"
) -> tuple[tuple[str, ...], list[tuple[int, list[Cell]]]]:
    table = read_table(content, filename)
    return table.columns, list(table.rows)


def refused(content: bytes, filename: str = "leads.csv") -> str:
    with pytest.raises(UnreadableFile) as caught:
        read(content, filename)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "Error" not in sentence
    return sentence


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8-sig", b""),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("cp1252", b""),
    ],
)
def test_encodings_and_delimiters(encoding: str, mark: bytes, delimiter: str) -> None:
    content = mark + csv_bytes([HEADER, ROW], encoding, delimiter)
    assert read(content) == (HEADER, [(2, list(ROW))])


def test_metas_export() -> None:
    columns, rows = read((SAMPLES / "meta-leads-center-export.csv").read_bytes())
    assert (columns[0], columns[-1], len(rows)) == ("id", "lead_status", 60)
    assert str(rows[0][1][0]).startswith("l:428")


def test_a_shared_sheet() -> None:
    columns, rows = read((SAMPLES / "shared-sheet.csv").read_bytes())
    assert columns[-1] == "_which_is_the_nearest_tofa_center_to_you?"
    assert rows[0][1][5] == "Flat 110,\nLake View, 502020"


def test_bytes_that_windows_1252_lacks_are_latin_1() -> None:
    assert read(b"name,phone\r\nJos\xe9\x81,1\r\n")[1] == [(2, ["José\x81", "1"])]


@pytest.mark.parametrize(
    "text",
    [
        "Zoë D’Souza", "José “Pepe” García", "JOSÉ", "12 – 3 Café Street", "François", "Müller",
        "Åsa", "São Paulo", "l’été", "JOSÉ GARCÍA",
    ],
)  # fmt: skip
def test_mac_roman_is_not_windows_1252(text: str) -> None:
    """Each has the bytes of another text in the other encoding."""
    for encoding in ("mac_roman", "cp1252"):
        content = f"name,phone\r{text},1\r".encode(encoding)
        assert read(content)[1] == [(2, [text, "1"])], encoding


@pytest.mark.parametrize(
    "text",
    ["Muñoz", "Ramón", "Luis Muñoz", "María Ibáñez Castañeda", "Ordóñez", "niño", "Año 2026"],
)
def test_a_dash_within_a_name_is_a_letter_of_mac_roman(text: str) -> None:
    for end in ("\r", "\r\n"):
        content = f'name,phone{end}"{text}",1{end}Asha,2{end}'.encode("mac_roman")
        assert read(content)[1] == [(2, [text, "1"]), (3, ["Asha", "2"])]


@pytest.mark.parametrize(
    "text",
    [
        "Mon–Fri", "Hyderabad–Pune", "U9–U12", "6–8", "A–Z", "Asha – Ved", "2014—2018", "MON–FRI",
        "He can come in the evening—the morning is too early", "only weekends–please call later",
    ],
)  # fmt: skip
def test_a_dash_between_words_is_one(text: str) -> None:
    content = f"name,phone\r\n{text},1\r\n".encode("cp1252")
    assert read(content)[1] == [(2, [text, "1"])]


def test_a_long_word_in_an_old_encoding() -> None:
    """It is looked at once, not again from each of its letters."""
    word = "x" * 2**22
    assert encoding_of(f"{word}é{word}".encode("cp1252")) == ("cp1252", 0)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_line_ends(end: str) -> None:
    content = f'name,phone{end}Asha,1{end}"a{end}b",2'.encode()
    assert read(content)[1] == [(2, ["Asha", "1"]), (3, [f"a{end}b", "2"])]


def test_rows_are_counted_as_a_spreadsheet_program_shows_them() -> None:
    content = b'\r\n,\r\nname,phone\r\n\r\n"two\nlines",1\r\n , \r\nBo,2\r\n'
    assert read(content) == (("name", "phone"), [(5, ["two\nlines", "1"]), (7, ["Bo", "2"])])


def test_cells_are_texts_as_found() -> None:
    content = b"phone, email ,other\n007, +91 98 ,NaN\nNA,null,\n"
    assert read(content) == (
        ("phone", " email ", "other"),
        [(2, ["007", " +91 98 ", "NaN"]), (3, ["NA", "null", None])],
    )


def test_rows_are_as_wide_as_the_header() -> None:
    assert read(b"a,b,\n1\n1,2,3,4\n,,,5\n") == (
        ("a", "b", ""),
        [(2, ["1", None, None]), (3, ["1", "2", "3"])],
    )


@pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"', "sep=;;;"])
def test_a_declared_delimiter_is_honoured_and_is_no_row(line: str) -> None:
    assert read(f"{line}\r\na,b;c,d\r\n1;2\r\n".encode()) == (("a,b", "c,d"), [(2, ["1", "2"])])


def test_a_declared_delimiter_of_another_kind() -> None:
    assert read(b"sep=|\na|b\n1|2\n") == (("a", "b"), [(2, ["1", "2"])])


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("Name;Address (street, city, pin);Phone\nA;x;1\nB;y;2\n", 3),
        ("a;b;c\n1;Flat 2, Road;3\n4;Flat 5, Road;6\n", 3),
        ("a,b\n1;2;3,4\n5;6;7,8\n", 2),
        ('"a;b;c","d"\n"1","2"\n', 2),
        ("a\tb\n1, 2\t3\n", 2),
        ("only\n1,2\n", 1),
    ],
)
def test_the_delimiter_is_found(text: str, columns: int) -> None:
    assert len(read(text.encode())[0]) == columns


def test_the_delimiter_is_found_in_a_file_longer_than_the_sample() -> None:
    rows = [("a", "b,c", "d")] + [("1", f"Flat {n}, {n}", "x" * 300) for n in range(1000)]
    assert len(read(csv_bytes(rows, delimiter=";"))[1]) == 1000


def test_header_only() -> None:
    assert read(b"a,b") == (("a", "b"), [])


@pytest.mark.parametrize(
    "content", [b"", b"\xef\xbb\xbf", b"\r\n\r\n", b",,\r\n , ,\r\n", b"sep=;\r\n"]
)
def test_nothing_in_it(content: bytes) -> None:
    assert "empty" in refused(content) or "no rows" in refused(content)


LETTER = b"Dear Ravi,\n\nplease call 98480 12345 today.\n\nThanks\n"


@pytest.mark.parametrize(
    "name", ["leads.pdf", "leads", "", "csv", "leads.eml", "leads.csv.exe", "leads.zip"]
)
def test_other_extensions(name: str) -> None:
    sentence = refused(b"a,b\n1,2\n", name)
    assert all(extension in sentence for extension in (".csv", ".xlsx", ".xls"))


def test_extension_in_any_case() -> None:
    assert read(b"a,b\n1,2\n", "LEADS.CSV ")[1] == [(2, ["1", "2"])]


@pytest.mark.parametrize("name", ["leads.xlsx", "leads.xls", "leads.xlsm", "leads.ods"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_text_that_is_called_a_workbook(name: str, delimiter: str) -> None:
    content = "Report\r\n\r\na,b,c\r\n1,2,3\r\n4,5,6\r\n".replace(",", delimiter).encode()
    assert read(content, name)[1][-1] == (5, ["4"])
    assert read(b"a\tb\n1\t2\n", name) == (("a", "b"), [(2, ["1", "2"])])


@pytest.mark.parametrize("content", [b"phone\n98480 12345\n", LETTER])
def test_a_text_without_columns_is_no_workbook(content: bytes) -> None:
    assert "not an Excel workbook" in refused(content, "leads.xlsx")


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,\0002\n",
        "a,b\n1,\x002\n".encode("utf-16"),
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 50,
        b"%PDF-1.7\n\0\0\0" * 500,
    ],
)
def test_nul_characters(content: bytes) -> None:
    refused(content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "cp1252"])
def test_nuls_behind_a_text(encoding: str) -> None:
    """A disk leaves them behind a file whose program was ended while it wrote."""
    content = "a,b\n1,2\n".encode(encoding) + b"\0" * 512
    assert read(content) == (("a", "b"), [(2, ["1", "2"])])


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfa,b\n\xff,2\n",
        b"\xff\xfe" + "a,b\n1,2\n".encode("utf-16-le") + b"\x00\xd8" + "\n".encode("utf-16-le"),
        b"\xff\xfe" + "a,b\n1,2\n".encode("utf-16-le") + b"x",
    ],
)
def test_broken_characters(content: bytes) -> None:
    assert "CSV UTF-8" in refused(content)


@pytest.mark.slow
def test_broken_characters_far_down() -> None:
    content = "a,b\n" + "1,2\n" * 100_000
    assert "CSV UTF-8" in refused(b"\xff\xfe" + content.encode("utf-16-le") + b"\x00\xd8")


def test_an_open_quotation_mark() -> None:
    assert "row 3" in refused(b'a,b\n1,2\n"3,4\n5,6\n')


def test_an_open_quotation_mark_that_the_next_one_closes() -> None:
    """It would swallow the rows between them."""
    content = b'a,b\n1,x\n2,"x\n3,x\n4,"x\n5,x\n'
    assert refused(content) == "A quotation mark in row 3 isn't closed."
    whole = b'a,b\n1,"x ""y""\n3,z" \n"2\n",x\n'
    assert read(whole)[1] == [(2, ["1", 'x "y"\n3,z ']), (3, ["2\n", "x"])]


def test_an_open_quotation_mark_that_swallows_a_large_file() -> None:
    assert "row 3" in refused(b'a,b\n1,2\n"3,4\n' + b"5,6\n" * 100_000)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_quotation_marks_behind_a_backslash(delimiter: str) -> None:
    text = """"a","b","c"\n"12 \\"Lake\\", Road","C:\\new","\\"x\\""\n"1","2","3"\n"""
    rows = read(text.replace('","', f'"{delimiter}"').encode())[1]
    assert rows == [(2, ['12 "Lake", Road', "C:\\new", '"x"']), (3, ["1", "2", "3"])]


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        # Doubled quotation marks behind a backslash, and a cell that ends with one
        ('a,b\n"5\\"" tall",2\n', ['5\\" tall', "2"]),
        ('a,b\n"C:\\",2\n', ["C:\\", "2"]),
        ("a,b\nC:\\x,'2\n", ["C:\\x", "'2"]),
        ("'a,'b\n'1,'2\n", ["'1", "'2"]),
    ],
)
def test_backslashes_and_apostrophes_that_quote_nothing(text: str, cells: list[str]) -> None:
    assert read(text.encode())[1] == [(2, cells)]


@pytest.mark.parametrize("delimiter", [",", ";", "|"])
def test_single_quotes_around_each_name(delimiter: str) -> None:
    rows = ["'a','b'", "'Lake, Road','O''Brien'", r"'O\'Brien','x;y|z'", "'5','6'"]
    text = "\n".join(rows).replace("','", f"'{delimiter}'")
    assert read(text.encode()) == (
        ("a", "b"),
        [(2, ["Lake, Road", "O'Brien"]), (3, ["O'Brien", "x;y|z"]), (4, ["5", "6"])],
    )


def test_the_nulls_of_databases_are_blank() -> None:
    assert read(b"a\tb\n\\N\t2\n\\Nina\t\\N\n")[1] == [(2, [None, "2"]), (3, ["\\Nina", None])]


def test_a_quotation_mark_within_a_cell_is_a_character() -> None:
    assert read(b'a,b\n5" pipe,"say ""hi"""\n')[1] == [(2, ['5" pipe', 'say "hi"'])]


THREE = [["Ravi", "9848000201", "TOFA Tellapur"], ["Khan, Zoë", "9848000202", "TOFA Tellapur"]]


@pytest.mark.parametrize("end", ["", ",", ",,"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_lines_that_are_one_quoted_cell_each(delimiter: str, end: str) -> None:
    plain = csv_bytes([["name", "phone", "center"], *THREE], delimiter=delimiter).decode()
    lines = [f'"{line.replace(chr(34), chr(34) * 2)}"{end}' for line in plain.splitlines()]
    columns, rows = read("\n".join(lines).encode())
    assert (columns, rows) == (("name", "phone", "center"), [*enumerate(THREE, 2)])


def test_quoted_lines_below_a_plain_header() -> None:
    content = 'name,phone,notes\n"Ravi,9848000201,""a\nb"""\n"Zoë,9848000202,c"\n'
    assert read(content.encode()) == (
        ("name", "phone", "notes"),
        [(2, ["Ravi", "9848000201", "a\nb"]), (3, ["Zoë", "9848000202", "c"])],
    )


@pytest.mark.parametrize(
    ("content", "cells"),
    [
        # One column, whose texts have commas in them.
        (b'"address"\n"Lake View, 502020"\n"Hill Road, 502021"\n', ["Lake View, 502020"]),
        # A column that nobody has filled.
        (b'name,phone\n"Khan, Zoe",\n"Rao, Arjun",\n', ["Khan, Zoe", None]),
        (b'"name","phone"\n"Khan, Zoe","1"\n', ["Khan, Zoe", "1"]),
        (b'"a,b"\n"c,d"\n"e"\n', ["c,d"]),
    ],
)
def test_quoted_cells_that_are_no_lines(content: bytes, cells: list[str | None]) -> None:
    assert read(content)[1][0] == (2, cells)


@pytest.mark.parametrize(
    "content",
    [
        "| name | phone |\n| --- | ---: |\n| Ravi | 98 |\n",
        "|name|phone|\n|:-:|-|\n|Ravi|98|\n",
        "name | phone\n--- | ---\nRavi | 98\n",
        "```text\n| name | phone |\n|---|---|\n| Ravi | 98 |\n```\n",
        "+------+----+\n| name | phone |\n+======+====+\n| Ravi | 98 |\n+------+----+\n",
        " name | phone\n------+------\n Ravi | 98\n",
    ],
)
def test_the_lines_in_a_table_of_pipes_are_no_rows(content: str) -> None:
    columns, rows = read(content.encode(), "chat.txt")
    assert [name.strip() for name in columns if name] == ["name", "phone"]
    assert [[str(cell).strip() for cell in cells if cell] for _, cells in rows] == [["Ravi", "98"]]


def test_dashes_are_cells_elsewhere() -> None:
    assert read(b"name,phone\n---,---\n")[1] == [(2, ["---", "---"])]
    assert read(b"name|phone\nRavi|-\n")[1] == [(2, ["Ravi", "-"])]


def test_a_cell_of_10_mb() -> None:
    assert refused(b"a,b\n1," + b"x" * 10_000_000)
    assert f"{MAX_CELL_CHARACTERS:,}" in refused(b"a,b\n1," + b"x" * 1_000_000)
    assert refused(b'a,b\n1,"' + b"x\n" * 5_000_000 + b'"\n')


def test_a_cell_as_long_as_allowed() -> None:
    longest = "x" * MAX_CELL_CHARACTERS
    assert read(f"a,b\n1,{longest}\n".encode())[1] == [(2, ["1", longest])]
    assert refused(f"a,b\n1,{longest}y\n".encode())


def test_100_000_columns() -> None:
    assert f"{MAX_COLUMNS:,}" in refused(b",".join([b"c"] * 100_000) + b"\n1\n")
    assert refused(b"a,b\n" + b"," * 10_000_000)
    assert refused(b"a,b\n" + b'"\n",' * 2_000_000)


@pytest.mark.slow
def test_too_many_rows() -> None:
    rows = read_table(b"a\n" + b"1\n" * MAX_ROWS, "leads.csv").rows
    with pytest.raises(UnreadableFile, match=f"{MAX_ROWS:,} rows"):
        for _ in rows:
            pass


@pytest.mark.slow
def test_50_000_rows_are_not_held() -> None:
    row = ("2025-12-04T04:50:00+05:30", "Diya O’Brien", "U7", "+919748000110", "p@example.com")
    content = csv_bytes(
        [HEADER] + [(*row, f"Flat {n}, Lake View", "TOFA Kompally") for n in range(50_000)]
    )
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_table(content, "leads.csv").rows) == 50_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < len(content) / 2
