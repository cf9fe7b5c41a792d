"""What is added up is what one counts, whatever has been done to the leads, by whomever."""

import random
import threading
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
from backend.core.reports import daily_totals, rollup
from backend.core.reports.daily_totals import Cohort
from backend.models import ChangedDay, DailyTotal, Lead, Role, TotalledDay
from tests.world import GACHIBOWLI, TELLAPUR, World

KOLKATA = ZoneInfo("Asia/Kolkata")
# The clocks change at midnight after the 29th in Cairo, and at one of the 1st in Havana.
ZONES = (KOLKATA, *map(ZoneInfo, ("Africa/Cairo", "America/Havana", "Pacific/Kiritimati")))
FIRST, LAST = date(2026, 10, 28), date(2026, 11, 3)
PEOPLE = (
    Person(1, "", Role.TEAM_LEAD),
    Person(2, "", Role.TEAM_MEMBER, (TELLAPUR,)),
    Person(3, "", Role.TEAM_MEMBER),
)
# What a site's own script could do to a lead.
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


def counted(session: Session, cohort: Cohort, changed: list[date]) -> Any:
    added = daily_totals.add_up(session, cohort, changed)
    return added.groups, added.days


def hold(session: Session, zone: ZoneInfo) -> None:
    """What is answered is what one would count now, for each person."""
    many = (LAST - FIRST).days + 1
    all_days = [FIRST + timedelta(days=day) for day in range(many)]
    changed = rollup.changed(session, FIRST, LAST, zone)
    for person in PEOPLE:
        for center in (None, GACHIBOWLI):
            cohort = Cohort(person, FIRST, LAST, zone, center)
            by_hand = counted(session, cohort, all_days)
            assert counted(session, cohort, changed) == by_hand


