"""A process that dies in the middle of an import: nothing is half done, and it can go on."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.core.errors import Conflict
from backend.core.imports import claim, recovery, store
from backend.core.imports.upload import upload
from backend.core.leads import changes
from backend.core.lifecycle import startup
from backend.schemas.leads import LeadChange
from tests import forking
from tests.core.imports.sheets_of import (
    LEADER,
    commit_it,
    in_steps_of,
    planned,
    row,
    show,
    undo,
    verdicts,
)
from tests.dump import dump
from tests.reliability.dying_import import ROWS, uploaded
from tests.world import World

MAIN = """
import sys
from tests.reliability import dying_import
dying_import.main(*sys.argv[1:])
"""
Die = Callable[[World, str, int], None]
# Imports themselves, and the marks of days whose leads are to be added up again.
OF_IMPORTS = ("import", "importrow", "changedday", "retentionmark")


def taken_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the next start does. On PostgreSQL, only the time tells that a process has died."""
    if world.db.engine.name == "postgresql":
        monkeypatch.setattr(claim, "DEAD_AFTER", claim.DEAD_AFTER * 0)
    startup.prepare(world.db, world.settings)
    monkeypatch.undo()


@pytest.fixture(scope="module")
def parent() -> Iterator[forking.Parent]:
    with forking.Parent(["tests.reliability.dying_import"]) as parent:
        yield parent


@pytest.fixture
def die(parent: forking.Parent, tmp_path: Path) -> Die:
    """Have a process die, at a step of a batch."""

    def dies(world: World, step: str, batch: int) -> None:
        arguments = ["-c", MAIN, world.settings.database_url, step, str(batch)]
        start = forking.Start(arguments, str(tmp_path / "said"), {**os.environ})
        assert parent.run([start]) == [9]

    return dies


