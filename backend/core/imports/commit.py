"""Commit a plan: all of it or, if something has changed since, none of it.

If something has changed since the plan was made, each row is decided again without writing
anything. If every verdict is the plan's, the rows are written in short steps, each decided a last
time in its own transaction, which keeps others from adding leads. If a verdict has changed
meanwhile, the steps before are taken back. In both cases the plan gets the new verdicts, to be
reviewed and committed again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from backend.core.access import Person
from backend.core.calling.rules import Standard
from backend.core.centers import Directory
from backend.core.database import bulk_insert
from backend.core.db import Database
from backend.core.errors import Conflict
from backend.core.imports import basis, steps, store
from backend.core.imports.recovery import Writing
from backend.core.imports.row_matching import Judge, count
from backend.core.imports.rows import Row, count_doubts
from backend.core.imports.writer import CenterKnownNow, Writer
from backend.core.leads import match_locks
from backend.core.settings import Settings
from backend.models import Import, ImportState
from backend.schemas.imports import ImportOut

# How many rows are named one by one.
NAMED = 50

Progress = Callable[[int, int], None]
# A row as it is decided now, and the verdict and the lead in the plan.
Pair = tuple[Row, str, int | None]


class PlanChanged(Conflict):
    """Some rows wouldn't become what the plan says. It now says what they would become."""

    def __init__(self, changed: list[int]) -> None:
        named = ", ".join(map(str, changed[:NAMED]))
        more = f" and {len(changed) - NAMED:,} more" if len(changed) > NAMED else ""
        what = "Row" if len(changed) == 1 else "Rows"
        super().__init__(
            f"Nothing was imported, because the plan has changed. {what} {named}{more}: "
            "review the new plan, then commit again"
        )


class _NotThePlan(Exception):
    """Raised to take back what was written so far."""


def commit(
    db: Database,
    settings: Settings,
    person: Person | None,
    import_id: int,
    progress: Progress | None = None,
) -> ImportOut:
    """Do what the plan says.

    Raises `ImportNotFound`, `PlanChanged`, and `Conflict` if the import isn't planned or the data
    changed during the commit.
    """
    if _is_stale(db, settings, import_id):
        _recheck(db, settings, import_id)
    try:
        return _Commit(db, settings, person, import_id).run(progress)
    except (_NotThePlan, CenterKnownNow, IntegrityError):
        _recheck(db, settings, import_id)
    raise Conflict("The data changed during the commit, and nothing was added. Commit again")


@dataclass(slots=True)
class _Commit:
    """Writes a plan in short steps: all of it, or nothing if a verdict has changed."""

    db: Database
    settings: Settings
    person: Person | None
    import_id: int

    def run(self, progress: Progress | None) -> ImportOut:
        writing = Writing(self.db)
        plan = _Plan(self.db, self.settings, self.import_id)
        user_id = self.person.id if self.person else None
        writer = Writer(self.import_id, user_id, standard=Standard.of(self.settings))

        def write(session: Session, batch: Sequence[Pair], is_last: bool) -> None:
            match_locks.keep_others_out(session)
            found = writing.go_on(session) or self._begin(session, writing)
            plan.judge.look_again(writer.made, writer.leads, self.import_id)
            decided = [row for row, *_ in batch]
            plan.judge.decide(session, decided)
            if any(map(_differs, batch)):
                raise _NotThePlan
            writer.write(session, decided)
            leads = [(row.number, writer.lead_of(row)) for row in decided if not row.standing_lead]
            store.set_leads(session, self.import_id, [(number, id) for number, id in leads if id])
            found.rows_done += len(batch)
            if is_last:
                found.state = ImportState.COMMITTED
                store.committed(session, self.person, self.import_id, found.rows_done)

        with writing:
            steps.run(self.db, plan.take, write, writing.told(progress, plan.last))
        with self.db.read() as session:
            return store.show(session, self.import_id)

    def _begin(self, session: Session, writing: Writing) -> Import:
        found = store.to_change(session, self.import_id, ImportState.PLANNED, "committed")
        writing.begin(session, found, ImportState.COMMITTING)
        return found


class _Plan:
    """The rows of a plan, read in order and prepared to be decided again."""

    def __init__(self, db: Database, settings: Settings, import_id: int) -> None:
        self._db, self._import_id = db, import_id
        self._at = 0
        with db.read() as session:
            found = store.find(session, import_id)
            store.check_state(found, ImportState.PLANNED, "committed")
            self.last = store.last_row(session, import_id)
            self.judge = Judge(Directory.read(session), settings)

    def take(self, size: int) -> list[Pair]:
        """Return the next rows, each with the verdict and the lead in the plan."""
        kept: Sequence[store.Kept] = ()
        while not kept and self._at < self.last:
            first, self._at = self._at + 1, self._at + size
            with self._db.read() as session:
                kept = store.read_rows(session, self._import_id, first, self._at)
        pairs = [(store.row_of(one), *store.outcome_of(one)) for one in kept]
        self.judge.give_keys(row for row, *_ in pairs)
        return pairs


def _is_stale(db: Database, settings: Settings, import_id: int) -> bool:
    """Return whether something has changed since the plan was made, so that verdicts may differ."""
    with db.read() as session:
        return store.find(session, import_id).based_on != basis.read(session, settings)


def _recheck(db: Database, settings: Settings, import_id: int) -> None:
    """Decide every row again. Raises `PlanChanged` after storing the new verdicts in the plan."""
    with db.read() as session:
        based_on = basis.read(session, settings)
    plan = _Plan(db, settings, import_id)
    changed: list[tuple[Row, str]] = []
    totals = count([])
    doubts: dict[str, int] = {}
    while pairs := plan.take(bulk_insert.BATCH):
        with db.read() as session:
            plan.judge.decide(session, [row for row, *_ in pairs])
        count((row for row, *_ in pairs), totals)
        count_doubts((row for row, *_ in pairs), doubts)
        changed += [(row, was) for row, was, lead_id in pairs if _differs((row, was, lead_id))]
    if not changed:
        return

    def write(session: Session, batch: Sequence[tuple[Row, str]], is_last: bool) -> None:
        found = store.to_change(session, import_id, ImportState.PLANNED, "committed")
        store.change_rows(session, import_id, batch)
        if is_last:
            found.totals, found.doubts, found.based_on = totals, doubts, based_on

    steps.run(db, steps.slices(changed), write)
    raise PlanChanged([row.number for row, _ in changed])


def _differs(pair: Pair) -> bool:
    row, verdict, lead_id = pair
    return (row.verdict, row.standing_lead) != (verdict, lead_id)
