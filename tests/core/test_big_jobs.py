"""Slots for large jobs: a few per process, a few more in all, and none is lost."""

import threading
from contextlib import ExitStack
from datetime import timedelta

import pytest

from backend.core import big_jobs, times
from backend.core.big_jobs import BigJobs
from backend.core.errors import TooManyJobs
from tests.dump import dump
from tests.waiting import wait_until
from tests.world import World


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(big_jobs, "WAIT", 0.0)


def test_a_process_has_a_few_slots(world: World) -> None:
    jobs = BigJobs(world.db, own=2, in_all=9)
    with jobs.place(), jobs.place():
        with pytest.raises(TooManyJobs) as refused, jobs.place():
            raise AssertionError
        assert refused.value.status == 503
        assert refused.value.headers["retry-after"] == "5"
        with jobs.place(needed=False):
            pass
    with jobs.place():
        pass
    assert dump(world.db)["bigjob"] == []


def test_one_person_leaves_a_slot_to_others(world: World) -> None:
    jobs = BigJobs(world.db, own=2, in_all=9)
    with jobs.place(by=1):
        with pytest.raises(TooManyJobs), jobs.place(by=1):
            raise AssertionError
        with jobs.place(by=2):
            pass
    with jobs.place(by=1):
        pass
    alone = BigJobs(world.db, own=1, in_all=9)
    with alone.place(by=1):
        pass


def test_all_processes_share_slots(world: World) -> None:
    here, elsewhere = (BigJobs(world.db, own=2, in_all=2) for _ in range(2))
    with here.place(), elsewhere.place(), pytest.raises(TooManyJobs), elsewhere.place():
        raise AssertionError
        # The slot of its own process is free again.
    with elsewhere.place(), elsewhere.place():
        pass


def test_a_failed_job_frees_its_slot(world: World) -> None:
    jobs = BigJobs(world.db, own=1, in_all=1)
    for _ in range(2):
        with pytest.raises(KeyError), jobs.place():
            raise KeyError


@pytest.mark.parametrize("ahead", [timedelta(), -2 * big_jobs.LEASE])
def test_the_slot_of_a_dead_process_expires(
    world: World, monkeypatch: pytest.MonkeyPatch, ahead: timedelta
) -> None:
    """The slot expires even if the process's clock was ahead."""
    dead = BigJobs(world.db, own=1, in_all=1)
    jobs = BigJobs(world.db, own=1, in_all=1)
    with ExitStack() as left:
        left.enter_context(dead.place())
        with pytest.raises(TooManyJobs), jobs.place():
            raise AssertionError
        now = times.now() + (ahead or big_jobs.LEASE)
        monkeypatch.setattr(times, "now", lambda: now)
        with jobs.place():
            pass


def test_a_waiting_job_gets_the_slot(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(big_jobs, "WAIT", 60.0)
    monkeypatch.setattr(big_jobs, "LOOK", 0.01)
    jobs = BigJobs(world.db, own=1, in_all=1)
    elsewhere = BigJobs(world.db, own=1, in_all=1)
    done: list[str] = []

    def work(name: str, at: BigJobs) -> None:
        with at.place():
            done.append(name)

    threads = [
        threading.Thread(target=work, args=(name, at))
        for name, at in (("here", jobs), ("elsewhere", elsewhere))
    ]
    with jobs.place():
        for thread in threads:
            thread.start()
        assert done == []
    wait_until(lambda: len(done) == 2)
    for thread in threads:
        thread.join()


def test_only_a_few_threads_wait(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(big_jobs, "WAIT", 60.0)
    monkeypatch.setattr(big_jobs, "WAITING", 1)
    jobs = BigJobs(world.db, own=1, in_all=1)
    waits = threading.Event()
    done: list[bool] = []

    def wait() -> None:
        waits.set()
        with jobs.place():
            done.append(True)

    with jobs.place():
        thread = threading.Thread(target=wait)
        thread.start()
        waits.wait(60)
        wait_until(lambda: jobs._waiting._value == 0)
        with pytest.raises(TooManyJobs), jobs.place():
            raise AssertionError
    thread.join()
    assert done == [True]
