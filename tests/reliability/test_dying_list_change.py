"""A process that dies while it changes a whole list: the next one goes on where it was."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from backend.core import times
from backend.core.access import Person
from backend.core.leads import list_change_steps, list_changes
from backend.models import Comment, EventKind, Lead, LeadEvent, Role, Status
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
    with world.db.write() as session:
        session.add_all(
            Lead(created_time=times.now(), player_name=f"Child {number}", center_id=1)
            for number in range(COUNT)
        )
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
