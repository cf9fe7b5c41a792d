"""Reports on the leads of a period."""

from backend.api.operation import SIGNED_IN, Call, Operation, Unit
from backend.core.reports import figures
from backend.schemas.reports import Report, ReportFilter


def show_report(call: Call[None, ReportFilter]) -> Report:
    return figures.show(call.session, call.person, call.query, call.settings.zone)


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
)
