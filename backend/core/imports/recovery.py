"""Makes an import that is written in steps all or nothing: if a step fails or the server dies, what
the steps before have written is taken back.

A plan is then a plan again and can be committed; an upload has failed and can be sent again.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import times
from backend.core.database.bulk_insert import among
from backend.core.db import Database
from backend.core.errors import Conflict
from backend.core.imports import claim, steps, store, undo
from backend.core.imports.claim import WRITING, Hold
from backend.core.leads import matching
from backend.core.reasons import Reason, ReasonCode
from backend.models import Import, ImportRow, ImportState

log = logging.getLogger("tofa")

Progress = Callable[[int, int], None]


class Writing:
    """An import that this process writes step by step, and takes back on an error."""

    def __init__(self, db: Database) -> None:
        self.import_id = 0
        self._db = db
        self._hold = Hold(db.url)
        self._steps = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if error is not None and self._steps:
                self._take_back()
        finally:
            self._hold.release()

    def begin(self, session: Session, found: Import, state: ImportState) -> None:
        """Claim an import, new or locked, in the transaction of the first step."""
        found.rows_done = 0
        self._hold.take(session, found, state)
        assert found.id is not None
        self.import_id = found.id

    def go_on(self, session: Session) -> Import | None:
        """Return the import, locked, or None in the first step. Raises `Conflict`."""
        return self._hold.check(session, self.import_id) if self._steps else None

    def told(self, progress: Progress | None, total: int) -> Callable[[int], None]:
        """Return a function to call after each step, with the number of its rows."""
        done = 0

        def tell(rows: int) -> None:
            nonlocal done
            done += rows
            self._steps += 1
            if progress is not None and rows:
                progress(done, total)

        return tell

    def _take_back(self) -> None:
        try:
            with suppress(Conflict):  # another process has taken it back
                take_back(self._db, self._hold, self.import_id)
        except Exception:
            # The next run of `run` finds it abandoned.
            log.exception("Import %s can't be taken back now; will try again", self.import_id)


def run(db: Database) -> int:
    """Take back what processes that have died were writing. Return the number of imports."""
    with db.read() as session:
        writing = select(Import).where(col(Import.state).in_(WRITING))
        abandoned = [one.id for one in session.scalars(writing) if claim.is_abandoned(db.url, one)]
    done = 0
    for import_id in abandoned:
        assert import_id is not None
        hold = Hold(db.url)
        try:
            with suppress(Conflict):
                _take_over(db, hold, import_id)
                take_back(db, hold, import_id)
                done += 1
        finally:
            hold.release()
    return done


def _take_over(db: Database, hold: Hold, import_id: int) -> None:
    with db.write() as session:
        found = store.find(session, import_id, lock=True)
        if not claim.is_abandoned(db.url, found):
            raise Conflict
        hold.take(session, found, ImportState(found.state))


def take_back(db: Database, hold: Hold, import_id: int) -> None:
    """Take back all that an import has written so far.

    Raises `Conflict` if another process holds it.
    """
    with db.read() as session:
        leads = undo.leads_of(session, import_id)

    def write(session: Session, batch: Sequence[int], is_last: bool) -> None:
        matching.keep_others_out(session)
        found = hold.check(session, import_id)
        undo.take_back(session, None, import_id, _of_no_other(session, import_id, batch))
        if is_last:
            undo.close(session, None, import_id)
            _end(session, found)

    steps.run(db, steps.slices(leads), write)


def _of_no_other(session: Session, import_id: int, leads: Sequence[int]) -> list[int]:
    """Return the leads that no other import has joined: those must stay."""
    named = (
        select(col(ImportRow.lead_id))
        .join(Import, col(Import.id) == col(ImportRow.import_id))
        .where(
            among(session, col(ImportRow.lead_id), leads),
            col(ImportRow.import_id) != import_id,
            col(Import.state).in_((*WRITING, ImportState.COMMITTED)),
        )
    )
    return sorted({*leads} - {*session.scalars(named)})


def _end(session: Session, found: Import) -> None:
    found.held_by, found.worked_at = None, times.now()
    if found.state == ImportState.UPLOADING:
        store.fail(session, found, Reason(ReasonCode.UPLOAD_FAILED))
        return
    found.state, found.rows_done = ImportState.PLANNED, found.rows_total or 0
