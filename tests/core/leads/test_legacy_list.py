"""The legacy list: which leads, in which order, as which bytes, and read in which steps."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, insert, select, text
from sqlmodel import col

from backend.core.access import Person
from backend.core.leads import legacy_json, legacy_list
from backend.models import Center, Lead, Role
from tests.world import EPOCH, GACHIBOWLI, TELLAPUR, World

LEAD = Person(1, "lead@tofa.example", Role.TEAM_LEAD)
MEMBER = Person(2, "tellapur@tofa.example", Role.TEAM_MEMBER, (TELLAPUR,))


def fill(world: World, leads: int, **given: Any) -> None:
    """Adds leads, every third of them Tellapur's."""
    rows = [
        {
            "created_time": EPOCH + timedelta(seconds=number),
            "player_name": f"Player {number}",
            "center_id": GACHIBOWLI if number % 3 else TELLAPUR,
        }
        | given
        for number in range(leads)
    ]
    with world.db.write() as session:
        if rows:
            session.connection().execute(insert(Lead), rows)


def parts(world: World, person: Person = LEAD) -> list[bytes]:
    with world.db.read() as session:
        first, rest = legacy_list.list_mine(world.db, session, person, world.settings.zone)
    return [first, *(rest or ())]


def listed(world: World, person: Person = LEAD) -> list[dict[str, Any]]:
    leads: list[dict[str, Any]] = orjson.loads(b"".join(parts(world, person)))
    return leads


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of few leads, so that few leads are a long list."""
    for name, value in {
        "FIRST_LEADS": 20, "FIRST_BYTES": 4_000, "STEP_FIRST": 5, "STEP_BYTES": 2_000,
        "STEP_LEAST": 3, "FEW": 8,
    }.items():  # fmt: skip
        monkeypatch.setattr(legacy_list, name, value)


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


@settings(max_examples=40)
@given(st.lists(st.tuples(*[st.none() | TEXTS] * 5, TEXTS), min_size=1, max_size=5))
def test_the_bytes_are_those_of_the_encoder(
    world: World, leads: list[tuple[str | None, ...]]
) -> None:
    names = ("player_name", "player_age_category", "phone", "email", "address", "status")
    rows = [{"created_time": EPOCH} | dict(zip(names, texts, strict=True)) for texts in leads]
    with world.db.write() as session:
        session.connection().execute(delete(Lead))
        session.connection().execute(insert(Lead), rows)
    with world.db.read() as session:
        ids = session.scalars(select(col(Lead.id)).order_by(col(Lead.id))).all()
    blanks = legacy_json.BLANKS
    assert b"".join(parts(world)) == orjson.dumps(
        [
            {
                "id": id,
                "created_time": "2026-11-02T10:00:00",
                "player_name": name if name and name.strip(blanks) else "Unknown",
                "player_age_category": age or "",
                "phone": phone or "",
                "email": email,
                "address": address,
                "status": status,
                "next_followup_date": None,
                "center_id": None,
            }
            for id, (name, age, phone, email, address, status) in zip(ids, leads, strict=True)
        ]
    )


@pytest.mark.parametrize("name", ["", " ", "\u2003", "\u3000\u200b", "\ufeff", "\u2028\x1f", None])
def test_a_name_that_shows_nothing(world: World, name: str | None) -> None:
    fill(world, 1, player_name=name)
    assert listed(world)[-1]["player_name"] == "Unknown"


@pytest.mark.parametrize("name", ["Tara", "0", "~", "\u2003Tara", "\x7f", "प्रिया", "-", "'"])
def test_a_name_that_shows_something(world: World, name: str) -> None:
    fill(world, 1, player_name=name)
    assert listed(world)[-1]["player_name"] == name


def test_nothing(world: World) -> None:
    with world.db.write() as session:
        session.connection().execute(delete(Lead))
    assert parts(world) == [b"[]"]
    assert parts(world, Person(9, "x@x.example", Role.OBSERVER)) == [b"[]"]


@pytest.mark.slow
def test_ten_thousand_leads_come_in_one_piece(world: World) -> None:
    fill(world, 10_000)
    (whole,) = parts(world)
    assert len(orjson.loads(whole)) == 10_002


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("leads", [*range(12), *range(15, 25), 60])
def test_a_long_list_has_every_lead_once(world: World, leads: int) -> None:
    fill(world, leads)
    pieces = parts(world)
    assert [lead["id"] for lead in orjson.loads(b"".join(pieces))] == list(range(1, leads + 3))
    assert len(pieces) == 1 or leads > 15
    assert leads < 60 or len(pieces) > 3


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("leads", [0, 9, 21, 24, 27, 90])
def test_others_see_the_leads_of_their_centers(world: World, leads: int) -> None:
    fill(world, leads)
    seen = listed(world, MEMBER)
    assert {lead["center_id"] for lead in seen} == {TELLAPUR}
    assert len(seen) == leads // 3 + 1
    ids = [lead["id"] for lead in seen]
    assert ids == sorted(set(ids))


@pytest.mark.usefixtures("small")
def test_long_texts_make_short_steps(world: World) -> None:
    fill(world, 60, address="x" * 1_000)
    pieces = parts(world)
    assert len(orjson.loads(b"".join(pieces))) == 62
    assert max(map(len, pieces)) < 12_000


@pytest.mark.usefixtures("small")
def test_leads_that_come_and_go_meanwhile(world: World) -> None:
    fill(world, 60)
    with world.db.read() as session:
        first, rest = legacy_list.list_mine(world.db, session, LEAD, world.settings.zone)
    assert rest is not None
    with world.db.write() as session:
        session.connection().execute(delete(Lead).where(col(Lead.id).in_([1, 50, 62])))
    fill(world, 1)
    found = [lead["id"] for lead in orjson.loads(b"".join([first, *rest]))]
    assert found[0] == 1, "that one was on its way"
    assert 50 not in found
    assert found == sorted(set(found))


@pytest.mark.usefixtures("small")
def test_no_connection_is_held_between_two_steps(world: World) -> None:
    fill(world, 60)
    with world.db.read() as session:
        _, rest = legacy_list.list_mine(world.db, session, LEAD, world.settings.zone)
    assert rest is not None
    for _ in rest:
        assert world.db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


@pytest.fixture
def explained(world: World) -> Iterator[list[str]]:
    """How the database goes about each query for leads."""
    plans: list[str] = []

    def explain(conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "lead" in statement and statement.startswith("SELECT"):
            kind = "QUERY PLAN " if world.db.engine.name == "sqlite" else ""
            rows = conn.exec_driver_sql(f"EXPLAIN {kind}{statement}", parameters).all()
            plans.append("\n".join(str(row[-1]) for row in rows))

    event.listen(world.db.engine, "before_cursor_execute", explain)
    yield plans
    event.remove(world.db.engine, "before_cursor_execute", explain)


@pytest.mark.slow
def test_few_leads_of_many_are_found_by_their_center(world: World, explained: list[str]) -> None:
    with world.db.write() as session:
        session.add(Center(id=3, display_name="C", meta_tag_name="C", city=""))
    fill(world, 20_000)
    with world.db.write() as session:
        session.connection().execute(text("UPDATE lead SET center_id = 3 WHERE id % 400 = 0"))
    if world.db.engine.name == "postgresql":
        with world.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
            plain.exec_driver_sql("ANALYZE lead")
    explained.clear()
    few = Person(9, "few@tofa.example", Role.TEAM_MEMBER, (3,))
    assert len(listed(world, few)) == 50
    counted, read = explained
    for plan in (counted, read):
        assert "ix_lead_center_id" in plan

    fill(world, 20_000)
    explained.clear()
    most = Person(9, "most@tofa.example", Role.TEAM_MEMBER, (GACHIBOWLI,))
    assert len(listed(world, most)) > legacy_list.FIRST_LEADS
    for plan in explained[1:]:
        # In order, and not the whole center for each step.
        assert "INTEGER PRIMARY KEY" in plan or "SCAN lead" in plan or "lead_pkey" in plan
        assert "TEMP B-TREE" not in plan
        assert "Sort" not in plan
