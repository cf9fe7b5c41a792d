"""Each file of the corpus becomes what a person reads in it: every value right or flagged."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from backend.core.errors import BadRequest
from tests.corpus.running import Came, File, Told, is_flagged, send
from tests.world import World

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "samples"
TABLE: dict[str, dict[str, Any]] = tomllib.loads((HERE / "files.toml").read_text("utf-8"))


def truth_of(table: str) -> dict[int, Told]:
    """Return the rows of a table of truths, by their number."""
    names, *lines = (
        [cell.strip() for cell in line.split("|")] for line in table.strip().split("\n")
    )
    return {int(cells[0]): dict(zip(names[1:], cells[1:], strict=True)) for cells in lines}


def content_of(name: str) -> bytes:
    path = SAMPLES / name if "/" in name else HERE / "files" / name
    return path.read_bytes()


def compare(came: Came, truth: dict[str, Any]) -> tuple[int, int, list[str]]:
    """Return how many values are right, and flagged, and those that are wrong."""
    right, flagged, wrong = 0, 0, []
    expected = truth_of(truth["leads"])
    for number in sorted({*expected, *came.rows}):
        said, found = expected.get(number, {}), came.rows.get(number, {})
        names = {*said, *found} - ({"answers"} if "answers" not in said else set())
        for name in sorted(names):
            value, meant = found.get(name, ""), said.get(name, "New" if name == "status" else "")
            if name == "status" and name not in found:
                value = meant
            if value != meant:
                wrong.append(f"row {number}, {name}: {value!r} instead of {meant!r}")
            elif is_flagged(value):
                flagged += 1
            elif value:
                right += 1
    about = {"table": came.table, "dates": came.dates, "others": came.others}
    for name, got in about.items():
        meant = truth.get(name, "row 1" if name == "table" else [])
        if got != meant:
            wrong.append(f"{name}: {got!r} instead of {meant!r}")
    return right, flagged, wrong


def test_each_file_is_in_the_table() -> None:
    assert {path.name for path in (HERE / "files").iterdir()} == {
        name for name in TABLE if "/" not in name
    }
    assert len(TABLE) >= 60


@pytest.mark.slow
def test_files(academy: World) -> None:
    right = flagged = 0
    wrong: list[str] = []
    for name, truth in TABLE.items():
        file = File(name, content_of(name), truth.get("center"), tuple(truth.get("sheets", ())))
        try:
            came = send(academy, file)
        except BadRequest as error:
            if not str(error).startswith(truth.get("refused", "never")):
                wrong.append(f"{name}: refused with {str(error)!r}")
            continue
        if "refused" in truth:
            wrong.append(f"{name}: not refused {came}")
            continue
        counted = compare(came, truth)
        right, flagged = right + counted[0], flagged + counted[1]
        wrong += [f"{name}, {one}" for one in counted[2]]
    assert not wrong, "\n".join([f"{right} right, {flagged} flagged, {len(wrong)} wrong", *wrong])
