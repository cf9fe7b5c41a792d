"""The header is found below titles and notes, and its names are made complete."""

from collections.abc import Sequence

import pytest

from backend.core.sheets import Cell, Table, UnreadableFile, Wanted, read_table
from backend.core.sheets.limits import MAX_COLUMNS

KNOWN = {"name", "phone", "center", "date", "player name", "parent name"}


def score(names: Sequence[str]) -> int:
    return len(KNOWN & {name.strip().casefold() for name in names})


def read(text: str, wanted: Wanted | None = None) -> Table:
    return read_table(text.encode(), "leads.csv", wanted or Wanted(score))


def rows(table: Table) -> list[tuple[int, list[Cell]]]:
    return list(table.rows)


@pytest.mark.parametrize(
    "above",
    [
        "",
        "Leads of November\n",
        "Leads of November,,\n\n",
        "\n\nAcademy: TOFA\nExported by: Asha\nPhone: 040-2345\n\n",
        '"Leads, November",,\n,,\nFilter:,all,\n',
    ],
)
def test_titles_and_notes_are_no_header(above: str) -> None:
    table = read(f"{above}Name,Phone,Center\nAsha,1,T\nRavi,2,K\n")
    row = len(above.splitlines()) + 1
    assert (table.columns, table.header_row) == (("Name", "Phone", "Center"), row)
    assert rows(table) == [(row + 1, ["Asha", "1", "T"]), (row + 2, ["Ravi", "2", "K"])]


def test_without_a_score_the_first_row_is_the_header() -> None:
    table = read("Leads\nName,Phone\nAsha,1\n", Wanted())
    assert (table.columns, table.header_row) == (("Leads",), 1)


def test_a_row_of_data_is_no_header_though_its_words_are_known() -> None:
    text = "Name,Phone,Channel,Center\nAsha,1,Phone,Center\nPhone,2,Name,Date\n"
    assert read(text).columns == ("Name", "Phone", "Channel", "Center")


def test_names_that_no_one_knows() -> None:
    table = read("Feuille,,\nNom,Numéro,Lieu\nAsha,9848000001,Tellapur\n")
    assert (table.columns, table.header_row) == (("Nom", "Numéro", "Lieu"), 2)


@pytest.mark.parametrize(
    "text",
    [
        "Asha,a@x.example,T\nRavi,b@x.example,K\n",
        "9848000001\n",
        # A cell can be a name by chance.
        "Asha,Center,9848000001\nRavi,K,9848000002\n",
    ],
)
def test_data_without_a_header_is_told(text: str) -> None:
    with pytest.raises(UnreadableFile, match="names of the columns"):
        read(text)


def test_a_chosen_row() -> None:
    text = "Name,Phone\n\nKid,Number,Where\nAsha,1,T\n"
    table = read(text, Wanted(score, header_row=3))
    assert table.columns == ("Kid", "Number", "Where")
    assert rows(table) == [(4, ["Asha", "1", "T"])]
    for row in (2, 9):
        with pytest.raises(UnreadableFile, match="first 50 rows"):
            read(text, Wanted(score, header_row=row))


def test_a_header_of_two_rows() -> None:
    table = read("Player,,Parent,\nName,Age,Name,Phone\nAsha,9,Tara,1\n")
    assert table.columns == ("Player Name", "Age", "Parent Name", "Phone")
    assert rows(table) == [(3, ["Asha", "9", "Tara", "1"])]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        # Nothing below some names, whichever row has more of them
        ("Date,Player,,Parent,,Center\n,Name,Age,Name,Phone,\n",
         ("Date", "Player Name", "Age", "Parent Name", "Phone", "Center")),
        ("Player,,Parent,,Center\nName,Age,Name,Phone\n",
         ("Player Name", "Age", "Parent Name", "Phone", "Center")),
        ("Date,Name,Contact,\n,,Phone,Email\n", ("Date", "Name", "Phone", "Email")),
        # As merged cells are filled
        ("Date,Player,Player,Parent,Parent\nDate,Name,Age,Name,Phone\n",
         ("Date", "Player Name", "Age", "Parent Name", "Phone")),
    ],
)  # fmt: skip
def test_a_header_of_two_rows_with_gaps(header: str, names: tuple[str, ...]) -> None:
    table = read(f"{header}1,2,3,4,5,6\n")
    assert (table.columns[: len(names)], table.header_row) == (names, 2)
    assert [number for number, _ in rows(table)] == [3]
    # As it is opened once more
    again = read(f"{header}1,2,3,4,5,6\n", Wanted(score, header_row=2))
    assert again.columns == table.columns


@pytest.mark.parametrize(
    "text",
    [
        "Name,Phone,Center,Status\nAsha,,,Phone\nRavi,1,T,x\n",
        "Leads of November,,,\nName,Phone,,Status\nAsha,1,T,x\n",
        "Name,Phone,Remarks,Center\nParent,,date,\nRavi,1,T,x\n",
    ],
)
def test_a_row_of_words_is_no_second_row_of_a_header(text: str) -> None:
    table = read(text)
    assert table.columns[:2] == ("Name", "Phone")
    assert [one for one in table.columns if one == "Leads of November"] == []


