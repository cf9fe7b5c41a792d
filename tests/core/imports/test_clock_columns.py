"""A date and its clock in two columns become one time; anything else stays where it is."""

from datetime import date, datetime, time, timedelta

import pytest

from backend.core.imports import clock_columns
from backend.core.sheets import Cell, Table

DAY = date(2026, 11, 5)
MOMENT = datetime(2026, 11, 5, 16, 30)  # noqa: DTZ001  a wall clock


def joined(names: str, *cells: Cell) -> list[Cell]:
    table = Table(tuple(names.split(", ")), iter([(2, list(cells))]))
    return next(clock_columns.join(table).rows)[1]


@pytest.mark.parametrize(
    "names",
    ["Date, Time", "Lead date, Lead time", "enquiry_date, Time", "LeadDate, leadTime",
     "Follow up date, Follow up time"],
)  # fmt: skip
def test_names(names: str) -> None:
    assert joined(names, "05/11/2026", "4:30 pm") == ["05/11/2026 16:30:00", None]


def test_the_field_that_is_believed_more_gets_the_time() -> None:
    names = "created_date, created_time"
    assert joined(names, "2026-11-05", "16:30") == [None, "2026-11-05 16:30:00"]


@pytest.mark.parametrize(
    ("day", "clock", "moment"),
    [
        (DAY, time(16, 30), MOMENT),
        (datetime.combine(DAY, time()), timedelta(hours=16, minutes=30), MOMENT),
        ("5 Nov 2026", "16.30", "5 Nov 2026 16:30:00"),
    ],
)
def test_cells(day: Cell, clock: Cell, moment: Cell) -> None:
    assert joined("Date, Time", day, clock) == [moment, None]


@pytest.mark.parametrize(
    ("names", "day", "clock"),
    [
        ("Date, Time", "05/11/2026", None),
        ("Date, Time", None, "16:30"),
        ("Date, Time", "05/11/2026", "evening"),
        ("Date, Time", "05/11/2026", "5"),
        ("Date, Time", "05/11/2026", "16:30 to 17:30"),
        ("Date, Time", "05/11/2026", "05/11/2026 16:30"),
        ("Date, Time", "05/11/2026 10:00", "16:30"),
        ("Date, Time", MOMENT, "10:00"),
        ("Date, Time", "next week", "16:30"),
        ("Date, Batch time", "05/11/2026", "16:30"),
        ("Date, Preferred time", "05/11/2026", "16:30"),
        ("Visit date, Visit time", "05/11/2026", "16:30"),
    ],
)
def test_what_is_no_time_stays(names: str, day: Cell, clock: Cell) -> None:
    assert joined(names, day, clock) == [day, clock]
