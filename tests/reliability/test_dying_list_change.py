"""A process that dies while it changes a whole list: the next one goes on where it was."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from backend.core import times
from backend.core.access import Person
from backend.core.leads import changes, list_change_steps, list_changes
from backend.models import Comment, EventKind, Lead, LeadEvent, Role, Status
from backend.schemas.leads import LeadChange
from backend.schemas.list_changes import ListChangeOut, NewListChange
from tests import forking
from tests.world import World

LEADER = Person(1, "lead@tofa.example", Role.TEAM_LEAD)
COUNT = 498
MAIN = """
import sys
from tests.reliability import dying_list_change
dying_list_change.main(*sys.argv[1:])
"""


@pytest.fixture(scope="module")
def parent() -> Iterator[forking.Parent]:
    with forking.Parent(["tests.reliability.dying_list_change"]) as parent:
        yield parent


def dies(parent: forking.Parent, world: World, tmp_path: Path, name: str, part: int) -> None:
    arguments = ["-c", MAIN, world.settings.database_url, name, str(part)]
    start = forking.Start(arguments, str(tmp_path / "said"), {**os.environ})
    assert parent.run([start]) == [9]


def work(world: World) -> None:
    while list_change_steps.run(world.db, world.settings):
        pass


def show(world: World, change_id: int) -> ListChangeOut:
    with world.db.read() as session:
        return list_changes.show(session, LEADER, change_id)


def add_leads(world: World) -> None:
    with world.db.write() as session:
        session.add_all(
            Lead(created_time=times.now(), player_name=f"Child {number}", center_id=1)
            for number in range(COUNT)
        )


def counts(world: World) -> tuple[int, int, int]:
    """Return how many leads are called, how many comments there are, and lines of status."""
    with world.db.read() as session:
        called = select(func.count()).where(col(Lead.status) == Status.CALLED)
        comments = select(func.count(col(Comment.id)))
        lines = select(func.count()).where(col(LeadEvent.kind) == EventKind.STATUS)
        return tuple(session.scalar(one) or 0 for one in (called, comments, lines))  # type: ignore[return-value]


@pytest.mark.slow
@pytest.mark.parametrize("part", [1, 3])
def test_in_the_middle_of_a_change_and_of_its_undo(
    world: World, parent: forking.Parent, tmp_path: Path, part: int
) -> None:
    add_leads(world)
    wanted = NewListChange(filter="", status="Called", comment="Spring")
    begun = list_changes.begin(world.db, world.settings, LEADER, wanted)
    total = begun["total"]
    dies(parent, world, tmp_path, "apply", part)
    shown = show(world, begun["id"])
    done = (part - 1) * list_changes.PART
    assert (shown["state"], shown["done"]) == ("changing", done)
    assert counts(world) == (done, done, done)
    work(world)
    assert show(world, begun["id"])["changed"] == total == COUNT + 2
    assert counts(world) == (total, total, total)
    with world.db.write() as session:
        list_changes.undo(session, LEADER, begun["id"])
    dies(parent, world, tmp_path, "take_back", part)
    assert show(world, begun["id"])["restored"] == done
    work(world)
    undone = show(world, begun["id"])
    assert (undone["state"], undone["restored"], undone["kept"]) == ("undone", total, 0)
    assert counts(world) == (0, 0, 2 * total)


@pytest.mark.slow
def test_in_the_middle_of_a_deletion_and_of_its_undo(
    world: World, parent: forking.Parent, tmp_path: Path
) -> None:
    """A lead is in its tables or in the change that can restore it: nowhere else, and never both.

    One is changed by someone while others are being deleted, and stays.
    """
    add_leads(world)
    before = leads(world)
    wanted = NewListChange(filter="", delete=True)
    begun = list_changes.begin(world.db, world.settings, LEADER, wanted)
    dies(parent, world, tmp_path, "apply", 3)
    assert len(leads(world)) == len(before) - 2 * list_changes.PART
    last = max(before)
    with world.db.write() as session:
        change = LeadChange(status="Called")
        changes.update(session, LEADER, last, change, world.settings.zone)
    work(world)
    assert leads(world).keys() == {last}
    assert show(world, begun["id"])["skipped"] == 1
    with world.db.write() as session:
        list_changes.undo(session, LEADER, begun["id"])
    dies(parent, world, tmp_path, "take_back", 4)
    assert len(leads(world)) == 1 + 3 * list_changes.PART
    work(world)
    undone = show(world, begun["id"])
    assert (undone["state"], undone["restored"], undone["kept"]) == ("undone", len(before) - 1, 0)
    assert leads(world) == before | {last: (before[last][0], Status.CALLED)}


def leads(world: World) -> dict[int, tuple[str | None, str]]:
    with world.db.read() as session:
        return {one.id or 0: (one.player_name, one.status) for one in session.scalars(select(Lead))}
