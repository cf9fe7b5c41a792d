"""Calls: the attempts to reach a lead, and what came of them."""

from backend.api.messages import Response
from backend.api.operation import EDITORS, SIGNED_IN, Body, Call, Operation, Unit
from backend.api.routes.leads import tagged, versions_of
from backend.core.calling.rules import Standard
from backend.core.errors import AttemptNotFound, Conflict, LeadNotFound, Outdated
from backend.core.leads import attempts
from backend.schemas.attempts import AttemptId, Attempts, NewAttempt, Recorded
from backend.schemas.leads import LeadId


def list_calls(call: Call[LeadId]) -> Attempts:
    return attempts.show(call.session, call.person, call.path.id, Standard.of(call.settings))


def record_call(call: Call[LeadId, None, NewAttempt]) -> Response:
    recorded = attempts.record(
        call.session,
        call.person,
        call.path.id,
        call.body,
        Standard.of(call.settings),
        versions_of(call.headers.get("if-match", "")),
    )
    return tagged(recorded, recorded["lead"])


def undo_call(call: Call[AttemptId]) -> Response:
    undone = attempts.undo(call.session, call.person, call.path.id, call.path.call_id)
    return tagged(undone, undone["lead"])


OPERATIONS = (
    Operation(
        name="list_calls",
        method="GET",
        path="/leads/{id}/calls/",
        summary="List the calls of a lead, newest first, and when the next try would be",
        access=SIGNED_IN,
        unit=Unit.READ,
        handler=list_calls,
        answer=Attempts,
        errors=(LeadNotFound,),
    ),
    Operation(
        name="record_call",
        method="POST",
        path="/leads/{id}/calls/",
        summary="Record a call or message and how it went; with If-Match, for that version",
        access=EDITORS,
        unit=Unit.WRITE,
        body=Body.JSON,
        takes_key=True,
        handler=record_call,
        answer=Recorded,
        errors=(LeadNotFound, Conflict, Outdated),
    ),
    Operation(
        name="undo_call",
        method="POST",
        path="/leads/{id}/calls/{call_id}/undo",
        summary="Undo a call, and what it changed unless the lead has changed since",
        access=EDITORS,
        unit=Unit.WRITE,
        handler=undo_call,
        answer=Recorded,
        errors=(LeadNotFound, AttemptNotFound, Conflict),
    ),
)
