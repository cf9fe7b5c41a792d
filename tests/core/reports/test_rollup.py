"""Daily totals equal a count of the leads, however the leads are changed."""

import itertools
import random
import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run
from sqlalchemy import func, select, text
from sqlmodel import Session, col

from backend.core.access import Person
from backend.core.database import bulk_insert
from backend.core.reports import cohort_totals, rollup
from backend.core.reports.cohort_totals import Cohort
from backend.models import ChangedDay, DailyTotal, Lead, Role, TotalledDay
from tests.world import GACHIBOWLI, TELLAPUR, World

KOLKATA = ZoneInfo("Asia/Kolkata")
# Clocks change at midnight after the 29th in Cairo, and at 1:00 on the 1st in Havana.
ZONES = (KOLKATA, *map(ZoneInfo, ("Africa/Cairo", "America/Havana", "Pacific/Kiritimati")))
FIRST, LAST = date(2026, 10, 28), date(2026, 11, 3)
PEOPLE = (
    Person(1, "", Role.TEAM_LEAD),
    Person(2, "", Role.TEAM_MEMBER, (TELLAPUR,)),
    Person(3, "", Role.TEAM_MEMBER),
)
# What another program could do to a lead.
CHANGES = (
    "called_at = created_time", "called_at = NULL", "trialled_at = created_time",
    "joined_at = created_time", "lost_at = created_time", "lost_reason = 'Other'", "status = 'New'",
    "lost_reason = 'none'", "campaign = 'Kids'", "campaign = NULL", "source = 'manual'",
    "source = NULL", f"center_id = {GACHIBOWLI}", "center_id = NULL", "is_test = NOT is_test",
    "created_time = '2026-10-30 22:15:00.000000'", "created_time = '2026-11-01 04:59:59.999999'",
    "created_time = '2019-01-01 00:00:00.000000'", "player_name = 'Tara'",
)  # fmt: skip

BEGIN = datetime(2026, 10, 27, tzinfo=UTC)
moments = st.timedeltas(timedelta(), timedelta(days=9)).map(BEGIN.__add__)
centers = st.sampled_from((TELLAPUR, GACHIBOWLI, None))


def totals(session: Session, cohort: Cohort, changed: list[date]) -> Any:
    found = cohort_totals.total(session, cohort, changed)
    return found.groups, found.days


# Each person, of all of their centers and of one.
ASKED = tuple(itertools.product(PEOPLE, (None, GACHIBOWLI)))


def check_totals(
    session: Session, zone: ZoneInfo, asked: Sequence[tuple[Person, int | None]] = ASKED
) -> None:
    """Check that totals equal a count of all leads, for those who ask."""
    length = (LAST - FIRST).days + 1
    all_days = [FIRST + timedelta(days=day) for day in range(length)]
    changed = rollup.changed(session, FIRST, LAST, zone)
    for person, center in asked:
        cohort = Cohort(person, FIRST, LAST, zone, center)
        counted = totals(session, cohort, all_days)
        assert totals(session, cohort, changed) == counted