class Leads(RuleBasedStateMachine):
    """The leads of some days, changed in every way, and added up now and then."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.zone = KOLKATA
        self._do("DELETE FROM lead")

    def _do(self, statement: str) -> None:
        with self.world.db.write() as session:
            session.connection().execute(text(statement))

    @rule(at=moments, center=centers, many=st.integers(1, 3), is_test=st.booleans())
    def come(self, at: datetime, center: int | None, many: int, is_test: bool) -> None:
        with self.world.db.write() as session:
            session.add_all(
                Lead(created_time=at + timedelta(hours=hour), center_id=center, is_test=is_test)
                for hour in range(many)
            )

    @rule(ats=st.lists(moments, min_size=1, max_size=4), center=centers)
    def are_imported(self, ats: list[datetime], center: int | None) -> None:
        rows = [
            (at, "Tara", *[None] * 4, center, None, False, *[None, "", None, None]) for at in ats
        ]
        with self.world.db.write() as session:
            bulk_insert.insert_leads(session, rows, user_id=None, source="upload")

    @rule(change=st.sampled_from(CHANGES), nth=st.integers(0, 5), every=st.booleans())
    def change(self, change: str, nth: int, every: bool) -> None:
        some = "" if every else f" WHERE id % 6 = {nth}"
        self._do(f"UPDATE lead SET {change}{some}")

    @rule(nth=st.integers(0, 5))
    def go(self, nth: int) -> None:
        self._do(f"DELETE FROM lead WHERE id % 6 = {nth}")

    @rule(limit=st.integers(1, 12), zone=st.sampled_from((None, *ZONES)))
    def are_added_up(self, limit: int, zone: ZoneInfo | None) -> None:
        """Perhaps by a server that has still, or already, another zone."""
        with self.world.db.write() as session:
            rollup.refresh(session, zone or self.zone, limit)

    @rule(zone=st.sampled_from(ZONES))
    def zone_changes(self, zone: ZoneInfo) -> None:
        self.zone = zone

    @rule()
    def the_server_starts(self) -> None:
        with self.world.db.write() as session:
            rollup.recheck(session, self.zone)

    @invariant()
    def nothing_differs(self) -> None:
        with self.world.db.read() as session:
            for zone in {self.zone, KOLKATA}:
                hold(session, zone)

    @rule()
    def all_is_added_up(self) -> None:
        """Then nothing is left to read by hand, in whichever zone it was before."""
        with self.world.db.write() as session:
            rollup.recheck(session, self.zone)
            while rollup.refresh(session, self.zone):
                pass
            assert not rollup.is_behind(session)
            assert rollup.changed(session, FIRST, LAST, self.zone) == []


def test_whatever_is_done_to_the_leads(world: World) -> None:
    made = type("Made", (Leads,), {"world": world})
    run(made, settings=settings(max_examples=12, stateful_step_count=20, deadline=None))


def added_up(world: World, zone: ZoneInfo = KOLKATA) -> None:
    with world.db.write() as session:
        while rollup.refresh(session, zone):
            pass


def made(world: World, *ats: datetime) -> None:
    with world.db.write() as session:
        session.add_all(Lead(created_time=at, center_id=TELLAPUR) for at in ats)


def changed(world: World, first: date, last: date, zone: ZoneInfo = KOLKATA) -> list[date]:
    with world.db.read() as session:
        return rollup.changed(session, first, last, zone)


def test_of_a_day_that_changed_the_leads_are_read(world: World) -> None:
    """A day of UTC lies in two days of Kolkata."""
    added_up(world)
    assert changed(world, FIRST, LAST) == []
    made(world, datetime(2026, 10, 30, 12, tzinfo=UTC))
    assert changed(world, FIRST, LAST) == [date(2026, 10, 30), date(2026, 10, 31)]
    with world.db.write() as session:
        session.connection().execute(
            text("UPDATE lead SET status = 'Called', search_indexed = true")
        )
    assert changed(world, FIRST, LAST) == [date(2026, 10, 30), date(2026, 10, 31)]


def test_a_long_gap_between_days_that_changed(world: World) -> None:
    """So many apart from one another are read in one go."""
    added_up(world)
    first = date(2024, 1, 1)
    days = [datetime(2024, 1, 1, 12, tzinfo=UTC) + timedelta(days=7 * week) for week in range(60)]
    made(world, *days)
    added_up(world)
    with world.db.write() as session:
        session.connection().execute(
            text("UPDATE lead SET source = 'manual' WHERE created_time < '2025-06-01'")
        )
    last = date(2025, 12, 31)
    assert len(changed(world, first, last)) == 120
    with world.db.read() as session:
        cohort = Cohort(PEOPLE[0], first, last, KOLKATA)
        added = daily_totals.add_up(session, cohort, rollup.changed(session, first, last, KOLKATA))
    assert added.groups["center"]["1"]["leads"] == sum(added.days.values()) == 60


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_who_began_before_and_ends_after(world: World) -> None:
    """What is not committed yet when a day is added up counts as soon as it is."""
    added_up(world)
    at = datetime(2026, 10, 30, 12, tzinfo=UTC)
    made(world, at)
    with world.db.write() as session:
        session.add(Lead(created_time=at, center_id=TELLAPUR))
        session.flush()
        added_up(world)
        assert changed(world, FIRST, LAST) == []
    assert changed(world, FIRST, LAST) == [date(2026, 10, 30), date(2026, 10, 31)]
    with world.db.read() as session:
        hold(session, KOLKATA)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_role_that_may_only_change_leads(world: World) -> None:
    """A site's own program goes on, though it knows nothing of marks."""
    added_up(world)
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
        hold(session, KOLKATA)


# How often each of those that work at once does what it does.
ROUNDS = 15


