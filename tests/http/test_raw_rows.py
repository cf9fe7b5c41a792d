"""Leads that a script has stored on SQLite with its own SQL: bytes as texts, broken times."""

import csv
from typing import Any

import pytest
from sqlalchemy import text

from backend.core.leads import search
from backend.core.reports import rollup
from tests.servers import Client
from tests.world import World

# PostgreSQL refuses all of these.
# What comes of such a row is decided before an adapter gets it.
pytestmark = pytest.mark.parametrize(
    ("adapter", "database"), [("fastapi", "sqlite")], indirect=["database"]
)

TEXTS = ("player_name", "player_age_category", "phone", "email", "address", "status")
TIMES = ("created_time", "next_followup_date", "trial_at", "called_at", "last_attempt_at")
LISTS = (
    "/leads/my_leads", "/leads/", "/leads/?sort=created", "/leads/?sort=due", "/leads/?sort=name",
    "/leads/next", "/leads/export.csv", "/leads/export.xlsx", "/leads/total", "/reports/",
)  # fmt: skip


def store(world: World, **values: object) -> int:
    row = {"created_time": "2026-11-20 06:30:00.000000", "status": "New", "center_id": 1} | values
    insert = text(
        f"INSERT INTO lead ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})"
        " RETURNING id"
    )
    with world.db.write() as session:
        id: int = session.connection().execute(insert, row).scalar_one()
    return id


def one_of(leads: list[dict[str, Any]], id: int) -> dict[str, Any]:
    return next(lead for lead in leads if lead["id"] == id)


@pytest.mark.parametrize("name", TEXTS)
def test_bytes_in_a_column_of_texts(lead: Client, world: World, name: str) -> None:
    id = store(world, **{name: b"Tara\xff"})
    for path in (*LISTS, f"/leads/{id}"):
        assert lead.get(path).status == 200, path
    assert one_of(lead.get("/leads/my_leads").json(), id)[name] == "Tara\ufffd"
    assert one_of(lead.get("/leads/").json()["leads"], id)[name] == "Tara\ufffd"


@pytest.mark.parametrize("name", TEXTS)
def test_bytes_become_texts(lead: Client, world: World, name: str) -> None:
    id = store(world, **{name: b"Tara\xff"})
    with world.db.write() as session:
        assert search.fill(session) == 3
    with world.db.read() as session:
        kept = session.connection().execute(text(f"SELECT {name} FROM lead WHERE id = {id}"))
        assert kept.scalar_one() == "Tara\ufffd"
    for path in ("/leads/filter-options", "/leads/counts", f"/leads/{id}/data.json"):
        assert lead.get(path).status == 200, path
    if name == "player_name":
        assert [one["id"] for one in lead.get("/leads/?q=tara").json()["leads"]] == [id]


@pytest.mark.parametrize(
    "name",
    ["phone_key", "name_key", "email_key", "phone_issue", "phone_extension", "trial_outcome",
     "last_outcome", "wrong_phone", "attempts", "unanswered"],
)  # fmt: skip
def test_bytes_in_what_the_program_itself_fills(lead: Client, world: World, name: str) -> None:
    """They don't keep the search index from all that comes later."""
    id = store(world, **{name: b"Tara\xff"})
    for path in (f"/leads/{id}/data.json", f"/leads/{id}/data.csv"):
        assert lead.get(path).status == 200, path
    later = store(world, player_name="Meera", name_key="meera")
    with world.db.write() as session:
        assert search.fill(session) == 4
    for path in (*LISTS, f"/leads/{id}", f"/leads/{id}/data.json"):
        assert lead.get(path).status == 200, path
    assert [one["id"] for one in lead.get("/leads/?q=meera").json()["leads"]] == [later]


@pytest.mark.parametrize("name", TIMES)
@pytest.mark.parametrize("stored", ["soon", "", "NaT", 1796000000, b"\xff", "2026-02-20 25:00:00"])
def test_a_broken_time(lead: Client, world: World, name: str, stored: object) -> None:
    id = store(world, **{name: stored})
    for path in (*LISTS, f"/leads/{id}", f"/leads/{id}/data.json", f"/leads/{id}/data.csv"):
        assert lead.get(path).status == 200, path
    found = lead.get(f"/leads/{id}").json()
    assert found[name] is None
    rows = list(csv.reader(lead.get("/leads/export.csv").body.decode("utf-8-sig").splitlines()))
    assert len(rows) == 4
    with world.db.write() as session:
        rollup.refresh(session, world.settings.zone)


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ("2026-11-20 06:30:00", "2026-11-20T06:30:00Z"),
        ("2026-11-20 06:30:00.250000", "2026-11-20T06:30:00.250000Z"),
        ("2026-11-20T06:30:00", "2026-11-20T06:30:00Z"),
        ("2026-11-20T06:30:00Z", "2026-11-20T06:30:00Z"),
        ("2026-11-20 12:00:00+05:30", "2026-11-20T06:30:00Z"),
        ("2026-11-20", "2026-11-20T00:00:00Z"),
    ],
)
def test_a_time_as_another_program_writes_it(
    lead: Client, world: World, stored: str, told: str
) -> None:
    id = store(world, next_followup_date=stored)
    assert lead.get(f"/leads/{id}").json()["next_followup_date"] == told
    assert one_of(lead.get("/leads/").json()["leads"], id)["next_followup_date"] == told
