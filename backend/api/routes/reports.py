"""Reports on the leads of a period, and on who worked on them."""

from collections.abc import Callable

from backend.api.messages import Response
from backend.api.operation import SIGNED_IN, TEAM_LEAD, Call, Operation, Unit
from backend.api.routes.files import FORMS, attachment
from backend.core.calling.rules import Standard
from backend.core.leads.export_access import ExportForbidden
from backend.core.leads.export_files import Form
from backend.core.reports import figures, live, people, people_file
from backend.schemas.live import Live, LiveFilter
from backend.schemas.reports import PeopleReport, Report, ReportFilter


def show_report(call: Call[None, ReportFilter]) -> Report:
    return figures.show(call.session, call.person, call.query, call.settings.zone)


def show_people(call: Call[None, ReportFilter]) -> PeopleReport:
    return people.show(call.session, call.person, call.query, call.settings.zone)


def show_live(call: Call[None, LiveFilter]) -> Live:
    return live.show(call.session, call.person, call.query, Standard.of(call.settings))


def _export(form: Form) -> Callable[[Call[None, ReportFilter]], Response]:
    """Return a handler that answers with the report on people as a file."""

    def answer(call: Call[None, ReportFilter]) -> Response:
        content = people_file.write(call.session, call.settings, call.person, call.query, form)
        return attachment(content, form, "people")

    return answer


OPERATIONS = (
    Operation(
        name="show_report",
        method="GET",
        path="/reports/",
        summary="Report on the leads of a period",
        access=SIGNED_IN,
        unit=Unit.READ,
        is_list=True,
        handler=show_report,
        answer=Report,
    ),
    Operation(
        name="show_people",
        method="GET",
        path="/reports/people",
        summary="Report on what each person did in a period",
        access=SIGNED_IN,
        unit=Unit.READ,
        is_list=True,
        handler=show_people,
        answer=PeopleReport,
    ),
    *(
        Operation(
            name=f"export_people_{form.kind}",
            method="GET",
            path=f"/reports/people{form.value}",
            summary=f"Export the report on people as {kind} file",
            access=SIGNED_IN,
            unit=Unit.READ,
            is_list=True,
            handler=_export(form),
            answer=Response,
            errors=(ExportForbidden,),
        )
        for form, kind in FORMS
    ),
    Operation(
        name="show_live",
        method="GET",
        path="/reports/live",
        summary="Show who works on what now, and which leads wait",
        access=TEAM_LEAD,
        unit=Unit.READ,
        is_list=True,
        # An open page that nobody looks at doesn't keep its session.
        counts_as_use=False,
        handler=show_live,
        answer=Live,
    ),
)