class Leads(RuleBasedStateMachine):
    """Leads of a few days, changed in every way, with totals recomputed now and then."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.zone = KOLKATA
        self.turns = itertools.cycle(ASKED)
        self._do("DELETE FROM lead")

    def _do(self, statement: str) -> None:
        with self.world.db.write() as session:
            session.connection().execute(text(statement))

    @rule(at=moments, center=centers, count=st.integers(1, 3), is_test=st.booleans())
    def leads_arrive(self, at: datetime, center: int | None, count: int, is_test: bool) -> None:
        with self.world.db.write() as session:
            session.add_all(
                Lead(created_time=at + timedelta(hours=hour), center_id=center, is_test=is_test)
                for hour in range(count)
            )

    @rule(ats=st.lists(moments, min_size=1, max_size=4), center=centers)
    def leads_are_imported(self, ats: list[datetime], center: int | None) -> None:
        rows = [
            (at, "Tara", *[None] * 4, center, None, False, *[None, "", *[None] * 5]) for at in ats
        ]
        with self.world.db.write() as session:
            bulk_insert.insert_leads(session, rows, user_id=None, source="upload")

    @rule(change=st.sampled_from(CHANGES), nth=st.integers(0, 5), every=st.booleans())
    def change(self, change: str, nth: int, every: bool) -> None:
        some = "" if every else f" WHERE id % 6 = {nth}"
        self._do(f"UPDATE lead SET {change}{some}")

    @rule(nth=st.integers(0, 5))
    def leads_are_deleted(self, nth: int) -> None:
        self._do(f"DELETE FROM lead WHERE id % 6 = {nth}")

    @rule(limit=st.integers(1, 12), zone=st.sampled_from((None, *ZONES)))
    def totals_are_refreshed(self, limit: int, zone: ZoneInfo | None) -> None:
        """Recompute totals, possibly as a server with another zone."""
        with self.world.db.write() as session:
            rollup.refresh(session, zone or self.zone, limit)

    @rule(zone=st.sampled_from(ZONES))
    def zone_changes(self, zone: ZoneInfo) -> None:
        self.zone = zone

    @rule()
    def a_server_starts(self) -> None:
        with self.world.db.write() as session:
            rollup.recheck(session, self.zone)

    @invariant()
    def totals_are_right(self) -> None:
        """Check what one of them sees, taking turns: `teardown` checks it for all."""
        with self.world.db.read() as session:
            for zone in {self.zone, KOLKATA}:
                check_totals(session, zone, [next(self.turns)])

    def teardown(self) -> None:
        with self.world.db.read() as session:
            for zone in {self.zone, KOLKATA}:
                check_totals(session, zone)

    @rule()
    def all_totals_are_refreshed(self) -> None:
        """After a full refresh no day needs counting, whatever the zone was before."""
        with self.world.db.write() as session:
            rollup.recheck(session, self.zone)
            while rollup.refresh(session, self.zone):
                pass
            assert not rollup.is_behind(session)
            assert rollup.changed(session, FIRST, LAST, self.zone) == []


@pytest.mark.slow
def test_any_change_of_leads(world: World, database: str) -> None:
    made = type("Made", (Leads,), {"world": world})
    # The days are chosen in Python. On PostgreSQL the statements differ, and each run has them all.
    examples = 12 if database == "sqlite" else 5
    run(made, settings=settings(max_examples=examples, stateful_step_count=20, deadline=None))


def refresh(world: World, zone: ZoneInfo = KOLKATA) -> None:
    with world.db.write() as session:
        while rollup.refresh(session, zone):
            pass


def add_leads(world: World, *ats: datetime) -> None:
    with world.db.write() as session:
        session.add_all(Lead(created_time=at, center_id=TELLAPUR) for at in ats)


def changed(world: World, first: date, last: date, zone: ZoneInfo = KOLKATA) -> list[date]:
    with world.db.read() as session:
        return rollup.changed(session, first, last, zone)


def test_changed_days_are_counted(world: World) -> None:
    """A UTC day overlaps two days in Kolkata."""
    refresh(world)
    assert changed(world, FIRST, LAST) == []
    add_leads(world, datetime(2026, 10, 30, 12, tzinfo=UTC))
    assert changed(world, FIRST, LAST) == [date(2026, 10, 30), date(2026, 10, 31)]
    with world.db.write() as session:
        session.connection().execute(
            text("UPDATE lead SET status = 'Called', search_indexed = true")
        )
    assert changed(world, FIRST, LAST) == [date(2026, 10, 30), date(2026, 10, 31)]


def test_many_separate_changed_days(world: World) -> None:
    """More than `MOST_RUNS` runs of days are counted as one range."""
    refresh(world)
    first = date(2024, 1, 1)
    days = [datetime(2024, 1, 1, 12, tzinfo=UTC) + timedelta(days=7 * week) for week in range(60)]
    add_leads(world, *days)
    refresh(world)
    with world.db.write() as session:
        session.connection().execute(
            text("UPDATE lead SET source = 'manual' WHERE created_time < '2025-06-01'")
        )
    last = date(2025, 12, 31)
    assert len(changed(world, first, last)) == 120
    with world.db.read() as session:
        cohort = Cohort(PEOPLE[0], first, last, KOLKATA)
        found = cohort_totals.total(session, cohort, rollup.changed(session, first, last, KOLKATA))
    assert found.groups["center"]["1"]["leads"] == sum(found.days.values()) == 60


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_transaction_that_overlaps_a_refresh(world: World) -> None:
    """A lead that isn't committed during a refresh counts as soon as it is committed."""
    refresh(world)
    at = datetime(2026, 10, 30, 12, tzinfo=UTC)
    add_leads(world, at)
    with world.db.write() as session:
        session.add(Lead(created_time=at, center_id=TELLAPUR))
        session.flush()
        refresh(world)
        assert changed(world, FIRST, LAST) == []
    assert changed(world, FIRST, LAST) == [date(2026, 10, 30), date(2026, 10, 31)]
    with world.db.read() as session:
        check_totals(session, KOLKATA)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_role_with_access_to_leads_only(world: World) -> None:
    """Another program can change leads without access to the tables of the totals."""
    refresh(world)
    with world.db.engine.begin() as connection:
        role = f"etl_{world.settings.url.database}"
        connection.exec_driver_sql(f'CREATE ROLE "{role}"')
        connection.exec_driver_sql(f'GRANT SELECT, INSERT, UPDATE, DELETE ON lead TO "{role}"')
        connection.exec_driver_sql(f'GRANT USAGE ON SEQUENCE lead_id_seq TO "{role}"')
        connection.exec_driver_sql(f'SET LOCAL ROLE "{role}"')
        for statement in (
            "INSERT INTO lead (created_time, status) VALUES ('2026-10-30 12:00Z', 'New')",
            "UPDATE lead SET created_time = '2026-10-28 12:00Z' WHERE id = 1",
            "DELETE FROM lead WHERE id = 2",
        ):
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql("RESET ROLE")
        connection.exec_driver_sql(f'DROP OWNED BY "{role}"')
        connection.exec_driver_sql(f'DROP ROLE "{role}"')
    assert [day.day for day in changed(world, FIRST, LAST)] == [28, 29, 30, 31, 2, 3]
    with world.db.read() as session:
        check_totals(session, KOLKATA)


