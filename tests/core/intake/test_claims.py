"""A claim ends with its holder, and what a clock that ran ahead has planned is done in time."""

from datetime import timedelta

import pytest
from sqlalchemy import event, update
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

from backend.core import times
from backend.core.errors import Problem
from backend.core.intake import claims, flat_form, processing, webhook, webhook_access
from backend.core.rate_limits import Throttle
from backend.models import Delivery
from tests.core.intake.arrivals import all_deliveries, delivery, flat, leads, states, work_off
from tests.world import World

FLAT = b'{"phone_number": "9848022338", "nearest_center": "TOFA Tellapur"}'


class Outage:
    """The database fails at commits: at those whose numbers are given, counted from 1."""

    def __init__(self, *failing: int) -> None:
        self._failing, self._commits = failing, 0

    def __enter__(self) -> None:
        event.listen(Session, "before_commit", self._fail)

    def __exit__(self, *_error: object) -> None:
        event.remove(Session, "before_commit", self._fail)

    def _fail(self, _session: Session) -> None:
        self._commits += 1
        if self._commits in self._failing:
            raise OperationalError("COMMIT", None, Exception("the disk is gone"))


# 1 is the commit of the claims, then one for each delivery; 4 is that of giving back.
@pytest.mark.parametrize("failing", [(1,), (2,), (3,), (3, 4), (2, 3), (1, 2)])
def test_what_a_worker_has_claimed_is_due_when_it_fails(
    world: World, failing: tuple[int, ...]
) -> None:
    ids = [flat(world.db, phone_number=f"984802230{number}") for number in range(3)]
    with Outage(*failing), pytest.raises(OperationalError):
        processing.run_once(world.db, world.settings)
    work_off(world.db, world.settings)
    assert states(world.db) == {"processed": 3}
    assert [delivery(world.db, id).attempts for id in ids] == [1, 1, 1]
    assert len(leads(world.db)) == 3


def test_a_delivery_whose_request_fails_is_left_to_the_workers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave(*_: object) -> None:
        raise flat_form.NotStored

    for way in ("create", "store"):
        monkeypatch.setattr(flat_form, way, leave)
    token = webhook_access.token(world.settings)
    posted = webhook.Posted(FLAT, {}, token, "192.0.2.1")
    throttle = Throttle(world.db)
    with Outage(2), pytest.raises((OperationalError, Problem)):
        webhook.receive(world.db, world.settings, throttle, posted)
    (kept,) = all_deliveries(world.db)
    assert (kept.state, kept.held_by, kept.attempts) == ("received", None, 0)
    assert work_off(world.db, world.settings) == 1
    assert len(leads(world.db)) == 1


def test_what_a_clock_that_ran_ahead_has_planned(world: World) -> None:
    late, soon = flat(world.db), flat(world.db, phone_number="9848022339")
    now = times.now()
    for id, wait in ((late, timedelta(days=365)), (soon, timedelta(hours=5))):
        with world.db.write() as session:
            due = update(Delivery).where(col(Delivery.id) == id)
            session.connection().execute(due.values(state="retrying", due_at=now + wait))
    with world.db.read() as session:
        assert claims.is_planned_too_late(session)
    with world.db.write() as session:
        assert claims.recheck_due(session) == 1
    with world.db.read() as session:
        assert not claims.is_planned_too_late(session)
    assert work_off(world.db, world.settings) == 1
    assert [delivery(world.db, id).state for id in (late, soon)] == ["processed", "retrying"]
