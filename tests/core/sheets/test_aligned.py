"""Tables whose columns are aligned with spaces."""

import pytest

from backend.core.sheets import Cell, UnreadableFile, read_table

HEADER = "Name          Age  Phone        Address                   Center"
ROWS = [
    HEADER,
    "------------  ---  -----------  ------------------------  -------------",
    "Asha Rao      9    7013010011   12, Lake Road, Hyderabad  TOFA Tellapur",
    "Ved                7013010012                             TOFA Kompally",
    "Om Sai Ram    11                Block 2                   TOFA Kompally",
]


def rows(*lines: str) -> list[list[Cell]]:
    table = read_table("\n".join(lines).encode(), "leads.txt")
    return [[*table.columns], *(cells for _, cells in table.rows)]


def test_cells_below_their_names() -> None:
    assert rows(*ROWS) == [
        ["Name", "Age", "Phone", "Address", "Center"],
        ["Asha Rao", "9", "7013010011", "12, Lake Road, Hyderabad", "TOFA Tellapur"],
        ["Ved", None, "7013010012", None, "TOFA Kompally"],
        ["Om Sai Ram", "11", None, "Block 2", "TOFA Kompally"],
    ]


def test_numbers_that_end_below_their_names() -> None:
    found = rows(
        "Name       Age       Phone", "Asha Rao     9  7013010011", "Ved             7013010012"
    )
    assert found[1:] == [["Asha Rao", "9", "7013010011"], ["Ved", None, "7013010012"]]


def test_cells_that_are_only_separated() -> None:
    found = rows("Name   Phone   Center", "मीरा राव  7013010011  TOFA Tellapur", "Ved     1     T")
    assert found[1:] == [["मीरा राव", "7013010011", "TOFA Tellapur"], ["Ved", "1", "T"]]


def test_a_title_above() -> None:
    assert rows("The leads of all our centers in November", *ROWS)[-1][0] == "Om Sai Ram"


@pytest.mark.parametrize(
    "line",
    ["A very long name, longer than all  7013010013   T", "Om   7013010013   TOFA Kompally"],
)
def test_a_row_in_other_places_is_refused(line: str) -> None:
    with pytest.raises(UnreadableFile, match="row 6 doesn't fit"):
        rows(*ROWS, line)
    with pytest.raises(UnreadableFile, match="row 3,003 doesn't fit"):
        rows(*ROWS[:2], *ROWS[2:5] * 1000, line)


def test_other_texts() -> None:
    assert rows("name", "Asha  Rao", "Ved") == [["name"], ["Asha  Rao"], ["Ved"]]
    assert rows("name,  phone", "Asha,  1") == [["name", "  phone"], ["Asha", "  1"]]
    assert rows("Dear all,", "please  call these", "tomorrow") == [
        ["Dear all", ""], ["please  call these", None], ["tomorrow", None]
    ]  # fmt: skip
