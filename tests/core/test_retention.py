"""What is over its time is removed in small steps, and nothing else."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlmodel import SQLModel, col

from backend.core import idempotency, retention, times
from backend.core.access import Person
from backend.core.imports import commit, plan, store
from backend.core.intake import deliveries
from backend.core.leads import bulk_edit
from backend.core.rate_limits import DatabaseStorage
from backend.core.reasons import ReasonCode
from backend.models import (
    BulkChange,
    Delivery,
    DeliveryState,
    IdempotencyKey,
    Import,
    ImportRow,
    ImportState,
    Leave,
    RateCount,
    RecentEdit,
    RetentionMark,
    Source,
)
from backend.schemas.leads import LeadsChange
from tests.world import LEAD, LEAD_OF_TELLAPUR, World

LEADER = Person(1, LEAD, "team_lead")

SHEET = "phone,player_name,nearest_tofa\n" + "".join(
    f"98480{number:05},Child {number},TOFA Tellapur\n" for number in range(3)
)


def age(world: World, model: type[SQLModel], column: Any, days: float) -> None:
    """Make all rows of a table older."""
    with world.db.write() as session:
        session.connection().execute(
            update(model).values({column: times.now() - timedelta(days=days)})
        )


def count(world: World, model: type[SQLModel]) -> int:
    with world.db.read() as session:
        return session.connection().scalar(select(func.count()).select_from(model)) or 0


def remove_all(world: World) -> list[int]:
    """Remove what there is to remove; return how many rows each step took."""
    steps = []
    while done := retention.remove(world.db, world.settings):
        steps.append(done)
    return steps


def planned(world: World) -> int:
    return plan.make(world.db, world.settings, None, "leads.csv", SHEET.encode())["id"]


@pytest.mark.parametrize("committed", [False, True])
def test_rows_of_old_imports_go_in_small_steps(
    world: World, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    monkeypatch.setattr(retention, "STEP", 2)
    id = planned(world)
    if committed:
        commit.commit(world.db, world.settings, None, id)
    age(world, Import, col(Import.created_at), world.settings.plan_days - 1)
    assert remove_all(world) == []
    age(world, Import, col(Import.created_at), world.settings.plan_days + 1)
    assert remove_all(world) == [2, 1]
    assert count(world, ImportRow) == 0
    with world.db.read() as session:
        shown = store.show(session, id)
    if committed:
        assert (shown["state"], shown["problem"]) == (ImportState.COMMITTED, None)
    else:
        assert shown["state"] == ImportState.FAILED
        assert shown["problem"] is not None
        assert shown["problem"]["code"] == ReasonCode.PLAN_EXPIRED


def test_rows_that_are_being_written_stay(world: World) -> None:
    id = planned(world)
    age(world, Import, col(Import.created_at), world.settings.plan_days + 1)
    with world.db.write() as session:
        store.find(session, id).state = ImportState.COMMITTING
    assert remove_all(world) == []


STATES = {
    DeliveryState.PROCESSED: True,
    DeliveryState.DISMISSED: True,
    DeliveryState.WAITING: False,
    DeliveryState.RETRYING: False,
    DeliveryState.FAILED: False,
    DeliveryState.RECEIVED: False,
}


def keep(world: World, received_at: datetime, state: str) -> int:
    with world.db.write() as session:
        more = {"received_at": received_at, "state": state, "fetched": "{}"}
        return deliveries.keep(session, Source.FLAT, "secret", **more)


def bodies(world: World) -> dict[int, tuple[str, str | None]]:
    with world.db.read() as session:
        query = select(col(Delivery.id), col(Delivery.body), col(Delivery.fetched))
        return {id: (body, fetched) for id, body, fetched in session.execute(query)}


def test_raw_bodies_of_settled_deliveries_are_emptied(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "STEP", 3)
    old = times.now() - timedelta(days=world.settings.body_days + 1)
    of_state = {state: keep(world, old, state) for state in STATES}
    # A clock that ran ahead wrote this one; the walk goes on behind it.
    ahead = keep(world, times.now() + timedelta(days=9999), DeliveryState.PROCESSED)
    behind = keep(world, old, DeliveryState.PROCESSED)
    young = keep(world, times.now(), DeliveryState.PROCESSED)
    remove_all(world)
    assert bodies(world) == {
        **{id: ("", None) if STATES[state] else ("secret", "{}") for state, id in of_state.items()},
        ahead: ("secret", "{}"),
        behind: ("", None),
        young: ("secret", "{}"),
    }


def test_a_delivery_that_was_settled_late_has_its_turn(world: World) -> None:
    old = times.now() - timedelta(days=world.settings.body_days + 1)
    late = keep(world, old, DeliveryState.WAITING)
    remove_all(world)
    with world.db.write() as session:
        session.get_one(Delivery, late).state = DeliveryState.DISMISSED
    remove_all(world)
    assert bodies(world)[late] == ("secret", "{}")
    age(world, RetentionMark, col(RetentionMark.at), 8)
    remove_all(world)
    remove_all(world)
    assert bodies(world)[late] == ("", None)


def test_old_bulk_changes_go(world: World) -> None:
    wanted = LeadsChange.model_validate({"ids": [LEAD_OF_TELLAPUR], "status": "Called"})
    for status in ("Called", "New"):
        change = wanted.model_copy(update={"status": status})
        with world.db.write() as session:
            bulk_edit.change(session, LEADER, change, world.settings.zone)
    with world.db.write() as session:
        session.get_one(BulkChange, 1).at = times.now() - timedelta(days=91)
    assert remove_all(world) == [1]
    with world.db.read() as session:
        assert list(session.scalars(select(col(BulkChange.id)))) == [2]


def test_edits_go_after_a_day(world: World) -> None:
    edit = RecentEdit(user_id=1, lead_id=1, at=times.now(), changes={}, attempts=0)
    with world.db.write() as session:
        session.add(edit)
    age(world, RecentEdit, col(RecentEdit.at), 0)
    assert remove_all(world) == []
    age(world, RecentEdit, col(RecentEdit.at), 2)
    assert remove_all(world) == [1]
    assert count(world, RecentEdit) == 0


def test_counters_of_throttles_go(world: World) -> None:
    storage = DatabaseStorage(world.db)
    storage.incr("over", -7200)
    storage.incr("now", 60)
    with world.db.write() as session:
        session.add(RateCount(key="long over", count=1, expires_at=1.0))
    remove_all(world)
    with world.db.read() as session:
        assert list(session.scalars(select(col(RateCount.key)))) == ["now"]


def test_keys_of_requests_go_after_some_days(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "STEP", 2)
    with world.db.write() as session:
        for user in (1, 2, 3):
            idempotency.claim(session, user, "one-of-mine", "f")
            idempotency.keep(session, user, "one-of-mine", b"answer")
    kept = idempotency.KEPT.days
    age(world, IdempotencyKey, col(IdempotencyKey.at), kept - 1)
    assert remove_all(world) == []
    age(world, IdempotencyKey, col(IdempotencyKey.at), kept + 1)
    assert remove_all(world) == [2, 1]
    assert count(world, IdempotencyKey) == 0


def test_leave_goes_a_week_after_its_last_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "STEP", 2)
    today = times.now().date()
    ended = [7, 8, 9, 400, 0, -3]
    with world.db.write() as session:
        for days in ended:
            last = today - timedelta(days=days)
            session.add(
                Leave(user_id=2, first_day=last - timedelta(days=900), last_day=last, label="Ill")
            )
    assert remove_all(world) == [2, 1]
    with world.db.read() as session:
        left = session.scalars(select(col(Leave.last_day))).all()
    assert sorted((today - last).days for last in left) == [-3, 0, 7]
