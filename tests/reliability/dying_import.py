"""A process that uploads a spreadsheet, or plans and commits it, and dies in the middle of it.

`python -m tests.reliability.dying_import URL STEP BATCH`: at that step of that batch it ends as
`kill -9` would end it.
"""

import os
import sys
from collections.abc import Callable
from typing import Any

from backend.core.database import bulk_insert
from backend.core.db import Database
from backend.core.imports import commit, plan, steps, store, undo, upload, writer
from backend.core.leads import removing
from tests.core.imports.sheets_of import LEADER, row, sheet
from tests.world import settings_for

ROWS = 12
STEPS: dict[str, tuple[Any, str]] = {
    "planning": (store, "add_rows"),
    "writing": (writer.Writer, "write"),
    "noting": (store, "set_leads"),
    "undoing": (removing, "remove"),
    "uploading": (writer.Writer, "write"),
}


def content() -> bytes:
    rows = [row(f"Child {n}", f"98480{n // 2:05}", at="2025-12-05") for n in range(ROWS - 2)]
    return sheet(*rows, row("Lost", "1", "TOFA Mars"), row("Zoë Khan", "+919848000001"))


def uploaded() -> bytes:
    """A file of the same children, whose centers are all known."""
    return sheet(*(row(f"Child {n}", f"98480{n // 2:05}", at="2025-12-05") for n in range(ROWS)))


def dies_after(call: Callable[..., Any], batch: int) -> Callable[..., Any]:
    calls = [0]

    def dying(*given: Any) -> Any:
        answer = call(*given)
        calls[0] += 1
        if calls[0] == batch:
            os._exit(9)
        return answer

    return dying


def main(url: str, step: str, batch: str) -> None:
    settings = settings_for(url)
    db = Database(settings.url)
    module, name = STEPS[step]
    setattr(module, name, dies_after(getattr(module, name), int(batch)))
    bulk_insert.BATCH = 3
    bulk_insert.batches.__defaults__ = (3,)
    steps.FIRST = steps.FEWEST = steps.MOST = 3
    if step == "uploading":
        upload.upload(db, settings, LEADER, "leads.csv", uploaded())
        return
    made = plan.make(db, settings, LEADER, "leads.csv", content())
    commit.commit(db, settings, LEADER, made["id"])
    undo.undo(db, LEADER, made["id"])


if __name__ == "__main__":
    main(*sys.argv[1:])
