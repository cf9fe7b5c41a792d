"""Who is present, and when people work: each person their own, team leads everyone's."""

from backend.api.operation import EDITORS, TEAM_LEAD, Body, Call, Operation, Unit
from backend.core.audit import Event, Subject
from backend.core.calling import working_hours
from backend.core.calling.rules import Standard
from backend.core.errors import LeaveNotFound, UserNotFound
from backend.schemas.presence import (
    AwayChange,
    LeaveId,
    LeaveOut,
    NewLeave,
    OwnPresence,
    PresentOut,
    WorkingHours,
)
from backend.schemas.users import UserId


def list_presence(call: Call) -> list[PresentOut]:
    return working_hours.list_present(call.session, call.person, Standard.of(call.settings))


def show_my_presence(call: Call) -> OwnPresence:
    return working_hours.show(call.session, call.person.id, Standard.of(call.settings))


def set_me_away(call: Call[None, None, AwayChange]) -> OwnPresence:
    standard = Standard.of(call.settings)
    working_hours.set_away(call.session, call.person.id, call.body, standard)
    return working_hours.show(call.session, call.person.id, standard)


def change_my_hours(call: Call[None, None, WorkingHours]) -> OwnPresence:
    return _change(call, call.person.id)


def show_presence(call: Call[UserId]) -> OwnPresence:
    return working_hours.show(call.session, call.path.id, Standard.of(call.settings))


def change_hours(call: Call[UserId, None, WorkingHours]) -> OwnPresence:
    return _change(call, call.path.id)


def _change(
    call: Call[None, None, WorkingHours] | Call[UserId, None, WorkingHours], user_id: int
) -> OwnPresence:
    working_hours.change(call.session, user_id, call.body)
    if call.body.model_fields_set:
        call.record(Event.WORKING_HOURS_CHANGED, Subject.USER, user_id)
    return working_hours.show(call.session, user_id, Standard.of(call.settings))


def add_leave(call: Call[None, None, NewLeave]) -> LeaveOut:
    added = working_hours.add_leave(call.session, call.person, call.body)
    call.record(Event.LEAVE_ADDED, Subject.USER, added["user_id"], **_days(added))
    return added


def remove_leave(call: Call[LeaveId]) -> LeaveOut:
    removed = working_hours.remove_leave(call.session, call.person, call.path.id)
    call.record(Event.LEAVE_REMOVED, Subject.USER, removed["user_id"], **_days(removed))
    return removed


def _days(leave: LeaveOut) -> dict[str, str]:
    """Return what the trail keeps of a leave: not what it's for, which may be private."""
    return {name: str(leave[name]) for name in ("first_day", "last_day")}


OPERATIONS = (
    Operation(
        name="list_presence",
        method="GET",
        path="/presence/",
        summary="List who can own leads of your centers, and who is present",
        access=EDITORS,
        unit=Unit.READ,
        handler=list_presence,
        answer=list[PresentOut],
    ),
    Operation(
        name="show_my_presence",
        method="GET",
        path="/presence/me",
        summary="Show whether you are away, your working hours and your leave to come",
        access=EDITORS,
        unit=Unit.READ,
        handler=show_my_presence,
        answer=OwnPresence,
    ),
    Operation(
        name="set_me_away",
        method="PUT",
        path="/presence/me",
        summary="Say that you are away or back: while you are away, you get no new leads",
        access=EDITORS,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=set_me_away,
        answer=OwnPresence,
    ),
    Operation(
        name="change_my_hours",
        method="PATCH",
        path="/presence/me",
        summary="Change your working hours",
        access=EDITORS,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=change_my_hours,
        answer=OwnPresence,
    ),
    Operation(
        name="show_presence",
        method="GET",
        path="/users/{id}/presence",
        summary="Show a person's working hours, their leave, and whether they are away",
        access=TEAM_LEAD,
        unit=Unit.READ,
        handler=show_presence,
        answer=OwnPresence,
        errors=(UserNotFound,),
    ),
    Operation(
        name="change_hours",
        method="PATCH",
        path="/users/{id}/presence",
        summary="Change a person's working hours",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=change_hours,
        answer=OwnPresence,
        errors=(UserNotFound,),
    ),
    Operation(
        name="add_leave",
        method="POST",
        path="/leave/",
        summary="Add days on which you don't work; team leads add anyone's",
        access=EDITORS,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=add_leave,
        answer=LeaveOut,
        errors=(UserNotFound,),
    ),
    Operation(
        name="remove_leave",
        method="DELETE",
        path="/leave/{id}",
        summary="Remove leave",
        access=EDITORS,
        unit=Unit.WRITE,
        handler=remove_leave,
        answer=LeaveOut,
        errors=(LeaveNotFound,),
    ),
)
