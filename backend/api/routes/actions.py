"""What a person has done to leads lately, and the undo of an edit."""

from backend.api.messages import Response
from backend.api.operation import EDITORS, Call, Operation, Unit
from backend.api.routes.leads import tagged
from backend.core.errors import ChangeNotFound, Conflict, LeadNotFound
from backend.core.leads import edit_undo, recent_actions
from backend.schemas.actions import Actions, ActionsQuery, EditId, UndoneEdit


def list_actions(call: Call[None, ActionsQuery]) -> Actions:
    return recent_actions.show(call.session, call.person, call.query)


def undo_edit(call: Call[EditId]) -> Response:
    undone = edit_undo.undo(call.session, call.person, call.path.id, call.path.edit_id)
    return tagged(undone, undone["lead"])


OPERATIONS = (
    Operation(
        name="list_actions",
        method="GET",
        path="/actions/",
        summary="List what you have done to leads in the last day, newest first",
        access=EDITORS,
        unit=Unit.READ,
        handler=list_actions,
        answer=Actions,
    ),
    Operation(
        name="undo_edit",
        method="POST",
        path="/leads/{id}/edits/{edit_id}/undo",
        summary="Undo an edit of a lead, unless someone has changed the same fields since",
        access=EDITORS,
        unit=Unit.WRITE,
        handler=undo_edit,
        answer=UndoneEdit,
        errors=(LeadNotFound, ChangeNotFound, Conflict),
    ),
)
