"""A sheet whose column for the center has an unusual name, or comes twice."""

import csv
import io
from collections.abc import Sequence

import openpyxl
import pytest

from backend.core.errors import BadRequest
from backend.core.imports import listing, plan
from backend.core.imports.tables import Choices
from backend.schemas.imports import Planned, RowFilter
from tests.core.imports.sheets_of import LEADER
from tests.world import World

TELLAPUR, GACHIBOWLI = "TOFA Tellapur", "TOFA Gachibowli"


def planned(
    world: World, header: str, *rows: Sequence[str], mapping: str = "", center: str | None = None
) -> Planned:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([header.split(","), *rows])
    content = out.getvalue().encode()
    return plan.make(world.db, world.settings, LEADER, "leads.csv", content, mapping, center=center)


def centers_of(world: World, made: Planned) -> list[str]:
    """Return the text for the center of each row that becomes a lead."""
    with world.db.read() as session:
        rows = listing.list_rows(session, made["id"], RowFilter(limit=1000))
    return [row["fields"]["center"] for row in rows if row["verdict"] == "create"]


def book(**sheets: Sequence[Sequence[str]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name.replace("_", " "))
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.mark.parametrize("name", ["Location", "Where do you want to play?", "Q7"])
def test_the_column_whose_cells_name_centers(world: World, name: str) -> None:
    made = planned(
        world, f"Name,Phone,School,{name}",
        ["Asha", "9848000201", "DPS", TELLAPUR], ["Bina", "9848000202", "", "tofa-gachibowli"],
        ["Cia", "9848000203", "Oakridge", "TOFA Mars"], ["Dia", "9848000204", "", ""],
    )  # fmt: skip
    assert made["mapping"][name] == "center"
    assert name in made["proposed"]
    assert made["totals"]["create"] == 2
    assert (made["totals"]["waiting"], made["totals"]["reject"]) == (1, 1)


@pytest.mark.parametrize(
    ("header", "row", "mapping"),
    [
        ("Name,Phone,Location", ["Asha", "9848000201", "Kokapet"], ""),
        # It can't be known which of two it is, and a person has said that one isn't.
        ("Name,Phone,Location,Venue 2", ["Asha", "9848000201", TELLAPUR, GACHIBOWLI], ""),
        ("Name,Phone,Location", ["Asha", "9848000201", TELLAPUR], '{"Location": "ignore"}'),
        # The parents' city has another field.
        ("Name,Phone,City", ["Asha", "9848000201", TELLAPUR], ""),
        ("Name,Phone,Location", ["Asha", "9848000201", ""], ""),
    ],
)
def test_no_column_is_made_up(world: World, header: str, row: list[str], mapping: str) -> None:
    with pytest.raises(BadRequest, match="no column for the center"):
        planned(world, header, row, mapping=mapping)


def test_a_sheet_that_has_the_name_of_a_center(world: World) -> None:
    header = ["Name", "Phone"]
    content = book(
        TOFA_Tellapur=[header, ["Asha", "9848000201"]],
        TOFA_Gachibowli=[header, ["Bina", "9848000202"]],
        Others=[header, ["Cia", "9848000203"]],
    )

    def made(*names: str) -> Planned:
        choices = Choices(names)
        return plan.make(world.db, world.settings, LEADER, "leads.xlsx", content, choices=choices)

    assert made()["totals"]["create"] == 1
    # Of several sheets, each row has its own sheet's.
    assert centers_of(world, made(TELLAPUR, GACHIBOWLI)) == [TELLAPUR, GACHIBOWLI]
    with pytest.raises(BadRequest, match="no column for the center"):
        made(TELLAPUR, "Others")


@pytest.mark.parametrize(
    "line",
    ["{}", ",{}", "{0},{0},{0}", "{} ,,", "Center: {}", "Branch:,{}", ",Centre,{}"],
)
def test_lines_that_name_the_center_of_the_rows_below(world: World, line: str) -> None:
    def section(center: str, *rows: str) -> list[list[str]]:
        return [one.split(",") for one in (line.format(center), *rows)]

    rows = [
        *section("tofa tellapur", "1,Asha,9848000201", "2,Bina,9848000202"),
        *section(GACHIBOWLI, "1,Cia,9848000203"),
        # No line of a center: `Total` and a number
        *[one.split(",") for one in ("Total,3,", "Dia,TOFA Mars,9848000204")],
    ]
    made = planned(world, "S.No,Name,Phone", *rows)
    assert centers_of(world, made) == ["tofa tellapur"] * 2 + [GACHIBOWLI] * 2
    assert made["totals"]["reject"] == 3
    # A person has chosen the center of the rows above the first line.
    above = ["1", "Eva", "9848000205"]
    made = planned(world, "S.No,Name,Phone", above, *section(GACHIBOWLI, "1,Fay,9848000206"),
                   center=TELLAPUR)  # fmt: skip
    assert centers_of(world, made) == [TELLAPUR, GACHIBOWLI]


def test_a_line_names_no_center_where_a_column_does(world: World) -> None:
    rows = [[TELLAPUR, "", ""], ["", "Asha", "9848000201"]]
    made = planned(world, "Center,Name,Phone", *rows)
    assert (made["totals"]["create"], made["totals"]["reject"]) == (0, 2)


@pytest.mark.parametrize(
    "header",
    [
        "Name,Phone,Branch,,Name,Phone,Branch",
        "Phone,Branch,Phone,Branch",
        "Name,Phone,Branch,Name,Phone,Branch,name,phone,branch",
    ],
)
def test_tables_beside_each_other_are_no_leads_with_two_phones(world: World, header: str) -> None:
    row = ["9848000201" if name else "" for name in header.split(",")]
    with pytest.raises(BadRequest, match="beside each other"):
        planned(world, header, row)


@pytest.mark.parametrize(
    "header", ["Name,Phone,Phone,Branch", "Name,Phone,Name,Phone,Branch", "Phone,Phone,Branch"]
)
def test_one_table_in_which_names_come_twice(world: World, header: str) -> None:
    row = [TELLAPUR if name == "Branch" else "9848000201" for name in header.split(",")]
    assert planned(world, header, row)["totals"]["create"] == 1
