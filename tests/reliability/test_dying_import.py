"""A process that dies in the middle of an import: nothing is half done, and it can go on."""

import subprocess
import sys
from pathlib import Path

import pytest

from backend.core.imports import pulse, store
from tests.core.imports.sheets_of import commit_it, planned, row, show, undo, verdicts
from tests.dump import dump
from tests.reliability.dying_import import ROWS
from tests.waiting import wait_until
from tests.world import World

ROOT = Path(__file__).parents[2]
OF_IMPORTS = ("import", "importrow")


def die(world: World, step: str, batch: int) -> None:
    url = world.settings.database_url
    command = [sys.executable, "-m", "tests.reliability.dying_import", url, step, str(batch)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 9


@pytest.mark.parametrize("batch", [1, 3, 4])
def test_in_the_middle_of_planning(
    world: World, monkeypatch: pytest.MonkeyPatch, batch: int
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
    world: World, monkeypatch: pytest.MonkeyPatch, step: str, batch: int
) -> None:
    before = dump(world.db, *OF_IMPORTS)
    die(world, step, batch)
    assert dump(world.db, *OF_IMPORTS) == before
    # What it has left behind, if anything, does not count for long.
    monkeypatch.setattr(pulse, "FRESH", 0.1)
    seen = set()

    def is_planned() -> bool:
        seen.add(show(world, 1)["state"])
        return "planned" in seen

    wait_until(is_planned)
    assert seen <= {"planned", "committing"}
    assert {lead for *_, verdict, _, lead in verdicts(world, 1) if verdict == "create"} == {None}
    done = commit_it(world, 1)
    totals = done["totals"]
    assert len(dump(world.db)["lead"]) == 2 + totals["create"] + totals["sibling"]
    assert (totals["waiting"], totals["join"]) == (1, 1)


@pytest.mark.parametrize("batch", [1])
def test_in_the_middle_of_an_undoing(world: World, batch: int) -> None:
    die(world, "undoing", batch)
    assert show(world, 1)["state"] == "committed"
    assert len(dump(world.db)["lead"]) == 2 + ROWS - 2
    answer = undo(world, 1)
    assert (answer["leads_removed"], answer["leads_restored"], answer["kept"]) == (ROWS - 2, 1, [])
    assert len(dump(world.db)["lead"]) == 2
