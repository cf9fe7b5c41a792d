"""Assignment rules: team leads say who gets which new leads."""

from backend.api.operation import TEAM_LEAD, Body, Call, Operation, Unit
from backend.core.audit import Event, Subject
from backend.core.calling.rules import Standard
from backend.core.errors import RuleNotFound
from backend.core.leads import assignment_rules
from backend.schemas.assignment import NewRule, RuleChange, RuleId, RuleOrder, RuleOut


def list_assignment_rules(call: Call) -> list[RuleOut]:
    return assignment_rules.list_all(call.session, Standard.of(call.settings))


def add_assignment_rule(call: Call[None, None, NewRule]) -> RuleOut:
    id = assignment_rules.add(call.session, call.person, call.body)
    added = assignment_rules.show(call.session, id, Standard.of(call.settings))
    _record(call, Event.ASSIGNMENT_RULE_ADDED, added)
    return added


def change_assignment_rule(call: Call[RuleId, None, RuleChange]) -> RuleOut:
    assignment_rules.change(call.session, call.person, call.path.id, call.body)
    changed = assignment_rules.show(call.session, call.path.id, Standard.of(call.settings))
    if fields := sorted(call.body.model_fields_set):
        _record(call, Event.ASSIGNMENT_RULE_CHANGED, changed, fields=fields)
    return changed


def remove_assignment_rule(call: Call[RuleId]) -> RuleOut:
    removed = assignment_rules.remove(call.session, call.path.id, Standard.of(call.settings))
    _record(call, Event.ASSIGNMENT_RULE_REMOVED, removed)
    return removed


def order_assignment_rules(call: Call[None, None, RuleOrder]) -> list[RuleOut]:
    assignment_rules.order(call.session, call.body)
    center_id = call.body.center_id
    subject = None if center_id is None else Subject.CENTER
    call.record(Event.ASSIGNMENT_RULES_ORDERED, subject, center_id)
    return assignment_rules.list_all(call.session, Standard.of(call.settings))


def _record(
    call: "Call[None, None, NewRule] | Call[RuleId, None, RuleChange] | Call[RuleId]",
    event: Event,
    rule: RuleOut,
    **data: list[str],
) -> None:
    center_ids = [] if rule["center_id"] is None else [rule["center_id"]]
    call.record(event, Subject.ASSIGNMENT_RULE, rule["id"], center_ids=center_ids, **data)


OPERATIONS = (
    Operation(
        name="list_assignment_rules",
        method="GET",
        path="/assignment-rules/",
        summary="List the rules that say who gets new leads",
        access=TEAM_LEAD,
        unit=Unit.READ,
        handler=list_assignment_rules,
        answer=list[RuleOut],
    ),
    Operation(
        name="add_assignment_rule",
        method="POST",
        path="/assignment-rules/",
        summary="Add a rule for new leads of a center, or of all centers",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=add_assignment_rule,
        answer=RuleOut,
    ),
    Operation(
        name="order_assignment_rules",
        method="PUT",
        path="/assignment-rules/order",
        summary="Put the rules of a center, or of all centers, in order",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=order_assignment_rules,
        answer=list[RuleOut],
    ),
    Operation(
        name="change_assignment_rule",
        method="PATCH",
        path="/assignment-rules/{id}",
        summary="Change which leads a rule is for, who gets them, or whether it's used",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=change_assignment_rule,
        answer=RuleOut,
        errors=(RuleNotFound,),
    ),
    Operation(
        name="remove_assignment_rule",
        method="DELETE",
        path="/assignment-rules/{id}",
        summary="Remove a rule",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        handler=remove_assignment_rule,
        answer=RuleOut,
        errors=(RuleNotFound,),
    ),
)
