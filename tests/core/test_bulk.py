"""Many leads at once: every one with its history, in order, and beside others."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from backend.core import bulk
from backend.models import Lead, LeadEvent
from tests.world import TELLAPUR, World

TIME = datetime(2026, 11, 2, 4, 30, 0, 123456, tzinfo=UTC)


def lead(number: int, leadgen_id: str | None = None) -> tuple[Any, ...]:
    name = f"{number} Zoë\t\\N\n'\""
    return (TIME, name, None, f"+91{number}", None, "", TELLAPUR, leadgen_id)


def insert(world: World, leads: list[tuple[Any, ...]], user_id: int | None = 1) -> int:
    with world.db.write() as session:
        return bulk.insert_leads(session, leads, user_id=user_id, source="upload")


@pytest.mark.parametrize("count", [0, 1, 5000, 5001])
def test_every_lead_and_its_history(world: World, count: int) -> None:
    before = datetime.now(UTC)
    assert insert(world, [lead(number) for number in range(count)]) == count
    with world.db.read() as session:
        leads = session.scalars(select(Lead).where(col(Lead.id) > 2).order_by(col(Lead.id))).all()
        events = session.scalars(select(LeadEvent).order_by(col(LeadEvent.lead_id))).all()
    assert [
        (x.created_time, x.player_name, x.player_age_category, x.phone, x.email, x.address,
         x.center_id, x.leadgen_id) for x in leads
    ] == [lead(number) for number in range(count)]  # fmt: skip
    assert {x.status for x in leads} <= {"New"}
    assert [event.lead_id for event in events] == [x.id for x in leads]
    for event in events:
        assert (event.kind, event.user_id) == ("created", 1)
        assert json.loads(event.data) == {"source": "upload"}
        assert before <= event.at <= datetime.now(UTC)


def test_nobody_s_import(world: World) -> None:
    insert(world, [lead(1)], user_id=None)
    with world.db.read() as session:
        assert session.scalars(select(LeadEvent)).one().user_id is None


def test_the_ids_go_on(world: World) -> None:
    insert(world, [lead(1), lead(2)])
    with world.db.write() as session:
        added = Lead(created_time=TIME)
        session.add(added)
        session.flush()
    insert(world, [lead(3)])
    with world.db.read() as session:
        ids = session.scalars(select(col(Lead.id)).order_by(col(Lead.id))).all()
    assert ids == [1, 2, 3, 4, 5, 6]


def test_a_lead_that_is_there_takes_all_of_it_back(world: World) -> None:
    insert(world, [lead(1, "428")])
    with pytest.raises(IntegrityError):
        insert(world, [lead(2), lead(3, "428")])
    with world.db.read() as session:
        assert len(session.scalars(select(Lead)).all()) == 3
        assert len(session.scalars(select(LeadEvent)).all()) == 1


def test_two_imports_at_once(world: World) -> None:
    def run(part: int) -> int:
        return insert(world, [lead(part * 10_000 + number) for number in range(3000)])

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(run, range(3))) == [3000] * 3
    with world.db.read() as session:
        rows = session.connection().execute(
            select(col(LeadEvent.lead_id), col(Lead.phone))
            .join(Lead, col(Lead.id) == col(LeadEvent.lead_id))
            .order_by(col(Lead.id))
        )
        phones = [int((phone or "").removeprefix("+91")) for _, phone in rows]
    assert len(set(phones)) == 9000
    for part in range(3):
        mine = [phone for phone in phones if phone // 10_000 == part]
        assert mine == sorted(mine)
