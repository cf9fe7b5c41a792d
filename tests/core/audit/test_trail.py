"""The audit trail: the chain, its check, how it is shortened, and what the database refuses."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from backend.core import times
from backend.core.audit import Event, Subject, chain, openings, record, retention, verifying
from backend.core.audit.budget import Budget
from backend.core.audit.chain import GENESIS, Link
from backend.core.audit.openings import Openings
from backend.core.audit.verifying import Fault
from backend.core.db import Database
from backend.models import AuditEvent, Center
from tests.world import World


def note(db: Database, *events: Event, **data: Any) -> None:
    """Record events, each in a transaction of its own."""
    for event in events or (Event.USER_CHANGED,):
        with db.write() as session:
            record(session, event, by=1, subject=Subject.USER, subject_id=2, **data)


def trail(db: Database) -> list[AuditEvent]:
    with db.read() as session:
        return list(session.scalars(select(AuditEvent).order_by(AuditEvent.id)))  # type: ignore[arg-type]


def verify(db: Database, noted: Link | None = None) -> verifying.Verified:
    with db.read() as session:
        return verifying.verify(session, noted)


def run(session: Session, statement: str, **values: Any) -> None:
    session.connection().execute(text(statement), values)


@contextmanager
def no_triggers(db: Database) -> Iterator[Session]:
    """A session of someone who owns the database, and gets around what the program is refused."""
    with db.write() as session:
        if db.engine.name == "postgresql":
            run(session, "SET LOCAL session_replication_role = replica")
            yield session
            return
        query = (
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'tofa_audit%'"
        )
        triggers = session.connection().execute(text(query)).all()
        for name, _ in triggers:
            run(session, f"DROP TRIGGER {name}")
        yield session
        for _, sql in triggers:
            session.connection().exec_driver_sql(sql)


@pytest.fixture
def db(world: World) -> Database:
    return world.db


def test_events_are_chained(db: Database) -> None:
    before = len(trail(db))  # the admin's account
    note(db, Event.USER_CREATED, Event.USER_CHANGED, role=["observer", "team_lead"])
    events = trail(db)
    assert [event.id for event in events] == [*range(1, before + 3)]
    assert events[0].previous_hash == GENESIS
    for one, other in pairwise(events):
        assert other.previous_hash == one.hash
    last = events[-1]
    assert (last.event, last.user_id, last.subject, last.subject_id) == (
        "user_changed",
        1,
        "user",
        2,
    )
    assert last.data == '{"role":["observer","team_lead"]}'
    assert verify(db) == verifying.Verified(before + 2, Link(0, GENESIS), Link(last.id, last.hash))


def record_and_fail(session: Session) -> None:
    record(session, Event.CENTER_CREATED, by=1)
    run(session, "SELECT nothing FROM nowhere")


def test_an_event_goes_with_its_transaction(db: Database) -> None:
    count = len(trail(db))
    with pytest.raises(DBAPIError), db.write() as session:
        record_and_fail(session)
    assert len(trail(db)) == count
    session = Session(db.script_engine)
    with closing(session):
        record(session, Event.CENTER_CREATED, by=1)
        session.rollback()
        with session.begin_nested():
            session.add(Center(display_name="A", meta_tag_name="A", city=""))
        record(session, Event.CENTER_CHANGED, by=1)
        session.commit()
        session.commit()
    assert [event.event for event in trail(db)[count:]] == ["center_changed"]


def test_the_hash_is_of_what_is_written_down(db: Database) -> None:
    """The encoding never changes: what was chained before must still hold."""
    row = AuditEvent(
        id=7,
        at=datetime.fromisoformat("2026-11-28T18:00:00.000123+05:30"),
        event="sign_in_failed",
        address="2001:db8::/64",
        data='{"x":"\u00eb"}',
        previous_hash=GENESIS,
        hash="",
    )
    written = (
        '[7,"2026-11-28T12:30:00.000123Z","sign_in_failed",null,null,null,"2001:db8::/64",'
        rf'"{{\"x\":\"\u00eb\"}}","{GENESIS}"]'
    )
    assert chain.hash_of(row, GENESIS) == sha256(written.encode()).hexdigest()


REFUSED = (
    "UPDATE auditevent SET user_id = 2",
    "UPDATE auditevent SET id = id",
    "DELETE FROM auditevent",
    "DELETE FROM auditevent WHERE id = 1",
    "INSERT INTO auditanchor SELECT id, hash, at FROM auditevent WHERE id = 1",
)
REFUSED_BY = {
    "postgresql": ("TRUNCATE auditevent", "TRUNCATE auditanchor"),
    "sqlite": (
        "REPLACE INTO auditevent SELECT * FROM auditevent",
        "INSERT OR REPLACE INTO auditevent SELECT * FROM auditevent WHERE id = 1",
        "UPDATE OR REPLACE auditevent SET id = 1 WHERE id = 2",
    ),
}


def test_the_database_refuses_changes(db: Database) -> None:
    note(db)
    before = [event.model_dump() for event in trail(db)]
    for statement in (*REFUSED, *REFUSED_BY[db.engine.name]):
        with pytest.raises(DBAPIError, match="can only grow"), db.write() as session:
            run(session, statement)
    assert [event.model_dump() for event in trail(db)] == before


@pytest.mark.parametrize(
    ("statement", "fault", "at"),
    [
        ("UPDATE auditevent SET user_id = 2 WHERE id = 3", Fault.CHANGED, 3),
        ("UPDATE auditevent SET data = NULL WHERE id = 3", Fault.CHANGED, 3),
        ("UPDATE auditevent SET at = '2026-01-01 00:00:00.000000' WHERE id = 2", Fault.CHANGED, 2),
        ("DELETE FROM auditevent WHERE id = 3", Fault.MISSING, 4),
        ("DELETE FROM auditevent WHERE id = 1", Fault.MISSING, 2),
        ("UPDATE auditevent SET previous_hash = hash WHERE id = 3", Fault.OTHER_BEFORE, 3),
    ],
)
def test_the_check_finds_what_was_changed(
    db: Database, statement: str, fault: Fault, at: int
) -> None:
    note(db, *[Event.USER_CHANGED] * 4, disabled=True)
    with no_triggers(db) as session:
        run(session, statement)
    found = verify(db)
    assert (found.fault, found.event_id) == (fault, at)
    assert found.events == at - 1 - (fault is Fault.MISSING)


def test_a_noted_head_tells_that_the_end_is_missing(db: Database) -> None:
    note(db, *[Event.USER_CHANGED] * 3)
    noted = verify(db).head
    note(db)
    assert verify(db, noted).fault is None
    with no_triggers(db) as session:
        run(session, "DELETE FROM auditevent WHERE id >= :id", id=noted.id)
    assert verify(db).fault is None
    assert (verify(db, noted).fault, verify(db, noted).event_id) == (Fault.MISSING, noted.id)
    note(db)
    assert verify(db, noted).fault is Fault.OTHER_HEAD


def test_many_append_at_once(world: World) -> None:
    """Two servers, each with several threads: no event is lost, and the chain holds."""
    count = len(trail(world.db))
    other = Database(world.db.url)
    failed: list[BaseException] = []

    def work(db: Database) -> None:
        try:
            for _ in range(5):
                note(db)
        except BaseException as error:  # noqa: BLE001  returned
            failed.append(error)

    threads = [threading.Thread(target=work, args=(db,)) for db in (world.db, other) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert failed == []
    assert (verify(world.db).events, verify(world.db).fault) == (count + 30, None)


# How long it is kept


def age(db: Database, days: int, through: int) -> None:
    """Make the first events so old, with a chain that holds."""
    with no_triggers(db) as session:
        rows = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()  # type: ignore[arg-type]
        last = GENESIS
        for row in rows:
            if row.id <= through:
                row.at -= timedelta(days=days)
            row.previous_hash, row.hash = last, chain.hash_of(row, last)
            last = row.hash
        session.flush()


def test_old_events_go_and_the_chain_still_holds(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "STEP", 3)
    note(db, *[Event.USER_CHANGED] * 7)
    age(db, 500, through=5)
    noted = verify(db).head
    assert [retention.shorten(db, 400) for _ in range(4)] == [3, 2, 0, 0]
    kept = trail(db)
    assert kept[0].id == 6
    assert kept[-1].event == "trail_shortened"
    assert kept[-1].data == '{"through":5}'
    found = verify(db, noted)
    assert (found.fault, found.since.id, found.events) == (None, 5, len(kept))
    note(db)
    assert verify(db).fault is None


def test_a_clock_that_ran_ahead_keeps_no_old_events(db: Database) -> None:
    note(db, *[Event.USER_CHANGED] * 4)
    age(db, 500, through=4)
    with no_triggers(db) as session:
        run(
            session,
            "UPDATE auditevent SET at = :at WHERE id = 3",
            at=times.now().replace(year=2090),
        )
    assert retention.shorten(db, 400) == 4


def test_nothing_recent_can_be_removed_by_an_anchor(db: Database) -> None:
    """Whatever the program's settings say, the database counts the days itself."""
    note(db, *[Event.USER_CHANGED] * 4)
    age(db, 20, through=3)
    with pytest.raises(DBAPIError):
        retention.shorten(db, 10)
    with pytest.raises(DBAPIError), db.write() as session:
        run(session, "INSERT INTO auditanchor SELECT 99, hash, at FROM auditevent WHERE id = 1")
    assert len(trail(db)) >= 4


