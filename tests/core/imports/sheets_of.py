"""Small spreadsheets, and what an import made of them."""

from typing import Any

import pytest

from backend.core.access import Person
from backend.core.centers import CENTER_COLUMN
from backend.core.imports import commit, listing, plan, steps, store
from backend.core.imports import undo as undoing
from backend.core.imports.upload import upload as upload_file
from backend.schemas.imports import ImportOut, RowFilter, RowReason, Undone
from tests.world import LEAD, World

LEADER = Person(1, LEAD, "team_lead")
HEADER = f"created_time,player_name,phone,email,{CENTER_COLUMN}"
TELLAPUR = "TOFA Tellapur"


def sheet(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join((header, *rows)).encode()


def row(name: str, phone: str, center: str = TELLAPUR, *, at: str = "", email: str = "") -> str:
    return f"{at},{name},{phone},{email},{center}"


def upload(world: World, *rows: str, header: str = HEADER) -> Any:
    content = sheet(*rows, header=header)
    return upload_file(world.db, world.settings, LEADER, "leads.csv", content)


def planned(world: World, *rows: str, header: str = HEADER, mapping: str | None = None) -> int:
    content = sheet(*rows, header=header)
    made = plan.make(world.db, world.settings, LEADER, "leads.csv", content, mapping)
    assert made["state"] == "planned"
    return made["id"]


def committed(world: World, *rows: str, header: str = HEADER) -> int:
    import_id = planned(world, *rows, header=header)
    assert commit_it(world, import_id)["state"] == "committed"
    return import_id


def commit_it(world: World, import_id: int) -> ImportOut:
    return commit.commit(world.db, world.settings, LEADER, import_id)


def undo(world: World, import_id: int) -> Undone:
    return undoing.undo(world.db, LEADER, import_id)


def in_steps_of(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    """Lets each step of a large write have so many items, however fast it is."""
    for name in ("FIRST", "FEWEST", "MOST"):
        monkeypatch.setattr(steps, name, rows)


def show(world: World, import_id: int) -> ImportOut:
    with world.db.read() as session:
        return store.show(session, import_id)


Outcome = tuple[int, str, list[dict[str, Any]], int | None]


def verdicts(world: World, import_id: int) -> list[Outcome]:
    """Return the number, the verdict, the reasons (as `why`) and the lead of each row."""
    with world.db.read() as session:
        rows = listing.list_rows(session, import_id, RowFilter(limit=1000))
    return [
        (
            one["row"],
            one["verdict"],
            [_without_text(each) for each in one["reasons"]],
            one["lead_id"],
        )
        for one in rows
    ]


def why(code: str, **params: Any) -> dict[str, Any]:
    """Return a reason as `verdicts` does."""
    return {"code": code, **params}


def _without_text(reason: RowReason) -> dict[str, Any]:
    params: dict[str, Any] = {**reason}
    assert params.pop("message")
    return params
