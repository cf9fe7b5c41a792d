"""Everything that is held about a person, as a file: for themselves, or to take elsewhere."""

import csv
import io
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import and_, or_, select
from sqlmodel import Session, col

from backend.core import audit
from backend.core.access import Person, visible_to
from backend.core.audit import Event, Subject
from backend.core.database.bulk_insert import among
from backend.core.db import Database
from backend.core.leads import merged
from backend.core.privacy import held, traces
from backend.core.privacy.held import Json
from backend.core.privacy.traces import Traces
from backend.core.reasons import ReasonCode
from backend.core.sheets import formulas
from backend.models import (
    BulkChange,
    CenterAlias,
    Comment,
    Delivery,
    ImportRow,
    Lead,
    LeadEvent,
    SavedView,
)

_COLUMNS = ("part", "row", "field", "value")
# Bodies that hold several people's enquiries: named, but not shown.
_OF_SEVERAL = frozenset({ReasonCode.SEVERAL.value, ReasonCode.ANNOUNCED.value})


class FileForm(StrEnum):
    """The kinds of files, by the ending of their names."""

    JSON = ".json"
    CSV = ".csv"


def export(db: Database, person: Person | None, lead_id: int, form: FileForm) -> bytes:
    """Return everything about a lead as a file, and record that in the audit trail.

    `person` is None on the command line. Raises `LeadNotFound`.
    """
    found = collect(db, person, lead_id)
    content = _json(found) if form is FileForm.JSON else _csv(found)
    with db.write() as session:
        # Before anything is sent: no data leaves the house without a record.
        audit.record(
            session,
            Event.PERSON_EXPORTED,
            by=person.id if person else None,
            subject=Subject.LEAD,
            subject_id=found["lead_id"],
            form=form.value.strip("."),
        )
    return content


def collect(db: Database, person: Person | None, lead_id: int) -> dict[str, Any]:
    """Return everything about a lead: its rows by table, and copies that belong to no lead.

    Raises `LeadNotFound`.
    """
    with db.read() as session:
        lead_id = _find(session, person, lead_id)
        rows = held.collect(session, lead_id)
        needles = traces.needles_of(session, rows)
        answer: dict[str, Any] = {
            "lead_id": lead_id,
            "held": rows,
            "files": held.imports_of(session, rows),
        }
    found = traces.find(db, needles)
    found.comments = _of_others(found.comments, rows.get("comment", ()))
    found.edits = _of_others(found.edits, rows.get("leadevent", ()))
    with db.read() as session:
        return answer | {"copies": _copies(session, found)}


def _of_others(ids: list[int], own: Iterable[Json]) -> list[int]:
    theirs = {row["id"] for row in own}
    return [id for id in ids if id not in theirs]


def _find(session: Session, person: Person | None, lead_id: int) -> int:
    """Return the id of a lead; of a merged lead, of the one that it's part of now."""
    seen = () if person is None else (visible_to(person),)

    def read(id: int) -> int | None:
        return session.connection().scalar(select(col(Lead.id)).where(col(Lead.id) == id, *seen))

    return merged.resolve(session, lead_id, read)


def _copies(session: Session, found: Traces) -> dict[str, list[Json]]:
    deliveries = held.rows_of(
        session, "delivery", among(session, col(Delivery.id), found.deliveries)
    )
    for one in deliveries:
        if one["reason"] in _OF_SEVERAL:
            one["body"] = None
    rows = [
        and_(col(ImportRow.import_id) == import_id, col(ImportRow.number) == number)
        for import_id, number in found.rows
    ]
    return {
        "delivery": deliveries,
        "importrow": held.rows_of(session, "importrow", or_(*rows)) if rows else [],
        "comment": held.rows_of(
            session, "comment", among(session, col(Comment.id), found.comments)
        ),
        "leadevent": held.rows_of(
            session, "leadevent", among(session, col(LeadEvent.id), found.edits)
        ),
        "centeralias": held.rows_of(
            session, "centeralias", among(session, col(CenterAlias.key), found.aliases)
        ),
        "savedview": held.rows_of(
            session, "savedview", among(session, col(SavedView.id), found.views)
        ),
        "deleted lead": _deleted(session, found),
    }


def _deleted(session: Session, found: Traces) -> list[Json]:
    """Return the rows of leads of the person that were deleted and can still be restored."""
    wanted = {*found.deleted}
    ids = sorted({change_id for change_id, _ in wanted})
    query = select(BulkChange).where(among(session, col(BulkChange.id), ids))
    return [
        one["deleted"]
        for kept in session.scalars(query.order_by(col(BulkChange.id)))
        for one in kept.changes
        if (kept.id, one["id"]) in wanted
    ]


def _json(found: dict[str, Any]) -> bytes:
    return orjson.dumps(found, option=orjson.OPT_INDENT_2)


def _csv(found: dict[str, Any]) -> bytes:
    """Return one line for each value: people read it in any spreadsheet program."""
    # Excel reads a CSV file as UTF-8 only if it starts with this mark.
    file = io.StringIO("\ufeff", newline="")
    file.seek(0, io.SEEK_END)
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(_COLUMNS)
    for line in _lines(found):
        writer.writerow(map(formulas.neutralise, line))
    return file.getvalue().encode()


def _lines(found: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    parts = found["held"] | {"file": found["files"]}
    parts |= {f"copy of {name}": rows for name, rows in found["copies"].items()}
    for part, rows in parts.items():
        for number, row in enumerate(rows, 1):
            for field, value in row.items():
                if value is not None:
                    yield part, str(number), field, _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
