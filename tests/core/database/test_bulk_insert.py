"""Many leads at once: every one with its history, in order, and beside others."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlmodel import col

from backend.core.database import bulk_insert
from backend.models import Comment, Import, Lead, LeadEvent
from tests.world import TELLAPUR, World

TIME = datetime(2026, 11, 2, 4, 30, 0, 123456, tzinfo=UTC)


def lead(number: int, leadgen_id: str | None = None) -> tuple[Any, ...]:
    name = f"{number} Zoë\t\\N\n'\""
    phone = f"+91{number}"
    keys = (phone, name.casefold(), None, "Summer", None, None, None)
    return (TIME, name, None, phone, None, "", TELLAPUR, leadgen_id, number % 2 == 0, *keys)


def insert(world: World, leads: list[tuple[Any, ...]], user_id: int | None = 1) -> int:
    with world.db.write() as session:
        ids = bulk_insert.insert_leads(session, leads, user_id=user_id, source="upload")
        assert ids == sorted(set(ids))
        return len(ids)


@pytest.mark.parametrize("count", [0, 1, 5000, 5001])
def test_every_lead_and_its_history(world: World, count: int) -> None:
    before = datetime.now(UTC)
    assert insert(world, [lead(number) for number in range(count)]) == count
    with world.db.read() as session:
        leads = session.scalars(select(Lead).where(col(Lead.id) > 2).order_by(col(Lead.id))).all()
        events = session.scalars(select(LeadEvent).order_by(col(LeadEvent.lead_id))).all()
    assert [
        (x.created_time, x.player_name, x.player_age_category, x.phone, x.email, x.address,
         x.center_id, x.leadgen_id, x.is_test, x.phone_key, x.name_key, x.email_key, x.campaign,
         x.phone_issue, x.phone_extension, x.birth_date)
        for x in leads
    ] == [lead(number) for number in range(count)]  # fmt: skip
    assert {(x.status, x.source) for x in leads} <= {("New", "upload")}
    assert [line.lead_id for line in events] == [x.id for x in leads]
    for line in events:
        assert (line.kind, line.user_id) == ("created", 1)
        assert json.loads(line.data) == {"source": "upload"}
        assert before <= line.at <= datetime.now(UTC)


def test_an_import_without_a_person(world: World) -> None:
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


def test_an_existing_lead_undoes_all_of_it(world: World) -> None:
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


def test_the_lines_of_an_import_say_so(world: World) -> None:
    with world.db.write() as session:
        made = Import(
            state="committed", filename="x.csv", created_at=TIME, columns=[], mapping={}, totals={}
        )
        session.add(made)
        session.flush()
        bulk_insert.insert_leads(
            session, [lead(1)], user_id=None, source="upload", import_id=made.id
        )
    with world.db.read() as session:
        assert session.scalars(select(LeadEvent)).one().import_id == made.id


def test_rows_of_any_table(world: World) -> None:
    said = "\t\\N\n'\""
    with world.db.write() as session:
        bulk_insert.insert(session, "comment", ("text", "timestamp", "lead_id"), [(said, TIME, 1)])
        bulk_insert.insert(session, "comment", ("text", "timestamp", "lead_id"), [])
    with world.db.read() as session:
        (comment,) = session.scalars(select(Comment))
    assert (comment.text, comment.timestamp, comment.lead_id) == (said, TIME, 1)


@given(st.lists(st.integers(0, 9), max_size=20), st.integers(1, 7))
def test_batches(values: list[int], size: int) -> None:
    found = list(bulk_insert.batches(values, size))
    assert [one for batch in found for one in batch] == values
    assert all(len(batch) == size for batch in found[:-1])
    assert all(1 <= len(batch) <= size for batch in found)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_errors_are_those_of_any_other_statement(world: World) -> None:
    """So that an answer can tell a database that has no room from one that has a fault."""
    lines = [(1, TIME, "created", "{}")] * 20_000
    with world.db.write() as session:
        session.connection().exec_driver_sql("SET LOCAL statement_timeout = 5")
        with pytest.raises(OperationalError):
            bulk_insert.insert(session, "leadevent", ("lead_id", "at", "kind", "data"), lines)
        session.rollback()
    with world.db.write() as session, pytest.raises(DataError):
        bulk_insert.insert(session, "comment", ("text", "timestamp"), [("a\0b", TIME)])


def test_among_many(world: World) -> None:
    odd = ["+919848000001", "'", "\\", '"', "Zoë", "{1,2}", "NULL", ""]
    insert(world, [lead(number) for number in range(10)])
    with world.db.read() as session:
        phones = select(col(Lead.phone)).where(
            bulk_insert.among(session, col(Lead.phone), [*odd, "+913"])
        )
        assert sorted(map(str, session.scalars(phones))) == ["+913", "+919848000001"]
        names = bulk_insert.among(session, col(Lead.player_name), [lead(3)[1], lead(99)[1]])
        assert session.scalars(select(col(Lead.player_name)).where(names)).all() == [lead(3)[1]]
        many = bulk_insert.among(session, col(Lead.id), range(2, 50_000))
        assert len(session.scalars(select(col(Lead.id)).where(many)).all()) == 11
        none = bulk_insert.among(session, col(Lead.phone), [])
        assert session.scalars(select(col(Lead.id)).where(none)).all() == []


@pytest.mark.parametrize("wanted", [[], [1], [2, 9], [1, 2, 2**31 - 1]])
def test_among_numbers(world: World, wanted: list[int]) -> None:
    with world.db.read() as session:
        query = select(col(Lead.id)).where(bulk_insert.among(session, col(Lead.id), wanted))
        assert set(session.scalars(query)) == {1, 2} & set(wanted)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sqlite_gets_few_different_statements(world: World) -> None:
    """The driver keeps each one that it has prepared."""
    statements: set[str] = set()

    def note(_connection: Any, _cursor: Any, sql: str, *_others: Any) -> None:
        if sql.startswith("INSERT INTO lead "):
            statements.add(sql)

    event.listen(world.db.engine, "before_cursor_execute", note)
    for count in range(500, 700, 7):
        insert(world, [lead(number) for number in range(count)])
    event.remove(world.db.engine, "before_cursor_execute", note)
    assert 1 < len(statements) <= 10
