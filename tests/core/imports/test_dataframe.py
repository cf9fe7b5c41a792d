"""Tables in memory, of whatever library: what a script hands over is read as a spreadsheet is."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from backend.core.errors import BadRequest
from backend.core.imports.dataframe import Frame, read_frame

ZONE = ZoneInfo("Asia/Kolkata")
CENTER = "_which_is_the_nearest_tofa_center_to_you?"
RECORDS: list[dict[str, Any]] = [
    {"player_name": "Arjun", " phone ": 9848011111.0, CENTER: "TOFA Tellapur"},
    {"player_name": None, " phone ": "+91 98480", CENTER: float("nan")},
    {"player_name": float("nan"), " phone ": None, CENTER: None},
]


class Columns:
    columns = tuple(RECORDS[0])


class Tuples(Columns):
    def itertuples(self, index: bool = True, name: str | None = "Pandas") -> Iterable[Any]:
        assert (index, name) == (False, None)
        return [tuple(row.values()) for row in RECORDS]


class Records(Columns):
    def to_dict(self, orient: str = "dict") -> list[dict[str, Any]]:
        assert orient == "records"
        return RECORDS


class Rows(Columns):
    def iterrows(self) -> Iterable[tuple[int, dict[str, Any]]]:
        return enumerate(RECORDS)


@pytest.mark.parametrize("frame", [Tuples(), Records(), Rows()])
def test_each_way_to_read_the_rows(frame: Frame) -> None:
    _, read = read_frame(frame, CENTER, ZONE)
    assert [(row.number, row.player_name, row.phone, row.center) for row in read] == [
        (2, "Arjun", "9848011111", "TOFA Tellapur"),
        (3, None, "+91 98480", None),
    ]


@pytest.mark.parametrize(("column", "asked"), [("place ", "place"), (" place ", " place ")])
def test_spaces_around_the_name_of_the_center(column: str, asked: str) -> None:
    class Padded:
        columns = ("phone", column)

        def itertuples(self, **_: Any) -> Iterable[Any]:
            return [("9848011111", "TOFA Tellapur")]

    header, read = read_frame(Padded(), asked, ZONE)
    assert header.mapping == {"phone": "phone", column: "center"}
    assert read[0].center == "TOFA Tellapur"


def test_a_table_without_the_column() -> None:
    with pytest.raises(BadRequest, match="no column 'place'"):
        read_frame(Tuples(), "place", ZONE)


class Array:
    """Like NumPy's own: it has no truth, and no one item."""

    def __ne__(self, _other: object) -> "Array":  # type: ignore[override]
        return self

    def __bool__(self) -> bool:
        raise ValueError

    def item(self) -> None:
        raise ValueError

    def __str__(self) -> str:
        return "[1 2]"

    __hash__ = object.__hash__


def test_what_no_spreadsheet_has_in_a_cell() -> None:
    class Odd:
        columns = ("phone", "player_name", "tags", "place")

        def itertuples(self, **_: Any) -> Iterable[Any]:
            return [("9848011111", Array(), [1, 2], "TOFA \udce9")]

    _, (row,) = read_frame(Odd(), "place", ZONE)
    assert (row.player_name, row.center) == ("[1 2]", "TOFA ?")
