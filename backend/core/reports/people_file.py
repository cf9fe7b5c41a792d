"""The report on people as a file."""

import codecs
import io
from typing import Any, cast

from sqlmodel import Session

from backend.core.access import Person
from backend.core.leads import export_access, export_files
from backend.core.leads.export_files import Form
from backend.core.reports import people
from backend.core.settings import Settings
from backend.schemas.reports import ReportFilter

# As the web app calls them.
_COLUMNS = {
    "full_name": "Person",
    "attempts": "Attempts",
    "conversations": "Conversations",
    "trial": "Trials booked",
    "attended": "Trials attended",
    "joined": "Joined",
    "lost": "Lost",
    "called": "First calls",
    "within_5m": "Within 5 minutes",
    "within_1h": "Within an hour",
    "first_call_median_s": "First response, median (s)",
    "first_call_average_s": "First response, average (s)",
    "owned": "Open leads now",
    "overdue": "Overdue now",
    "no_next_step": "No next step now",
}


def write(
    session: Session, settings: Settings, person: Person, wanted: ReportFilter, form: Form
) -> bytes:
    """Return the report that a person sees as a file.

    Raises `Invalid`, and `ExportForbidden` for an observer who may not export.
    """
    export_access.check(settings, person)
    shown = people.show(session, person, wanted, settings.zone)["people"]
    file = io.BytesIO()
    if form is Form.CSV:
        # Excel reads a CSV file as UTF-8 only if it starts with this.
        file.write(codecs.BOM_UTF8)
    rows = (_row(cast(dict[str, Any], one)) for one in shown)
    export_files.write(file, form, "People", tuple(_COLUMNS.values()), rows)
    return file.getvalue()


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    return tuple("" if one[name] is None else str(one[name]) for name in _COLUMNS)