def test_events_are_removed_about_once_a_day(db: Database) -> None:
    """Each time leaves an event and an anchor, which must not keep the trail growing."""
    note(db, *[Event.USER_CHANGED] * 4)
    age(db, 400, through=3)
    assert retention.shorten(db, 400) == 0
    assert retention.shorten(db, 398) == 3


# Opening a lead


def opened(db: Database) -> list[tuple[int | None, int | None]]:
    return [(one.user_id, one.subject_id) for one in trail(db) if one.event == "lead_opened"]


def test_an_opening_is_noted_once_in_a_while(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(openings, "time", SimpleNamespace(monotonic=lambda: now))
    one, other = Openings(world.db), Openings(world.db)
    for _ in range(3):
        one.note(1, 1)
    one.note(1, 2)
    one.flush_if_due()
    assert opened(world.db) == []
    now += openings.EVERY
    one.flush_if_due()
    assert opened(world.db) == [(1, 1), (1, 2)]
    other.note(1, 1)  # another process: the first one has it
    other.note(2, 1)
    other.flush()
    one.note(1, 1)
    one.flush()
    assert opened(world.db) == [(1, 1), (1, 2), (2, 1)]
    now += openings.WINDOW
    one.note(1, 1)
    assert one._waiting  # it is noted again


def test_what_could_not_be_written_is_written_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = Openings(world.db)
    noted.note(1, 1)

    def fail(*_given: object, **_more: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(chain, "append", fail)
        with pytest.raises(RuntimeError):
            noted.flush()
    noted.flush()
    assert opened(world.db) == [(1, 1)]


def test_memory_of_openings_is_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openings, "MOST", 5)
    noted = Openings(world.db)
    for lead in range(1, 20):
        noted.note(1, lead)
    assert len(noted._waiting) <= 5


def test_a_budget_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    from backend.core.audit import budget

    now = 1000.0
    monkeypatch.setattr(budget, "time", SimpleNamespace(monotonic=lambda: now))
    own = Budget(2)
    assert [own.take() for _ in range(4)] == [True, True, False, False]
    now += budget.MINUTE
    assert own.take()
