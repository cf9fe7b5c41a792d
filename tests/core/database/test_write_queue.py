"""Turns at the one writer: in order, small writes first, and no one waits forever."""

import threading
from collections import deque
from collections.abc import Callable

import pytest

from backend.core.database import write_queue
from backend.core.database.write_queue import WriteQueue
from backend.core.db import Database, low_priority
from backend.core.errors import Busy
from tests.waiting import wait_until
from tests.world import World

LONG = 60.0


class Line:
    """Threads that queue up one after the other, and the order in which they got their turns."""

    def __init__(self, queue: WriteQueue) -> None:
        self.queue = queue
        self.order: list[str] = []
        self._threads: list[threading.Thread] = []

    def add(self, name: str, *, low: bool = False) -> None:
        waiting = self.waiting + 1
        thread = threading.Thread(target=self._take, args=(name, low))
        self._threads.append(thread)
        thread.start()
        wait_until(lambda: self.waiting == waiting)

    @property
    def waiting(self) -> int:
        return self.queue.waiting

    def join(self) -> None:
        for thread in self._threads:
            thread.join(LONG)

    def _take(self, name: str, low: bool) -> None:
        with self.queue.turn(LONG, low_priority=low):
            self.order.append(name)


def test_turns_go_in_order_and_small_writes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_queue, "PATIENCE", LONG)
    line = Line(WriteQueue())
    with line.queue.turn(LONG):
        line.add("large", low=True)
        for name in ("a", "b", "c"):
            line.add(name)
    line.join()
    assert line.order == ["a", "b", "c", "large"]


def test_low_priority_writes_go_first_once_in_a_while_only() -> None:
    """Many that have waited for long don't all go before a small one."""
    queue = WriteQueue()
    line = Line(queue)
    with queue.turn(LONG):
        for name in ("large 1", "large 2"):
            line.add(name, low=True)
        for name in ("a", "b"):
            line.add(name)
        # As if both had waited for an hour.
        queue._low = deque((since - 3600, woken) for since, woken in queue._low)
    line.join()
    assert line.order == ["large 1", "a", "b", "large 2"]


def test_a_low_priority_write_that_has_waited_for_long_goes_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(write_queue, "PATIENCE", -1.0)
    line = Line(WriteQueue())
    with line.queue.turn(LONG):
        line.add("a")
        line.add("large", low=True)
        line.add("b")
    line.join()
    assert line.order == ["large", "a", "b"]


@pytest.mark.parametrize("low", [False, True])
def test_a_thread_that_gives_up_leaves_the_queue(low: bool) -> None:
    queue = WriteQueue()
    with queue.turn(LONG):
        with pytest.raises(Busy), queue.turn(0.01, low_priority=low):
            raise AssertionError
        assert queue.waiting == 0
    with queue.turn(0.01):
        pass


def test_an_error_gives_the_turn_back() -> None:
    queue = WriteQueue()
    with pytest.raises(KeyError), queue.turn(LONG):
        raise KeyError
    with queue.turn(0.01):
        pass


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_waiting_to_write_holds_no_connection(world: World) -> None:
    """With a single connection, readers go on while others wait behind a writer elsewhere."""
    here = Database(world.settings.url, pool_size=1)
    done: list[str] = []

    def write(unit: Callable[[], None], name: str) -> None:
        unit()
        done.append(name)

    def normal() -> None:
        with here.write():
            pass

    def low() -> None:
        with low_priority():
            normal()

    # Another database object stands for another process.
    with world.db.write():
        threads = [
            threading.Thread(target=write, args=(unit, name))
            for unit, name in ((normal, "normal"), (low, "low"), (normal, "normal"))
        ]
        for thread in threads:
            thread.start()
        for _ in range(20):
            with here.read() as session:
                assert session.connection().exec_driver_sql("SELECT 1").scalar() == 1
        assert done == []
    for thread in threads:
        thread.join(LONG)
    assert sorted(done) == ["low", "normal", "normal"]
    here.close()


def test_a_queue_is_quiet_while_no_small_write_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = WriteQueue()
    with queue.turn(LONG, low_priority=True):
        assert queue.is_quiet()
    with queue.turn(LONG):
        assert not queue.is_quiet()
    assert not queue.is_quiet()
    monkeypatch.setattr(write_queue, "QUIET", -1.0)
    assert queue.is_quiet()
    line = Line(queue)
    with queue.turn(LONG, low_priority=True):
        line.add("small")
        assert not queue.is_quiet()
    line.join()
