"""A list of leads as a file."""

import codecs
import io
from typing import Any

from backend.core import audit, times
from backend.core.access import Person
from backend.core.accounts import hourly_limits
from backend.core.audit import Event
from backend.core.big_jobs import SMALL_ROWS, BigJobs
from backend.core.db import Database
from backend.core.errors import BadRequest
from backend.core.leads import export_access, export_files
from backend.core.leads.criteria import LeadCriteria
from backend.core.leads.export_files import Form
from backend.core.settings import Settings
from backend.schemas.leads import LeadFilter

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
    # What leaves the house is used to call and to write.
    contact = wanted.contact or "allowed"
    asked = wanted.model_copy(update={"contact": contact})
    criteria = LeadCriteria.parse(asked, settings.zone, times.now())
    conditions = criteria.conditions(person)
    with hourly_limits.counted(db, settings, person, hourly_limits.Kind.EXPORT):
        with db.read() as session:
            leads = export_files.count(session, conditions)
        if leads > MOST:
            raise BadRequest(
                f"One file can have at most {MOST:,} leads, not {leads:,}: filter the list"
            )
        file = io.BytesIO()
        if form is Form.CSV:
            file.write(codecs.BOM_UTF8)
        with big_jobs.place(needed=leads > SMALL_ROWS, by=person.id):
            # The conditions say already who may be contacted.
            export_files.to_stream(
                db, settings, file, form, wanted=conditions, everyone=True, total=leads
            )
    with db.write() as session:
        # Before anything is sent: no list leaves the house without a record.
        data: dict[str, Any] = {
            "form": form.value.strip("."),
            "leads": leads,
            "filter": codes(wanted),
        }
        audit.record(session, Event.LEADS_EXPORTED, by=person.id, **data)
    return file.getvalue()


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
