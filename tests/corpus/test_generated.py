"""A known value, written in a random messy way, comes back or is flagged: never another value."""

from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.corpus import messy
from tests.corpus.messy import Cell
from tests.corpus.running import csv_file, is_flagged, send
from tests.world import World

# What tells one child of all examples from another.
numbers = count(1)
rows = st.tuples(messy.phones(), messy.names(), messy.ages(), messy.centers())


def is_right(found: str, cell: Cell) -> bool:
    """Return whether a cell came back; of several numbers, the first is the one that is called."""
    first, *others = found.split(", ")
    return first == cell.truth and {*others} <= {cell.other}


@given(st.lists(rows, min_size=1, max_size=25))
@settings(max_examples=20)
@pytest.mark.slow
def test_rows(academy: World, cells: list[tuple[Cell, ...]]) -> None:
    header = ("created_time", "phone", "player_name", "player_age_category", "nearest_tofa")
    lines = [
        # The family name is plain and different in each row: no row joins another.
        ("2025-10-23", phone.text, f"{name.text} F{next(numbers)}", age.text, center.text)
        for phone, name, age, center in cells
    ]
    came = send(academy, csv_file(header, lines))
    right = flagged = 0
    wrong: list[str] = []
    for number, row in enumerate(cells, 2):
        told = came.rows[number]
        if told["is"] == "waits: unknown_center":
            if row[3].truth is not None:
                wrong.append(f"{row[3]} is unknown")
            flagged += 1
            continue
        found = (told["phone"], told["name"].rpartition(" F")[0], told.get("age", ""),
                 told["center"])  # fmt: skip
        for cell, value in zip(row, found, strict=True):
            if is_flagged(value):
                flagged += 1
            elif is_right(value, cell):
                right += 1
            else:
                wrong.append(f"{value!r} instead of {cell}")
    assert not wrong, f"{right} right, {flagged} flagged, {len(wrong)} wrong: {wrong}"


@given(st.lists(st.tuples(messy.emails(), messy.ticks()), min_size=1, max_size=25))
@settings(max_examples=20)
@pytest.mark.slow
def test_emails_and_ticks(academy: World, cells: list[tuple[Cell, list[Cell]]]) -> None:
    """The first email is the email, and no text is lost; the furthest tick is the status."""
    header = ("phone", "player_name", "email", "Called?", "Trial done", "Joined (Y/N)",
              "nearest_tofa")  # fmt: skip
    lines = [
        (f"{7_013_100_000 + (number := next(numbers))}", f"Child E{number}", email.text,
         *(one.text for one in ticked), "TOFA Tellapur")
        for email, ticked in cells
    ]  # fmt: skip
    came = send(academy, csv_file(header, lines))
    wrong = []
    for number, (email, ticked) in enumerate(cells, 2):
        told = came.rows[number]
        if (told["email"], told["status"]) != (email.truth, ticked[0].truth):
            wrong.append(f"{told['email']!r}, {told['status']!r} instead of {email} {ticked}")
        if email.other and email.other not in told["answers"]:
            wrong.append(f"{email.other!r} is lost")
    assert not wrong, wrong


@given(messy.columns_of_dates())
@settings(max_examples=40)
@pytest.mark.slow
def test_columns_of_dates(academy: World, column: list[Cell]) -> None:
    """A date that can be read in two ways is right, unless the plan asks for the column's order."""
    header = ("created_time", "phone", "player_name", "nearest_tofa")
    lines = [
        (cell.text, "9848022338", f"Child D{next(numbers)}", "TOFA Tellapur") for cell in column
    ]
    came = send(academy, csv_file(header, lines))
    is_asked = any(read.endswith(("convention", "mixed")) for read in came.dates)
    right = flagged = 0
    wrong: list[str] = []
    for number, cell in enumerate(column, 2):
        found = came.rows[number]["created"]
        if is_flagged(found):
            flagged += 1
        elif found == cell.truth:
            right += 1
        elif is_asked and cell.truth is not None:
            flagged += 1
        else:
            wrong.append(f"{found!r} instead of {cell}")
    assert not wrong, f"{right} right, {flagged} flagged, {len(wrong)} wrong: {wrong} {came.dates}"
