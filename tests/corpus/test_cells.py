"""Each cell of the corpus becomes what a person reads in it, or is flagged as the corpus says."""

from collections.abc import Iterable, Sequence

import pytest

from tests.corpus import cells
from tests.corpus.cells import Cells
from tests.corpus.running import Came, File, csv_file, is_flagged, send
from tests.world import World

CENTER = "nearest_tofa"
# For each kind: the field that its cells fill, the names of their columns, and the cells.
KINDS: dict[str, tuple[str, tuple[str, ...], Cells]] = {
    "phones": ("phone", ("phone",), cells.PHONES),
    "names": ("name", ("player_name",), cells.NAMES),
    "first and last names": ("name", ("first_name", "last_name"), cells.FIRST_AND_LAST),
    "ages": ("age", ("player_age_category",), cells.AGES),
    "centers": ("center", (CENTER,), cells.CENTERS),
    "statuses": ("status", ("status",), cells.STATUSES),
    "emails": ("email", ("email",), cells.EMAILS),
} | {about: ("created", ("created_time",), column) for about, _, column in cells.DATES}  # fmt: skip


def file_of(number: int, names: Sequence[str], column: Cells) -> File:
    """Return a file with a row for each cell, each of another child with another phone."""
    # The other columns are filled with something plain.
    others = [name for name in ("player_name", "phone", CENTER) if name not in names]
    if "first_name" in names:
        others.remove("player_name")
    rows = []
    for row, (cell, _) in enumerate(column):
        plain = {"player_name": f"Child {number} {row}", "phone": f"+9170131{number:02}{row:03}",
                 CENTER: "TOFA Tellapur"}  # fmt: skip
        said = cell.split("|") if len(names) > 1 else [cell]
        rows.append([*said, *(plain[name] for name in others)])
    return csv_file([*names, *others], rows)


def found_in(came: Came, field: str, row: int) -> str:
    """Return the value of a row's field, or why the row isn't a lead."""
    told = came.rows[row]
    reason = told["is"].rpartition(": ")[2]
    return reason if reason in ("unknown_center", "no_center") else told.get(field, "")


def totals(compared: Iterable[tuple[str, str, str]]) -> tuple[int, int, list[str]]:
    """Return how many values are right, and flagged, and those that are wrong."""
    right, flagged, wrong = 0, 0, []
    for about, found, truth in compared:
        if found != truth:
            wrong.append(f"{about}: {found!r} instead of {truth!r}")
        elif is_flagged(found):
            flagged += 1
        else:
            right += 1
    return right, flagged, wrong


def told(right: int, flagged: int, wrong: Sequence[str]) -> str:
    return "\n".join([f"{right} right, {flagged} flagged, {len(wrong)} wrong", *wrong])


@pytest.mark.slow
def test_cells(academy: World) -> None:
    compared: list[tuple[str, str, str]] = []
    for number, (kind, (field, names, column)) in enumerate(KINDS.items()):
        came = send(academy, file_of(number, names, column))
        compared += [
            (f"{kind}, {cell!r}", found_in(came, field, row), truth)
            for row, (cell, truth) in enumerate(column, 2)
        ]
    right, flagged, wrong = totals(compared)
    assert not wrong, told(right, flagged, wrong)
    assert right + flagged >= 200


def test_columns_of_dates(academy: World) -> None:
    """The plan says in which order the dates of a column are read, and what decided it."""
    for number, (about, read, column) in enumerate(cells.DATES, 50):
        came = send(academy, file_of(number, ("created_time",), column))
        assert came.dates == ([f"created_time: {read}"] if read else []), about
