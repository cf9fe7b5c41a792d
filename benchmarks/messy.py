"""100,000 rows of a spreadsheet, one in ten with a messy phone: what becomes of each.

Each row is another child with another number, so none may join another. A phone must come out as
the number that was meant or, where its digits are gone, be flagged. The rows are the same in each
run.
"""

import csv
import io
import random
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from backend.core.db import Database
from backend.core.imports import upload
from backend.core.settings import load
from backend.models import Center, Lead
from benchmarks import academy
from benchmarks.databases import Databases
from benchmarks.figures import Figure, Plan, seconds

ROWS = 100_000
MESSY = 0.1
HEADER = ("created_time", "player_name", "phone", "_which_is_the_nearest_tofa_center_to_you?")
_HINDI = str.maketrans("0123456789", "०१२३४५६७८९")

# Ways of writing a mobile number without its country code, beside another one of the family.
READABLE: tuple[Callable[[str, str], str], ...] = (
    lambda number, _: f"{number} (Mother)",
    lambda number, _: f"Mob: {number[:5]} {number[5:]}",
    lambda number, _: f"+91-{number}",
    lambda number, _: f"0{number}",
    lambda number, _: f"91{number}",
    lambda number, _: f"{number}.0",
    lambda number, _: f"'{number}",
    lambda number, _: f"tel:+91{number}",
    lambda number, _: f"p:+91{number}",
    lambda number, _: f"0091 {number}",
    lambda number, _: f"+91 +91 {number}",
    lambda number, _: f"https://wa.me/91{number}",
    lambda number, _: f"{number[0]},{number[1:4]},{number[4:7]},{number[7:]}",
    lambda number, _: number.translate(_HINDI),
    lambda number, _: f"\u200b{number}\u202c",
    lambda number, other: f"{number} / {other}",
    lambda number, other: f"{number}\n{other}",
)
# Ways in which nobody can tell the number any more.
LOST: tuple[Callable[[str, str], str], ...] = (
    lambda number, _: f"{int('91' + number):.5E}",
    lambda number, _: number[:9],
    lambda _number, _: "call father",
)


@dataclass(frozen=True, slots=True)
class Row:
    """A child with a cell for the phone, and the number that it means, in E.164."""

    name: str
    cell: str
    number: str | None


def run(plan: Plan, databases: Databases) -> Iterator[Figure]:
    rows = make(plan.size(ROWS))
    for kind in plan.databases:
        url = databases.create_with_tables(kind)
        academy.build(url)
        settings = load(database_url=url, secret_key="k" * 40)
        with closing(Database(settings.url)) as db:
            content = _sheet(db, rows)
            took = seconds(lambda: upload.upload(db, settings, None, "leads.csv", content))  # noqa: B023
            found = _leads(db)
        strangers = sum(row.name not in found for row in rows)
        wrong = [row for row in rows if row.name in found and not _is_right(row, found[row.name])]
        yield Figure(f"{kind}, merged with a stranger", strangers, "", bound=0)
        yield Figure(f"{kind}, read wrongly, or not read and not flagged", len(wrong), "", bound=0)
        yield Figure(f"{kind}, flagged", sum(issue is not None for _, issue in found.values()), "")
        yield Figure(f"{kind}, a row", took / len(rows) * 1e6, "µs")


def make(count: int) -> list[Row]:
    """Return rows with numbers that are all different."""
    chance = random.Random(7)
    numbers = chance.sample(range(9_000_000_000, 10_000_000_000), 2 * count)
    rows = []
    for at in range(count):
        number, other = str(numbers[2 * at]), str(numbers[2 * at + 1])
        cell, meant = number, f"+91{number}"
        if chance.random() < MESSY:
            way = chance.choice(READABLE + LOST)
            cell = way(number, other)
            rows.append(Row(f"Child {at} Probe", cell, meant if way in READABLE else None))
        else:
            rows.append(Row(f"Child {at} Probe", cell, meant))
    return rows


def _sheet(db: Database, rows: list[Row]) -> bytes:
    with db.read() as session:
        center = session.scalars(select(col(Center.meta_tag_name)).limit(1)).one()
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for at, row in enumerate(rows):
        writer.writerow(
            (f"2026-{1 + at % 10:02}-{1 + at % 28:02} 10:00", row.name, row.cell, center)
        )
    return text.getvalue().encode()


def _leads(db: Database) -> dict[str | None, tuple[str | None, str | None]]:
    """Return the number and the issue of each lead, by its name."""
    with db.read() as session:
        query = select(col(Lead.player_name), col(Lead.phone_key), col(Lead.phone_issue))
        return {name: (key, issue) for name, key, issue in session.connection().execute(query)}


def _is_right(row: Row, found: tuple[str | None, str | None]) -> bool:
    """Whether a number is the one that was meant; one that can't be told must be flagged."""
    key, issue = found
    if row.number is None:
        return key is None and issue is not None
    return key == row.number
