"""A list of leads, or some of them, as a file."""

import codecs
import io
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from backend.core import audit, times
from backend.core.access import Person
from backend.core.accounts import hourly_limits
from backend.core.audit import Event
from backend.core.big_jobs import SMALL_ROWS, BigJobs
from backend.core.database.bulk_insert import among
from backend.core.db import Database
from backend.core.errors import BadRequest
from backend.core.leads import export_access, export_files, merged
from backend.core.leads.criteria import LeadCriteria
from backend.core.leads.export_files import Form
from backend.core.settings import Settings
from backend.models import Lead
from backend.schemas.leads import LeadFilter, LeadsExport

# The file is made in memory and sent whole: about 60 MB.
MOST = 200_000


def export(
    db: Database,
    settings: Settings,
    big_jobs: BigJobs,
    person: Person,
    wanted: LeadFilter,
    form: Form,
) -> bytes:
    """Return the leads of a list as a file.

    Raises `Invalid`, `ExportForbidden`, `BadRequest` for too many leads, `TooManyFiles` and
    `TooManyJobs`.
    """
    export_access.check(settings, person)
    conditions = _conditions(settings, person, wanted)
    with hourly_limits.counted(db, settings, person, hourly_limits.Kind.EXPORT):
        with db.read() as session:
            leads = export_files.count(session, conditions)
        if leads > MOST:
            raise BadRequest(
                f"One file can have at most {MOST:,} leads, not {leads:,}: filter the list"
            )
        content = _write(db, settings, big_jobs, person, conditions, form, leads)
    return _recorded(db, person, content, form, leads=leads, filter=codes(wanted))


def export_some(
    db: Database,
    settings: Settings,
    big_jobs: BigJobs,
    person: Person,
    wanted: LeadsExport,
    form: Form,
) -> bytes:
    """Return those of the leads that the person may see as a file; merged ones as they are now.

    Raises `ExportForbidden`, `TooManyFiles` and `TooManyJobs`.
    """
    export_access.check(settings, person)
    asked = LeadFilter(contact=wanted.contact)
    conditions = _conditions(settings, person, asked)
    with hourly_limits.counted(db, settings, person, hourly_limits.Kind.EXPORT):
        with db.read() as session:
            ids = _ids(session, conditions, wanted.ids)
            own = [among(session, col(Lead.id), ids)]
        content = _write(db, settings, big_jobs, person, [*conditions, *own], form, len(ids))
    filtered = {"filter": codes(asked)} if wanted.contact else {}
    return _recorded(db, person, content, form, leads=len(ids), ids=ids, **filtered)


def _ids(
    session: Session, conditions: Sequence[ColumnElement[bool]], wanted: Sequence[int]
) -> list[int]:
    now = merged.current_ids(session, wanted)
    own = among(session, col(Lead.id), [now.get(id, id) for id in wanted])
    found = session.connection().scalars(select(col(Lead.id)).where(*conditions, own))
    return sorted(id for id in found if id is not None)


def _conditions(
    settings: Settings, person: Person, wanted: LeadFilter
) -> list[ColumnElement[bool]]:
    # What leaves the house is used to call and to write.
    contact = wanted.contact or "allowed"
    asked = wanted.model_copy(update={"contact": contact})
    criteria = LeadCriteria.parse(asked, settings.zone, times.now())
    return criteria.conditions(person)


def _write(
    db: Database,
    settings: Settings,
    big_jobs: BigJobs,
    person: Person,
    conditions: Sequence[ColumnElement[bool]],
    form: Form,
    leads: int,
) -> bytes:
    file = io.BytesIO()
    if form is Form.CSV:
        file.write(codecs.BOM_UTF8)
    with big_jobs.place(needed=leads > SMALL_ROWS, by=person.id):
        # The conditions say already who may be contacted.
        export_files.to_stream(
            db, settings, file, form, wanted=conditions, everyone=True, total=leads
        )
    return file.getvalue()


def _recorded(db: Database, person: Person, content: bytes, form: Form, **data: Any) -> bytes:
    """Return a file once it's recorded: no list leaves the house without that."""
    with db.write() as session:
        audit.record(session, Event.LEADS_EXPORTED, by=person.id, form=form.kind, **data)
    return content


# The parts of a filter that are ids, codes and days. Of the others only the names are recorded.
_CODES = frozenset(
    {"status", "center_id", "source", "created_from", "created_to"}
    | {"due", "reached", "first_call", "test", "phone_issue", "contact"}
    | {"attempts", "last_call", "unreachable", "owner", "trial"}
    | {"work", "did", "did_by", "did_from", "did_to"}
)


def codes(wanted: LeadFilter) -> dict[str, Any]:
    """Return a filter for the audit trail, without what a person has typed as a search."""
    given = wanted.model_dump(exclude_defaults=True, include=set(LeadFilter.model_fields))
    return {name: value if name in _CODES else True for name, value in given.items()}
