"""Changes of whole lists: how many leads a list has, and a change of all of them."""

from backend.api.operation import EDITORS, SIGNED_IN, Body, Call, Operation, Unit
from backend.core.errors import BadRequest, ChangeNotFound, Conflict, TooManyChanges
from backend.core.leads import list_changes
from backend.schemas.leads import ChangeId
from backend.schemas.list_changes import ListChangeOut, ListTotal, NewListChange, TotalFilter


def total_leads(call: Call[None, TotalFilter]) -> ListTotal:
    return list_changes.total(call.db, call.settings, call.person, call.query)


def begin_list_change(call: Call[None, None, NewListChange]) -> ListChangeOut:
    begun = list_changes.begin(call.db, call.settings, call.person, call.body, call.once)
    call.after_commit(call.wake)
    return begun


def list_list_changes(call: Call) -> list[ListChangeOut]:
    return list_changes.list_own(call.session, call.person)


def show_list_change(call: Call[ChangeId]) -> ListChangeOut:
    return list_changes.show(call.session, call.person, call.path.id)


def undo_list_change(call: Call[ChangeId]) -> ListChangeOut:
    undoing = list_changes.undo(call.session, call.person, call.path.id)
    call.after_commit(call.wake)
    return undoing


OPERATIONS = (
    Operation(
        name="total_leads",
        method="GET",
        path="/leads/total",
        summary="Count the leads of a list, up to those that can be changed at once",
        access=SIGNED_IN,
        unit=Unit.MANUAL,
        is_list=True,
        handler=total_leads,
        answer=ListTotal,
    ),
    Operation(
        name="begin_list_change",
        method="POST",
        path="/list-changes/",
        summary="Start changing or deleting all leads of a list, in the background",
        access=EDITORS,
        unit=Unit.MANUAL,
        body=Body.JSON,
        takes_key=True,
        handler=begin_list_change,
        answer=ListChangeOut,
        errors=(BadRequest, Conflict, TooManyChanges),
    ),
    Operation(
        name="list_list_changes",
        method="GET",
        path="/list-changes/",
        summary="List your recent changes of whole lists",
        access=EDITORS,
        unit=Unit.READ,
        handler=list_list_changes,
        answer=list[ListChangeOut],
    ),
    Operation(
        name="show_list_change",
        method="GET",
        path="/list-changes/{id}",
        summary="Show how far a change of a whole list is",
        access=EDITORS,
        unit=Unit.READ,
        handler=show_list_change,
        answer=ListChangeOut,
        errors=(ChangeNotFound,),
    ),
    Operation(
        name="undo_list_change",
        method="POST",
        path="/list-changes/{id}/undo",
        summary="Stop and undo a change of a whole list, in the background",
        access=EDITORS,
        unit=Unit.WRITE,
        handler=undo_list_change,
        answer=ListChangeOut,
        errors=(ChangeNotFound, Conflict),
    ),
)
