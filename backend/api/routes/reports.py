"""Reports on what became of the leads."""

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
        summary="Show what became of the leads of a range of days",
        access=SIGNED_IN,
        unit=Unit.READ,
        handler=show_report,
        answer=Report,
    ),
)
