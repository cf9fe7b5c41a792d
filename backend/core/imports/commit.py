"""A plan is done, all of it, or none of it where something has changed since.

In one transaction, in which nothing else is placed, each row is decided once more. Where every
verdict is the plan's, it is done. Otherwise nothing is: the new verdicts are kept in the plan, and
whoever asked is told of them and may look again.
"""

from collections.abc import Callable, Iterator

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from backend.core import placing
from backend.core.access import Person
from backend.core.centers import Directory
from backend.core.db import Database
from backend.core.errors import Conflict
from backend.core.imports import pulse, reading, rows, store
from backend.core.imports.rows import Row, Verdict
from backend.core.imports.verdicts import Judge, count
from backend.core.imports.writing import CenterKnownNow, Writer
from backend.core.settings import Settings
from backend.models import ImportState
from backend.schemas.imports import ImportOut

# Rows that are named one by one.
NAMED = 50

Progress = Callable[[int, int], None]
# A row as it is decided now, and the verdict and the lead that the plan has.
Pair = tuple[Row, str, int | None]


class PlanChanged(Conflict):
    """Some rows would not become what the plan says; it says now what they would become."""

    def __init__(self, changed: list[int]) -> None:
        named = ", ".join(map(str, changed[:NAMED]))
        more = f" and {len(changed) - NAMED:,} more" if len(changed) > NAMED else ""
        what = "Row" if len(changed) == 1 else "Rows"
        super().__init__(
            f"Nothing is done, for the plan has changed since it was made. {what} {named}{more}: "
            "look at the new plan, and commit that"
        )


class _NotThePlan(Exception):
    """Takes back what was written so far."""


def commit(
    db: Database,
    settings: Settings,
    person: Person | None,
    import_id: int,
    progress: Progress | None = None,
) -> ImportOut:
    """Does what the plan says. Raises `ImportNotFound`, `Conflict` where it is no plan or others
    were at it, and `PlanChanged`.
    """
    try:
        with db.write() as session:
            return _do(session, settings, person, import_id, progress)
    except (_NotThePlan, CenterKnownNow, IntegrityError):
        with db.write() as session:
            changed = _plan_anew(session, settings, import_id)
    finally:
        pulse.end(db.url, import_id)
    if not changed:
        raise Conflict("The data changed during the commit: try again")
    raise PlanChanged(changed)


def _do(
    session: Session,
    settings: Settings,
    person: Person | None,
    import_id: int,
    progress: Progress | None,
) -> ImportOut:
    placing.keep_others_out(session)
    found = store.to_change(session, import_id, ImportState.PLANNED, "committed")
    writer = Writer(session, import_id, person.id if person else None)
    done = 0
    pulse.beat(session, import_id, done)
    for batch in _decide_anew(session, settings, import_id):
        if any(_differs(pair) for pair in batch):
            raise _NotThePlan
        decided = [row for row, *_ in batch]
        writer.write(decided)
        leads = [(row.number, writer.lead_of(row)) for row in decided if not row.standing_lead]
        store.set_leads(session, import_id, [(number, id) for number, id in leads if id])
        done += len(batch)
        pulse.beat(session, import_id, done)
        if progress is not None:
            progress(done, found.rows_total or done)
    found.state = ImportState.COMMITTED
    return store.out(found)


def _decide_anew(session: Session, settings: Settings, import_id: int) -> Iterator[list[Pair]]:
    judge = Judge(Directory.read(session), settings.phone_region)
    for batch in store.read_rows(session, import_id):
        read = [
            rows.from_body(
                number,
                body,
                reason if verdict == Verdict.REJECT else None,
                reading.UNREADABLE_DATE if reading.UNREADABLE_DATE in (reason or "") else None,
            )
            for number, verdict, _, body, reason in batch
        ]
        judge.decide(session, read)
        yield [
            (row, verdict, lead_id)
            for row, (_, verdict, lead_id, _, _) in zip(read, batch, strict=True)
        ]


def _differs(pair: Pair) -> bool:
    row, verdict, lead_id = pair
    return (row.verdict, row.standing_lead) != (verdict, lead_id)


def _plan_anew(session: Session, settings: Settings, import_id: int) -> list[int]:
    """Keeps the new verdicts. Answers the numbers of the rows that have changed."""
    found = store.to_change(session, import_id, ImportState.PLANNED, "committed")
    changed: list[int] = []
    totals = count([])
    for batch in _decide_anew(session, settings, import_id):
        count((row for row, *_ in batch), totals)
        differing = [pair for pair in batch if _differs(pair)]
        changed += [row.number for row, *_ in differing]
        store.change_rows(session, import_id, [(row, was) for row, was, _ in differing])
    found.totals = totals
    return changed