# How many times each thread runs its task.
ROUNDS = 15


@pytest.mark.slow
def test_concurrent_changes_and_refreshes(world: World) -> None:
    """Two threads write, two refresh and one reads: every snapshot is consistent."""
    failed: list[BaseException] = []

    def write(rng: random.Random) -> None:
        for _ in range(rng.randrange(1, 4)):
            hours = timedelta(hours=rng.randrange(6 * 24))
            add_leads(world, datetime(2026, 10, 28, tzinfo=UTC) + hours)
        with world.db.write() as session:
            group = rng.randrange(5)
            # Lock in order, to avoid a deadlock.
            query = select(col(Lead.id)).where(col(Lead.id) % 5 == group).order_by(col(Lead.id))
            ids = session.scalars(query.with_for_update()).all()
            change = text(f"UPDATE lead SET {rng.choice(CHANGES)} WHERE id = :id")
            for id in ids:
                session.connection().execute(change, {"id": id})

    def recompute(_rng: random.Random) -> None:
        with world.db.write() as session:
            rollup.refresh(session, KOLKATA, 3)

    def read(_rng: random.Random) -> None:
        with world.db.read() as session:
            check_totals(session, KOLKATA)

    def work(what: Any, seed: int) -> None:
        rng = random.Random(seed)
        try:
            for _ in range(ROUNDS):
                what(rng)
        except BaseException as error:  # noqa: BLE001  asserted below
            failed.append(error)

    jobs = [write, write, recompute, recompute, read]
    threads = [threading.Thread(target=work, args=job[::-1]) for job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    refresh(world)
    assert changed(world, FIRST, LAST) == []
    read(random.Random())


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("text_", ["soon", "", "9999-12-31 23:59:59", "0001-01-01 00:00:00", "12"])
def test_invalid_times(world: World, text_: str) -> None:
    """On SQLite another program can write an invalid time. Other days must not be affected."""
    with world.db.write() as session:
        session.connection().execute(
            text("INSERT INTO lead (created_time, status) VALUES (:at, 'New')"), {"at": text_}
        )
    add_leads(world, datetime(2026, 10, 30, 12, tzinfo=UTC))
    refresh(world)
    with world.db.read() as session:
        assert not rollup.is_behind(session)
        assert (
            session.scalar(
                select(func.sum(DailyTotal.leads)).where(col(DailyTotal.dimension) == "source")
            )
            == 3
        )


@pytest.mark.parametrize("year", [1970, 1971, 8999])
def test_the_first_and_last_years_of_reports(world: World, year: int) -> None:
    at = datetime(year, 12, 31, 22, tzinfo=UTC)
    add_leads(world, at, at - timedelta(hours=12))
    refresh(world)
    first, last = date(max(year, 1971), 1, 1), date(max(year, 1971), 12, 31)
    assert changed(world, first, last) == []
    with world.db.read() as session:
        found = cohort_totals.total(session, Cohort(PEOPLE[0], first, last, KOLKATA), [])
        assert sum(found.days.values()) == 1


def test_a_new_zone_recomputes_all_days(world: World) -> None:
    add_leads(world, datetime(2026, 10, 30, 12, tzinfo=UTC))
    refresh(world)
    cairo = ZONES[1]
    assert len(changed(world, FIRST, LAST, cairo)) == 7
    with world.db.write() as session:
        rollup.recheck(session, cairo)
    # The leads are on the 30th and the 2nd in Kolkata, which overlap three days each in Cairo.
    assert [day.day for day in changed(world, FIRST, LAST, cairo)] == [29, 30, 31, 1, 2, 3]
    refresh(world, cairo)
    assert changed(world, FIRST, LAST, cairo) == []
    with world.db.read() as session:
        check_totals(session, cairo)


def test_a_server_with_the_previous_zone(world: World) -> None:
    """An old server stores a day with other bounds, then stops."""
    cairo = ZONES[1]
    add_leads(world, datetime(2026, 10, 29, 19, tzinfo=UTC))
    refresh(world)
    with world.db.write() as session:
        session.add(Lead(created_time=datetime(2026, 10, 30, 23, tzinfo=UTC)))
    with world.db.write() as session:
        assert rollup.refresh(session, cairo, 1) == 1
    for _ in range(3):
        with world.db.read() as session:
            check_totals(session, KOLKATA)
        with world.db.write() as session:
            rollup.refresh(session, KOLKATA, 1)
    refresh(world)
    assert changed(world, FIRST, LAST) == []


def test_few_rows_are_stored(world: World) -> None:
    """There is one row per dimension and value, not one per lead."""
    at = datetime(2026, 10, 30, 12, tzinfo=UTC)
    add_leads(world, *[at] * 50)
    refresh(world)
    with world.db.read() as session:
        rows = session.scalars(
            select(DailyTotal).where(col(DailyTotal.day) == date(2026, 10, 30))
        ).all()
        assert sorted((row.dimension, row.leads) for row in rows) == [
            ("campaign", 50), ("reason", 50), ("source", 50),
        ]  # fmt: skip
        assert session.scalars(select(ChangedDay)).all() == []
        assert {day.day for day in session.scalars(select(TotalledDay))} >= {date(2026, 10, 30)}
