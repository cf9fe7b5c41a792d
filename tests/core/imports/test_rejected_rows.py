"""Rejected rows come back with their reason in a column of its own, and are accepted once fixed."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.core.imports import listing, plan
from backend.core.imports.columns import REASON_COLUMN
from backend.schemas.imports import RowFilter
from tests.core.imports.sheets_of import LEADER, TELLAPUR
from tests.world import World

CENTER = "_which_is_the_nearest_tofa_center_to_you?"
# What a column of the file's own may be called, and what its cells may say.
NAMES = (
    "Remarks",
    "Why TOFA?",
    "=sum",
    "@who",
    "Name",
    "First Name",
    "Stage",
    "बच्चे का नाम",
)
CELLS = st.sampled_from(
    ["", "x", " spaced ", "=1+1", "'quoted", "+91", "-1", "a\nb", 'say "hi"', "a,b;c\td|e", "Zoë",
     "नमस्ते", "\u200bhidden", "Ringing", "NA", "0012"]
)  # fmt: skip
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le")


def made(world: World, content: bytes) -> tuple[int, list[dict[str, Any]]]:
    found = plan.make(world.db, world.settings, LEADER, "leads.csv", content)
    with world.db.read() as session:
        rows = listing.list_rows(session, found["id"], RowFilter(limit=1000))
    return found["id"], [dict(row) for row in rows]


def written(rows: Sequence[Sequence[str]], delimiter: str, encoding: str) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(rows)
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    return (mark + file.getvalue()).encode(encoding)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True),
    delimiter=st.sampled_from(",;\t"),
    encoding=st.sampled_from(ENCODINGS),
    has_center=st.lists(st.booleans(), min_size=2, max_size=4),
    data=st.data(),
)
@pytest.mark.slow
def test_the_way_there_and_back(
    world: World,
    names: list[str],
    delimiter: str,
    encoding: str,
    has_center: list[bool],
    data: st.DataObject,
) -> None:
    """Only the missing cells are filled in: all others come through as they were."""
    header = ["phone", *names, CENTER]
    own = [[data.draw(CELLS) for _ in names] for _ in has_center]
    sent = [
        ["", *cells, TELLAPUR] if has else [f"70130140{at:02}", *cells, ""]
        for at, (cells, has) in enumerate(zip(own, has_center, strict=True))
    ]
    import_id, rows = made(world, written([header, *sent], delimiter, encoding))
    rejected = [at for at, row in enumerate(rows) if row["verdict"] == "reject"]
    assert rejected == [at for at in range(len(rows)) if not sent[at][0] or not sent[at][-1]]
    with world.db.read() as session:
        content = listing.errors_csv(session, import_id)
    given_back = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert given_back[0][-1] == REASON_COLUMN
    assert all(row[-1] in ("No phone or email", "No center") for row in given_back[1:])
    for at, cells in zip(rejected, given_back[1:], strict=True):
        cells[0], cells[-2] = cells[0] or f"70130150{at:02}", TELLAPUR
    _, fixed = made(world, written(given_back, delimiter, encoding))
    complete = [
        [cells[0] or f"70130150{at:02}", *cells[1:-1], TELLAPUR] for at, cells in enumerate(sent)
    ]
    _, expected = made(world, written([header, *complete], delimiter, encoding))
    assert [row["verdict"] for row in fixed] == ["create"] * len(rejected)
    for one, other in zip(fixed, expected, strict=True):
        assert (one["fields"], one["columns"]) == (other["fields"], other["columns"])