def test_several_at_once(world: World) -> None:
    """Writers, two that add up and one that reads: each snapshot agrees with itself."""
    failed: list[BaseException] = []

    def write(rng: random.Random) -> None:
        for _ in range(rng.randrange(1, 4)):
            hours = timedelta(hours=rng.randrange(6 * 24))
            made(world, datetime(2026, 10, 28, tzinfo=UTC) + hours)
        with world.db.write() as session:
            of = rng.randrange(5)
            # In order, or two would wait for each other.
            query = select(col(Lead.id)).where(col(Lead.id) % 5 == of).order_by(col(Lead.id))
            ids = session.scalars(query.with_for_update()).all()
            change = text(f"UPDATE lead SET {rng.choice(CHANGES)} WHERE id = :id")
            for id in ids:
                session.connection().execute(change, {"id": id})

    def add_up(_rng: random.Random) -> None:
        with world.db.write() as session:
            rollup.refresh(session, KOLKATA, 3)

    def read(_rng: random.Random) -> None:
        with world.db.read() as session:
            hold(session, KOLKATA)

    def work(what: Any, seed: int) -> None:
        rng = random.Random(seed)
        try:
            for _ in range(ROUNDS):
                what(rng)
        except BaseException as error:  # noqa: BLE001  told below
            failed.append(error)

    jobs = [write, write, add_up, add_up, read]
    threads = [threading.Thread(target=work, args=job[::-1]) for job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    added_up(world)
    assert changed(world, FIRST, LAST) == []
    read(random.Random())


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("text_", ["soon", "", "9999-12-31 23:59:59", "0001-01-01 00:00:00", "12"])
def test_a_time_that_is_none(world: World, text_: str) -> None:
    """A site's own script may write one on SQLite; it holds up no other day."""
    with world.db.write() as session:
        session.connection().execute(
            text("INSERT INTO lead (created_time, status) VALUES (:at, 'New')"), {"at": text_}
        )
    made(world, datetime(2026, 10, 30, 12, tzinfo=UTC))
    added_up(world)
    with world.db.read() as session:
        assert not rollup.is_behind(session)
        assert (
            session.scalar(
                select(func.sum(DailyTotal.leads)).where(col(DailyTotal.dimension) == "source")
            )
            == 3
        )


@pytest.mark.parametrize("year", [1970, 1971, 8999])
def test_the_first_and_the_last_days_that_figures_are_of(world: World, year: int) -> None:
    at = datetime(year, 12, 31, 22, tzinfo=UTC)
    made(world, at, at - timedelta(hours=12))
    added_up(world)
    first, last = date(max(year, 1971), 1, 1), date(max(year, 1971), 12, 31)
    assert changed(world, first, last) == []
    with world.db.read() as session:
        added = daily_totals.add_up(session, Cohort(PEOPLE[0], first, last, KOLKATA), [])
        assert sum(added.days.values()) == 1


def test_in_another_zone_all_is_read_until_it_is_added_up_anew(world: World) -> None:
    made(world, datetime(2026, 10, 30, 12, tzinfo=UTC))
    added_up(world)
    cairo = ZONES[1]
    assert len(changed(world, FIRST, LAST, cairo)) == 7
    with world.db.write() as session:
        rollup.recheck(session, cairo)
    # Those of Kolkata on which there are leads, the 30th and the 2nd, lie in three of Cairo each.
    assert [day.day for day in changed(world, FIRST, LAST, cairo)] == [29, 30, 31, 1, 2, 3]
    added_up(world, cairo)
    assert changed(world, FIRST, LAST, cairo) == []
    with world.db.read() as session:
        hold(session, cairo)


def test_a_server_that_still_has_the_zone_of_before(world: World) -> None:
    """It adds up a day of its own, in which other hours are missing, and is gone."""
    cairo = ZONES[1]
    made(world, datetime(2026, 10, 29, 19, tzinfo=UTC))
    added_up(world)
    with world.db.write() as session:
        session.add(Lead(created_time=datetime(2026, 10, 30, 23, tzinfo=UTC)))
    with world.db.write() as session:
        assert rollup.refresh(session, cairo, 1) == 1
    for _ in range(3):
        with world.db.read() as session:
            hold(session, KOLKATA)
        with world.db.write() as session:
            rollup.refresh(session, KOLKATA, 1)
    added_up(world)
    assert changed(world, FIRST, LAST) == []


def test_what_is_kept_is_little(world: World) -> None:
    """A row for each thing that leads have in common, and none for what nobody asks for."""
    at = datetime(2026, 10, 30, 12, tzinfo=UTC)
    made(world, *[at] * 50)
    added_up(world)
    with world.db.read() as session:
        rows = session.scalars(
            select(DailyTotal).where(col(DailyTotal.day) == date(2026, 10, 30))
        ).all()
        assert sorted((row.dimension, row.leads) for row in rows) == [
            ("campaign", 50), ("reason", 50), ("source", 50),
        ]  # fmt: skip
        assert session.scalars(select(ChangedDay)).all() == []
        assert {day.day for day in session.scalars(select(TotalledDay))} >= {date(2026, 10, 30)}
