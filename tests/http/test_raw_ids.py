"""Leads in which a script has stored no day as a birth date, or no id as a center or an owner.

SQLite keeps both, unless the script has asked it to check foreign keys. PostgreSQL refuses them.
"""

import sqlite3
from typing import Any

import pytest

from backend.core.jobs import JOBS, Work
from backend.core.reports import rollup
from tests.servers import Client, Upload
from tests.world import MEMBER, World

# What comes of such a row is decided before an adapter gets it.
pytestmark = pytest.mark.parametrize(
    ("adapter", "database"), [("fastapi", "sqlite")], indirect=["database"]
)

BROKEN = [
    *(("birth_date", stored) for stored in ("soon", "", "2012-13-45", 20120101, b"\xff")),
    *(("center_id", stored) for stored in ("TOFA Tellapur", "", 1.5, b"\xff")),
    *(("owner_id", stored) for stored in ("asha@tofa.example", 1.5, b"\xff")),
]
LISTS = (
    "/leads/my_leads", "/leads/", "/leads/?sort=created", "/leads/?sort=due", "/leads/?sort=name",
    "/leads/?q=tara", "/leads/?owner_id=none", "/leads/next", "/leads/export.csv",
    "/leads/export.xlsx", "/leads/total", "/leads/filter-options", "/leads/counts", "/reports/",
    "/reports/people", "/reports/live", "/leads/duplicates/",
)  # fmt: skip
LEAD = {
    "created_time": "2026-11-20 06:30:00.000000", "status": "New", "center_id": 1,
    "player_name": "Tara", "name_key": "tara", "phone": "+919848022338",
    "phone_key": "+919848022338", "email": "tara@example.com",
}  # fmt: skip


def run(world: World, statement: str, **given: object) -> Any:
    connection = sqlite3.connect(world.db.url.database or "")
    with connection:
        found = connection.execute(statement, given).fetchone()
    connection.close()
    return found and found[0]


def store(world: World, **values: object) -> int:
    row = LEAD | values
    columns, names = ", ".join(row), ", ".join(f":{name}" for name in row)
    id: int = run(world, f"INSERT INTO lead ({columns}) VALUES ({names}) RETURNING id", **row)
    return id


def stored(world: World, id: int, name: str) -> object:
    return run(world, f"SELECT {name} FROM lead WHERE id = :id", id=id)


def one_of(leads: list[dict[str, Any]], id: int) -> dict[str, Any]:
    return next(lead for lead in leads if lead["id"] == id)


def work(world: World) -> None:
    for job in JOBS:
        if job.when(world.settings):
            job.run(Work(world.db, world.settings))


@pytest.mark.parametrize(("name", "value"), BROKEN)
def test_it_shows_as_missing(lead: Client, world: World, name: str, value: object) -> None:
    member = world.token(MEMBER)
    id = store(world, **{name: value})
    for path in (*LISTS, f"/leads/{id}", f"/leads/{id}/data.json", f"/leads/{id}/data.csv"):
        assert lead.get(path).status == 200, path
    for path in LISTS:
        assert lead.get(path, token=member).status in (200, 403), path
    assert lead.get(f"/leads/{id}").json()[name] is None
    if name != "birth_date":
        assert one_of(lead.get("/leads/").json()["leads"], id)[name] is None
    if name == "center_id":
        assert one_of(lead.get("/leads/my_leads").json(), id)[name] is None
        centers = lead.get("/reports/?from=2026-11-20&to=2026-11-20").json()["centers"]
        assert [one["leads"] for one in centers if one["center_id"] is None] == [1]
        with world.db.write() as session:
            rollup.refresh(session, world.settings.zone)
        assert lead.get("/reports/?from=2026-11-20&to=2026-11-20").json()["centers"] == centers
        assert lead.get(f"/leads/{id}", token=member).status == 404
    assert stored(world, id, name) == value
    work(world)
    assert stored(world, id, name) == (value if name == "birth_date" else None)
    for path in ("/leads/next", "/leads/?sort=name", "/leads/?status=New"):
        assert id in {one["id"] for one in lead.get(path).json()["leads"]}, path


@pytest.mark.parametrize(("name", "value"), BROKEN)
def test_writing_leaves_it_alone(lead: Client, world: World, name: str, value: object) -> None:
    id = store(world, **{name: value})
    for change in ({"comment": "Called"}, {"status": "Called"}, {"email": "t@example.com"}):
        assert lead.patch(f"/leads/{id}", json=change).status == 200, change
    assert lead.put(f"/leads/{id}?status=Called&next_date=2026-12-24").status == 200
    assert lead.post(f"/leads/{id}/calls/", json={"outcome": "no_answer"}).status < 300
    bulk = {"ids": [id], "status": "Called"}
    assert lead.post("/leads/bulk", json=bulk).status == 200
    changed = lead.post("/list-changes/", json={"filter": "status=Called", "status": "New"})
    assert changed.status < 300
    work(world)
    assert stored(world, id, name) == (value if name == "birth_date" else None)
    assert lead.get(f"/leads/{id}").json()["status"] == "New"


@pytest.mark.parametrize(("name", "value"), BROKEN)
def test_a_value_can_be_given(lead: Client, world: World, name: str, value: object) -> None:
    id = store(world, **{name: value})
    right = "2017-08-20" if name == "birth_date" else 1
    assert lead.patch(f"/leads/{id}", json={name: right}).status == 200
    assert lead.get(f"/leads/{id}").json()[name] == right
    assert stored(world, id, name) == right


@pytest.mark.parametrize(("name", "value"), BROKEN)
def test_enquiries_join_it(lead: Client, world: World, name: str, value: object) -> None:
    id = store(world, **{name: value})
    flat = {
        "phone_number": "9848022338",
        "full_name": "Tara",
        "nearest_center": "TOFA Tellapur",
        "email_address": "tara@example.com",
    }
    assert lead.post("/leads/meta-webhook/", json=flat).json()["status"] == "success"
    sheet = "player_name,phone,nearest_tofa,birth_date\nTara,9848022338,TOFA Tellapur,2017-08-20\n"
    answer = lead.post("/leads/upload/", file=Upload("a.csv", sheet.encode())).json()
    assert (answer["status"], answer["leads_added"]) == ("success", 0)
    assert [one["kind"] for one in lead.get(f"/leads/{id}/history").json()] == ["repeat_enquiry"]
    work(world)


@pytest.mark.parametrize(("name", "value"), BROKEN)
def test_it_is_merged_and_erased(lead: Client, world: World, name: str, value: object) -> None:
    one, other = store(world), store(world, **{name: value})
    shown = lead.get(f"/leads/{one}/merge?other_id={other}")
    assert shown.status == 200
    preview = shown.json()
    body = {
        "other_id": other,
        "version": preview["this"]["version"],
        "other_version": preview["other"]["version"],
    }
    merged = lead.post(f"/leads/{one}/merge", json=body)
    assert merged.status == 200
    undone = lead.post(f"/leads/merges/{merged.json()['id']}/undo")
    assert undone.status == 200
    assert lead.get(f"/leads/{other}").json()[name] is None
    assert lead.post(f"/leads/{other}/erase", json={"at_once": False}).status == 200
    work(world)
    assert lead.get(f"/leads/{other}").status == 404
