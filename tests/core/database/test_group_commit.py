"""Writes that share a transaction: each is on disk when it returns, and each fails alone."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session

from backend.core.database.group_commit import Together
from tests.waiting import PATIENCE, wait_until
from tests.world import World

INSERT = text("INSERT INTO pause (name, until, reason, held_for) VALUES (:name, :at, '', '')")


def put(session: Session, names: Sequence[str]) -> None:
    for name in names:
        session.connection().execute(INSERT, {"name": name, "at": "2026-11-02 04:30:00"})


def names(world: World) -> list[str]:
    with world.db.read() as session:
        found = session.connection().execute(text("SELECT name FROM pause ORDER BY name"))
        return [str(name) for name in found.scalars()]


def all_at_once(do: Callable[[str], object], items: Sequence[str]) -> dict[str, object]:
    """What each answers, or how it fails, each in a thread of its own."""

    def one(item: str) -> object:
        try:
            return do(item)
        except Exception as error:  # noqa: BLE001  it is compared
            return error

    with ThreadPoolExecutor(len(items)) as threads:
        return dict(zip(items, threads.map(one, items), strict=True))


def test_it_is_committed_when_it_returns(world: World) -> None:
    """Another connection sees it at once."""

    def keep(name: str) -> bool:
        world.db.write_together(put, name)
        return name in names(world)

    items = [f"item {number}" for number in range(40)]
    assert set(all_at_once(keep, items).values()) == {True}
    assert names(world) == sorted(items)


def all_but_one_wait(
    together: Together[Session, str],
    items: Sequence[str],
    begun: Sequence[object],
    gate: threading.Event,
) -> dict[str, BaseException | None]:
    """Run the first item, which `put` holds at the gate, and open it once all others wait.

    Return how each fails, or None.
    """
    with ThreadPoolExecutor(len(items)) as threads:
        running = [threads.submit(together.run, items[0])]
        wait_until(lambda: begun)
        running += [threads.submit(together.run, item) for item in items[1:]]
        wait_until(lambda: len(together._waiting) == len(items) - 1)
        gate.set()
    return {item: one.exception() for item, one in zip(items, running, strict=True)}


def test_each_gets_its_own_result(world: World) -> None:
    def tell(session: Session, found: Sequence[str]) -> list[str]:
        put(session, found)
        return [f"of {name}" for name in found]

    items = [f"item {number}" for number in range(40)]
    told = all_at_once(lambda name: world.db.write_together(tell, name), items)
    assert told == {name: f"of {name}" for name in items}


def test_those_that_wait_share_a_transaction(world: World) -> None:
    """The first one is held up; all who come meanwhile are written by one of them."""
    batches: list[int] = []
    gate = threading.Event()

    def slow(session: Session, found: Sequence[str]) -> None:
        batches.append(len(found))
        gate.wait(PATIENCE)
        put(session, found)

    items = [f"item {number}" for number in range(10)]
    all_but_one_wait(Together(world.db.write, slow), items, batches, gate)
    assert names(world) == sorted(items)
    assert batches == [1, 9]


def test_one_that_fails_does_not_affect_the_others(world: World) -> None:
    world.db.write_together(put, "twice")
    items = ["twice", *(f"item {number}" for number in range(10))]
    found = all_at_once(lambda name: world.db.write_together(put, name), items)
    assert isinstance(found.pop("twice"), IntegrityError)
    assert set(found.values()) == {None}
    assert names(world) == sorted([*found, "twice"])


def test_a_database_that_fails_is_not_asked_for_each(world: World) -> None:
    """Else many would wait for its time limit, one after the other."""
    asked: list[int] = []
    gate = threading.Event()

    def fail(_session: Session, found: Sequence[str]) -> None:
        asked.append(len(found))
        gate.wait(PATIENCE)
        raise OperationalError("INSERT", {}, Exception("disk full"))

    items = [f"item {number}" for number in range(10)]
    found = all_but_one_wait(Together(world.db.write, fail), items, asked, gate)
    assert {type(error) for error in found.values()} == {OperationalError}
    assert asked == [1, 9]
    world.db.write_together(put, "after it")
    assert names(world) == ["after it"]


def test_a_thread_that_is_ended_leaves_nobody_waiting(world: World) -> None:
    class Ended(BaseException):
        pass

    begun: list[int] = []
    gate = threading.Event()

    def end(session: Session, found: Sequence[str]) -> None:
        begun.append(len(found))
        if len(begun) == 1:
            gate.wait(PATIENCE)
            raise Ended
        put(session, found)

    items = [f"item {number}" for number in range(5)]
    found = all_but_one_wait(Together(world.db.write, end), items, begun, gate)
    assert isinstance(found.pop(items[0]), Ended)
    assert set(found.values()) == {None}
    assert names(world) == sorted(found)
