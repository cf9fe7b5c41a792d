"""Slots of a process: one person never holds all of them."""

import threading

import pytest

from backend.core import slots
from backend.core.errors import Busy
from backend.core.slots import Lists
from tests.waiting import wait_until


def test_the_lists_of_one_person_leave_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "WAIT", 0.0)
    lists = Lists(connections=3)
    with lists.turn("a"), lists.turn("a"):
        with pytest.raises(Busy), lists.turn("a"):
            raise AssertionError
        with lists.turn("b"):
            pass
    with lists.turn("a"):
        pass
    with Lists(connections=1).turn("a"):
        pass


def test_a_list_waits_for_others_of_its_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "WAIT", 60.0)
    monkeypatch.setattr(slots, "WAITING", 1)
    lists, refused, read = Lists(connections=2), [], []

    def ask() -> None:
        try:
            with lists.turn("a"):
                read.append(True)
        except Busy:
            refused.append(True)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    with lists.turn("a"):
        for thread in threads:
            thread.start()
        wait_until(lambda: len(refused) == 2)
        assert read == []
    for thread in threads:
        thread.join()
    assert read == [True]