@pytest.mark.parametrize("batch", [1, 3, 4])
def test_in_the_middle_of_planning(
    world: World, die: Die, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    before = dump(world.db, *OF_IMPORTS)
    die(world, "planning", batch)
    assert dump(world.db, *OF_IMPORTS) == before
    shown = show(world, 1)
    assert (shown["state"], shown["rows_total"]) == ("planning", ROWS)
    # What was done in the transaction that it died in is not there.
    assert shown["rows_done"] == 3 * (batch - 1) == len(verdicts(world, 1))
    monkeypatch.setattr(store, "DEAD_AFTER", store.DEAD_AFTER * 0)
    assert show(world, 1)["state"] == "failed"
    monkeypatch.undo()
    assert commit_it(world, planned(world, row("A", "1")))["state"] == "committed"


@pytest.mark.parametrize(("step", "batch"), [("writing", 1), ("writing", 4), ("noting", 2)])
def test_in_the_middle_of_a_commit(
    world: World, die: Die, monkeypatch: pytest.MonkeyPatch, step: str, batch: int
) -> None:
    before = dump(world.db, *OF_IMPORTS)
    die(world, step, batch)
    if batch > 1:
        shown = show(world, 1)
        assert (shown["state"], shown["rows_done"]) == ("committing", 3 * (batch - 1) - 1)
    taken_back(world, monkeypatch)
    assert dump(world.db, *OF_IMPORTS) == before
    shown = show(world, 1)
    assert (shown["state"], shown["rows_done"]) == ("planned", ROWS)
    assert {lead for *_, verdict, _, lead in verdicts(world, 1) if verdict == "create"} == {None}
    done = commit_it(world, 1)
    totals = done["totals"]
    assert len(dump(world.db)["lead"]) == 2 + totals["create"] + totals["sibling"]
    assert (totals["waiting"], totals["join"]) == (1, 1)


@pytest.mark.parametrize("batch", [1, 3, 4])
def test_in_the_middle_of_an_upload(
    world: World, die: Die, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    before = dump(world.db, *OF_IMPORTS)
    die(world, "uploading", batch)
    taken_back(world, monkeypatch)
    assert dump(world.db, *OF_IMPORTS) == before
    if batch > 1:
        shown = show(world, 1)
        assert shown["state"] == "failed"
        assert shown["problem"] == {
            "code": "upload_failed",
            "message": "The upload failed, and no lead was added. Send the file again",
        }
    answer = upload(world.db, world.settings, LEADER, "leads.csv", uploaded())
    assert answer == {"status": "success", "leads_added": ROWS}
    assert len(dump(world.db)["lead"]) == 2 + ROWS


def test_what_people_did_with_a_lead_meanwhile_stays(
    world: World, die: Die, monkeypatch: pytest.MonkeyPatch
) -> None:
    die(world, "uploading", 4)
    with world.db.write() as session:
        said = LeadChange(status="Called", comment="Comes on Sunday")
        changes.update(session, LEADER, 4, said, world.settings.zone)
    taken_back(world, monkeypatch)
    assert [lead[0] for lead in dump(world.db)["lead"]] == [1, 2, 4]


@pytest.mark.parametrize("rows", [ROWS, 4])
def test_a_file_that_is_sent_again_before_that_keeps_its_leads(
    world: World, die: Die, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    """Leads that were reported as existing must exist."""
    die(world, "uploading", 4)
    again = b"\n".join(uploaded().splitlines()[: rows + 1])
    answer: Any = upload(world.db, world.settings, LEADER, "leads.csv", again)
    assert answer["leads_added"] + answer["already_here"] == rows
    taken_back(world, monkeypatch)
    assert len(dump(world.db)["lead"]) == 2 + rows
    answer = upload(world.db, world.settings, LEADER, "leads.csv", again)
    assert answer["already_here"] == rows


def test_one_that_is_alive_is_left_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    in_steps_of(monkeypatch, 3)

    def look(done: int, _total: int) -> None:
        if 0 < done < ROWS:
            assert recovery.run(world.db) == 0

    answer = upload(world.db, world.settings, LEADER, "leads.csv", uploaded(), look)
    assert answer["status"] == "success"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.skipif("sys.platform == 'win32'", reason="it locks no files")
def test_one_whose_file_can_not_be_locked_is_alive_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that nobody holds would say that its process has died."""
    import fcntl

    in_steps_of(monkeypatch, 3)
    file = Path(f"{world.settings.url.database}-import-1").open("wb")  # noqa: SIM115  see `look`
    fcntl.flock(file, fcntl.LOCK_EX)

    def look(done: int, total: int) -> None:
        file.close()
        if total and done < ROWS:
            assert recovery.run(world.db) == 0

    with file:
        answer = upload(world.db, world.settings, LEADER, "leads.csv", uploaded(), look)
    assert answer == {"status": "success", "leads_added": ROWS}


def test_one_that_stood_still_for_too_long_stops(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was taken back in the meantime, and must not go on writing."""
    in_steps_of(monkeypatch, 3)
    before = dump(world.db, *OF_IMPORTS)
    monkeypatch.setattr(claim, "DEAD_AFTER", claim.DEAD_AFTER * 0)
    taken: list[int] = []

    def look(_done: int, total: int) -> None:
        if total and not taken:
            taken.append(recovery.run(world.db))

    with pytest.raises(Conflict):
        upload(world.db, world.settings, LEADER, "leads.csv", uploaded(), look)
    assert taken == [1]
    assert dump(world.db, *OF_IMPORTS) == before


@pytest.mark.parametrize("batch", [1, 2])
def test_in_the_middle_of_an_undoing(world: World, die: Die, batch: int) -> None:
    """Steps that are done are done; the rest is taken back when it is undone once more."""
    die(world, "undoing", batch)
    assert show(world, 1)["state"] == "committed"
    left = dump(world.db)["lead"]
    # The first of each three was there before, or was made by the import.
    assert len(left) > 2
    answer = undo(world, 1)
    assert answer["leads_removed"] == len(left) - 2
    assert answer["kept"] == []
    assert len(dump(world.db)["lead"]) == 2
    assert show(world, 1)["state"] == "undone"
