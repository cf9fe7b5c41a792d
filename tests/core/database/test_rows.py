"""Rows that are read straight into the encoder."""

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlmodel import col

from backend.api import encode
from backend.core.database import rows
from backend.core.database.rows import written
from backend.models import Lead
from tests.world import World


def read(world: World) -> list[dict[str, object]]:
    query = select(
        col(Lead.id),
        written(col(Lead.created_time)).label("at"),
        written(col(Lead.next_followup_date)).label("next"),
    ).order_by(col(Lead.id))
    with world.db.read() as session:
        # As it is after the encoder: that the databases agree is what matters.
        answer: list[dict[str, object]] = orjson.loads(encode.encode(rows.fetch(session, query)))
    return answer


YEAR_1000 = datetime(1000, 1, 1)  # noqa: DTZ001  a bound has no zone


@settings(max_examples=15)
@given(st.lists(st.datetimes(YEAR_1000, timezones=st.just(UTC)), max_size=10))
def test_times_are_written_alike_by_both_databases(world: World, times: list[datetime]) -> None:
    with world.db.write() as session:
        session.connection().execute(delete(Lead))
        session.add_all(Lead(created_time=time, next_followup_date=None) for time in times)
    expected = [time.isoformat().replace("+00:00", "Z") for time in times]
    assert [row["at"] for row in read(world)] == expected


@pytest.mark.parametrize(
    ("microsecond", "text"),
    [(0, "2026-11-02T04:30:00Z"), (1, "2026-11-02T04:30:00.000001Z"),
     (120_000, "2026-11-02T04:30:00.120000Z")],
)  # fmt: skip
def test_microseconds_only_where_there_are_some(world: World, microsecond: int, text: str) -> None:
    time = datetime(2026, 11, 2, 4, 30, 0, microsecond, tzinfo=UTC)
    with world.db.write() as session:
        session.get_one(Lead, 1).next_followup_date = time
    assert read(world)[0] == {"id": 1, "at": "2026-11-02T04:30:00Z", "next": text}
    assert read(world)[1]["next"] is None


def test_the_order_is_that_of_the_columns(world: World) -> None:
    assert [list(row) for row in read(world)] == [["id", "at", "next"]] * 2
