"""Locks by name: who waits for them."""

import threading

from backend.core.database import locks
from tests.waiting import wait_until
from tests.world import World

LONG = 60.0


def test_whether_anyone_waits(world: World) -> None:
    def take() -> None:
        with world.db.write() as session:
            locks.hold(session, "ours")

    with world.db.write() as session:
        holds = locks.hold(session, "ours")
        assert not locks.is_waited_for(session)
        if not holds:
            return
        other = threading.Thread(target=take)
        other.start()
        wait_until(lambda: locks.is_waited_for(session))
    other.join(LONG)
    with world.db.read() as session:
        assert not locks.is_waited_for(session)
