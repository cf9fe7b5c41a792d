"""Opening hours, holidays, retry plans and targets: edited by team leads, for all who call."""

from backend.api.operation import EDITORS, TEAM_LEAD, Body, Call, Operation, Unit
from backend.core.audit import Event, Subject
from backend.core.calling import rules, targets
from backend.core.calling.rules import Standard
from backend.core.errors import CenterNotFound, HolidayNotFound
from backend.schemas.calling_rules import (
    CallingRulesChange,
    CallingRulesOut,
    HolidayId,
    HolidayOut,
    NewHoliday,
    OpeningOut,
    OpeningQuery,
)
from backend.schemas.centers import CenterId


def show_calling_rules(call: Call) -> CallingRulesOut:
    return rules.show(call.session, call.person, Standard.of(call.settings))


def change_calling_rules(call: Call[None, None, CallingRulesChange]) -> CallingRulesOut:
    rules.change(call.session, None, call.body)
    call.after_commit(targets.forget, call.db)
    fields = sorted(call.body.model_fields_set)
    call.record(Event.CALLING_RULES_CHANGED, fields=fields)
    return rules.show(call.session, call.person, Standard.of(call.settings))


def change_rules_of_center(call: Call[CenterId, None, CallingRulesChange]) -> CallingRulesOut:
    rules.change(call.session, call.path.id, call.body)
    call.after_commit(targets.forget, call.db)
    fields = sorted(call.body.model_fields_set)
    call.record(Event.CALLING_RULES_CHANGED, Subject.CENTER, call.path.id, fields=fields)
    return rules.show(call.session, call.person, Standard.of(call.settings))


def add_holiday(call: Call[None, None, NewHoliday]) -> HolidayOut:
    added = rules.add_holiday(call.session, call.body)
    call.record(Event.HOLIDAY_ADDED, Subject.HOLIDAY, added["id"], **_days(added))
    return added


def remove_holiday(call: Call[HolidayId]) -> HolidayOut:
    removed = rules.remove_holiday(call.session, call.path.id)
    call.record(Event.HOLIDAY_REMOVED, Subject.HOLIDAY, call.path.id, **_days(removed))
    return removed


def _days(holiday: HolidayOut) -> dict[str, str]:
    """Return what the trail keeps of a holiday, since a removed one is gone."""
    return {name: str(holiday[name]) for name in ("label", "first_day", "last_day")}


def list_openings(call: Call[None, OpeningQuery]) -> list[OpeningOut]:
    return rules.openings(call.session, call.query.center_id, Standard.of(call.settings))


OPERATIONS = (
    Operation(
        name="show_calling_rules",
        method="GET",
        path="/calling-rules/",
        summary="Show opening hours, retry plans, targets and the holidays to come",
        access=EDITORS,
        unit=Unit.READ,
        handler=show_calling_rules,
        answer=CallingRulesOut,
    ),
    Operation(
        name="change_calling_rules",
        method="PATCH",
        path="/calling-rules/",
        summary="Change the opening hours, the retry plan or the targets of all centers",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=change_calling_rules,
        answer=CallingRulesOut,
    ),
    Operation(
        name="change_rules_of_center",
        method="PATCH",
        path="/centers/{id}/calling-rules",
        summary="Change the opening hours, the retry plan or the targets of one center",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=change_rules_of_center,
        answer=CallingRulesOut,
        errors=(CenterNotFound,),
    ),
    Operation(
        name="add_holiday",
        method="POST",
        path="/holidays/",
        summary="Close a center, or all of them, on some days",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=add_holiday,
        answer=HolidayOut,
    ),
    Operation(
        name="remove_holiday",
        method="DELETE",
        path="/holidays/{id}",
        summary="Remove a holiday",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        handler=remove_holiday,
        answer=HolidayOut,
        errors=(HolidayNotFound,),
    ),
    Operation(
        name="list_openings",
        method="GET",
        path="/opening-hours/",
        summary="List the opening hours of today and of the days to come",
        access=EDITORS,
        unit=Unit.READ,
        handler=list_openings,
        answer=list[OpeningOut],
        errors=(CenterNotFound,),
    ),
)
