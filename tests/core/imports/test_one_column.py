"""Tables that were pasted into one column of a sheet."""

import io

import openpyxl
import pytest

from backend.core.imports.upload import upload
from backend.core.sheets import Cell
from backend.models import Lead
from tests.core.imports.sheets_of import LEADER, TELLAPUR
from tests.world import World

HEADER = "name,phone,address,nearest_tofa_center"


def pasted(*rows: Cell) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def added(world: World, content: bytes) -> dict[str, object]:
    return dict(upload(world.db, world.settings, LEADER, "leads.xlsx", content))


@pytest.mark.parametrize(
    "rows",
    [
        (HEADER, f'Zoya,9848000201,"Lake View, 502032",{TELLAPUR}'),
        (HEADER.replace(",", ";"), f"Zoya;9848000201;Lake View, 502032;{TELLAPUR}"),
        (HEADER.replace(",", "\t"), f"Zoya\t9848000201\tLake View, 502032\t{TELLAPUR}"),
        (
            f"| {HEADER.replace(',', ' | ')} |",
            "| --- | --- | :-: | --- |",
            f"| Zoya | 9848000201 | Lake View, 502032 | {TELLAPUR} |",
        ),
    ],
)
def test_it_is_split(rows: tuple[str, ...], world: World) -> None:
    assert added(world, pasted(*rows)) == {"status": "success", "leads_added": 1}
    with world.db.read() as session:
        made = session.get_one(Lead, 3)
    assert (made.player_name, made.phone_key, made.address, made.center_id) == (
        "Zoya", "+919848000201", "Lake View, 502032", 1
    )  # fmt: skip


def test_odd_rows_are_rejected_with_their_cells(world: World) -> None:
    rows = (HEADER, f"Zoya,9848000201,,{TELLAPUR}", 9848000202, f'"Zoya,{TELLAPUR}', "Total")
    answer = added(world, pasted(*rows))
    assert answer["leads_added"] == 1
    assert answer["rejected"] == [
        {"row": number, "reason": "No phone or email"} for number in (3, 4, 5)
    ]


def test_a_question_with_commas_is_no_header(world: World) -> None:
    question = "which is the nearest_tofa center to you, please, or none"
    answer = added(world, pasted(question, TELLAPUR))
    assert answer["rejected"] == [{"row": 2, "reason": "No phone or email"}]
