"""The audit trail."""

from backend.api.operation import TEAM_LEAD, Call, Operation, Unit
from backend.core.audit import listing
from backend.schemas.audit import AuditFilter, AuditLine


def list_audit_events(call: Call[None, AuditFilter]) -> list[AuditLine]:
    return listing.list_page(call.session, call.query, call.settings.zone)


OPERATIONS = (
    Operation(
        name="list_audit_events",
        method="GET",
        path="/audit/",
        summary="List the audit trail, the newest events first",
        access=TEAM_LEAD,
        unit=Unit.READ,
        handler=list_audit_events,
        answer=list[AuditLine],
    ),
)