def test_two_columns_of_one_name_are_both_kept() -> None:
    table = read("Name,Phone,Center,Phone\nAsha,,T,2\n")
    assert table.columns == ("Name", "Phone", "Center", "Phone")
    assert rows(table) == [(2, ["Asha", None, "T", "2"])]


def test_columns_without_a_name_get_their_letter() -> None:
    table = read("Name,Phone,,Center,\nAsha,1,hi,T,\nRavi,2,,K,,more\n")
    assert table.columns == ("Name", "Phone", "Column C", "Center", "", "Column F")
    assert rows(table)[1] == (3, ["Ravi", "2", None, "K", None, "more"])


def test_a_column_that_counts_the_rows_needs_no_name() -> None:
    assert read(",Name,Phone\n0,Asha,1\n1,Ravi,2\n").columns == ("", "Name", "Phone")
    assert read(",Name,Phone\nx,Asha,1\n1,Ravi,2\n").columns == ("Column A", "Name", "Phone")


def test_a_header_that_is_repeated_is_no_row() -> None:
    text = "Name,Phone\nAsha,1\nName,Phone\nRavi,2\n"
    assert [number for number, _ in read(text).rows] == [2, 4]
    assert [number for number, _ in read(text, Wanted()).rows] == [2, 3, 4]


def test_a_header_that_comes_again_in_another_order() -> None:
    text = (
        "Name,Phone,Center,Age\nAsha,1,T,8\n"
        "Center,Name,Phone,\nK,Bina,2,\n"
        "Name,Phone,Center,Age\nCia,3,T,9\n"
        "Phone,Age,Name\n4,10,Dia\n"
    )
    assert rows(read(text)) == [
        (2, ["Asha", "1", "T", "8"]),
        (4, ["Bina", "2", "K", None]),
        (6, ["Cia", "3", "T", "9"]),
        (8, ["Dia", "4", None, "10"]),
    ]


def test_a_row_that_only_looks_like_a_header() -> None:
    text = "Name,Phone,Center,Age\nName,1,Center,8\nAge,2,T,Age\nPhone,Name,,\n"
    assert [number for number, _ in rows(read(text))] == [2, 3, 4]
    # Two columns with one name.
    text = "Name,Phone,Center,Name\nPhone,Name,Center,Name\nAsha,1,T,8\n"
    assert [number for number, _ in rows(read(text))] == [2, 3]


def test_more_columns_than_allowed() -> None:
    with pytest.raises(UnreadableFile, match=f"{MAX_COLUMNS:,} columns"):
        read("Name,Phone" + ",x" * MAX_COLUMNS + "\n1,2\n")
    assert read("Name,Phone\n1,2" + ",x" * 10_000 + "\n").columns[-1] == "Column SF"


def test_blank_columns_at_the_end_are_none() -> None:
    """Excel writes a comma for each of its 16,384 columns if whole rows have a style."""
    commas = "," * 16_381
    table = read(f"Name,Phone,Center{commas}\nAsha,1,T{commas}\n{commas}\nRavi,2,K\n")
    assert table.columns == ("Name", "Phone", "Center")
    assert rows(table) == [(2, ["Asha", "1", "T"]), (4, ["Ravi", "2", "K"])]


def test_a_cell_that_is_like_many_emails_is_looked_at_once() -> None:
    cell = "x@" * 16_000
    row = ",".join([cell] * 20)
    table = read("\n".join(["name,phone" + "," * 18, *[row] * 20]))
    assert table.columns[:2] == ("name", "phone")


@pytest.mark.parametrize(
    "notes",
    [
        "Open-Ended Response,Response,TOFA Tellapur\n",
        '"{""ImportId"":""QID1""}","{""ImportId"":""QID2""}","{""ImportId"":""QID3""}"\n',
        "(required),(10 digits),[choose one]\n",
        "text,number,dropdown\nRequired,Required,optional\n",
        "<name>,,dd/mm/yyyy\n",
    ],
)
def test_notes_below_the_names_are_no_rows(notes: str) -> None:
    table = read(f"Name,Phone,Center\n{notes}Asha,9848000001,T\n")
    assert (table.columns, table.header_row) == (("Name", "Phone", "Center"), 1)
    assert [cells for _, cells in rows(table)] == [["Asha", "9848000001", "T"]]


@pytest.mark.parametrize(
    "row",
    [
        ["(98480 00001)", "(Asha)", "(T)"],
        ["<a@x.example>", "text", None],
        ["Response", "98480 00001", None],
        ["Asha", "Optional", "(T)"],
        ["(Asha)", None, None],
    ],
)
def test_a_row_like_notes_is_a_row(row: list[str | None]) -> None:
    table = read("Name,Phone,Center\n" + ",".join(cell or "" for cell in row) + "\nRavi,1,T\n")
    assert rows(table)[0] == (2, row)
    table = read("Name,Phone,Center\nRavi,1,T\n(required),(required),(required)\n")
    assert len(rows(table)) == 2
