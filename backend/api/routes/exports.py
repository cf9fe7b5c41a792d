"""Leads as files: a list, or some of its leads."""

from collections.abc import Callable

from backend.api.messages import Response
from backend.api.operation import SIGNED_IN, Body, Call, Operation, Unit
from backend.api.routes.files import FORMS, attachment
from backend.core.errors import BadRequest, TooManyFiles, TooManyJobs
from backend.core.leads import export, export_access
from backend.core.leads.export_files import Form
from backend.schemas.leads import LeadFilter, LeadsExport


def _export(form: Form) -> Callable[[Call[None, LeadFilter]], Response]:
    """Return a handler that answers with a list of leads as a file."""

    def answer(call: Call[None, LeadFilter]) -> Response:
        content = export.export(
            call.db, call.settings, call.big_jobs, call.person, call.query, form
        )
        return attachment(content, form, "leads")

    return answer


def _export_some(form: Form) -> Callable[[Call[None, None, LeadsExport]], Response]:
    """Return a handler that answers with some leads as a file."""

    def answer(call: Call[None, None, LeadsExport]) -> Response:
        content = export.export_some(
            call.db, call.settings, call.big_jobs, call.person, call.body, form
        )
        return attachment(content, form, "leads")

    return answer


OPERATIONS = (
    *(
        Operation(
            name=f"export_leads_{form.kind}",
            method="GET",
            path=f"/leads/export{form.value}",
            summary=f"Export a list of leads as {kind} file",
            access=SIGNED_IN,
            unit=Unit.MANUAL,
            handler=_export(form),
            answer=Response,
            errors=(export_access.ExportForbidden, BadRequest, TooManyFiles, TooManyJobs),
        )
        for form, kind in FORMS
    ),
    *(
        # Their ids would be too long for an address.
        Operation(
            name=f"export_some_leads_{form.kind}",
            method="POST",
            path=f"/leads/export{form.value}",
            summary=f"Export some leads as {kind} file",
            access=SIGNED_IN,
            unit=Unit.MANUAL,
            body=Body.JSON,
            handler=_export_some(form),
            answer=Response,
            errors=(export_access.ExportForbidden, TooManyFiles, TooManyJobs),
        )
        for form, kind in FORMS
    ),
)
