"""Lists of lost reasons, age categories and sources: team leads edit them, all choose from them."""

from typing import Any

from backend.api.operation import SIGNED_IN, TEAM_LEAD, Body, Call, Operation, Unit
from backend.core.audit import Event, Subject
from backend.core.errors import ChoiceNotFound
from backend.core.leads import choice_editing, choice_leads, choices
from backend.core.leads.choice_editing import ChoiceTaken, LastChoice, ListChanged
from backend.schemas.choices import (
    ChoiceChange,
    ChoiceId,
    ChoiceLists,
    ChoiceOrder,
    ChoiceOut,
    LeadsQuery,
    LeadsRenamed,
    LeadsToRename,
    LeadsWith,
    ListOf,
    NewChoice,
    OwnList,
)


def list_choices(call: Call) -> ChoiceLists:
    return choices.show(call.session, call.person)


def add_choice(call: Call[None, None, NewChoice]) -> ChoiceOut:
    added = choice_editing.add(call.session, call.body)
    data = {**_list(call.body), "text": added.text}
    call.record(Event.CHOICE_ADDED, Subject.CHOICE, added.id, **data)
    return choice_editing.show(added)


def change_choice(call: Call[ChoiceId, None, ChoiceChange]) -> ChoiceOut:
    choice, was = choice_editing.rename(call.session, call.path.id, call.body)
    if choice.text != was:
        data = {"kind": choice.kind, "was": was, "text": choice.text}
        call.record(Event.CHOICE_CHANGED, Subject.CHOICE, call.path.id, **data)
    return choice_editing.show(choice)


def remove_choice(call: Call[ChoiceId]) -> ChoiceOut:
    removed = choice_editing.remove(call.session, call.path.id)
    data = {"kind": removed.kind, "text": removed.text}
    call.record(Event.CHOICE_REMOVED, Subject.CHOICE, call.path.id, **data)
    return choice_editing.show(removed)


def order_choices(call: Call[None, None, ChoiceOrder]) -> ChoiceLists:
    choice_editing.reorder(call.session, call.body)
    call.record(Event.CHOICES_ORDERED, **_list(call.body))
    return choices.show(call.session, call.person)


def set_own_choices(call: Call[None, None, OwnList]) -> ChoiceLists:
    choice_editing.set_own(call.session, call.body)
    call.record(Event.CHOICE_LIST_CHANGED, **_list(call.body), own=call.body.own)
    return choices.show(call.session, call.person)


def count_leads_with(call: Call[None, LeadsQuery]) -> LeadsWith:
    return choice_leads.count(call.session, call.person, call.query)


def rename_on_leads(call: Call[ChoiceId, None, LeadsToRename]) -> LeadsRenamed:
    renamed = choice_leads.rename(call.session, call.person, call.path.id, call.body.was)
    data = {"leads": renamed["changed"]}
    call.record(Event.LEADS_CHANGED, Subject.BULK_CHANGE, renamed["id"], **data)
    return renamed


def _list(of: ListOf) -> dict[str, Any]:
    center = {} if of.center_id is None else {"center_id": of.center_id}
    return {"kind": of.kind.value, **center}


OPERATIONS = (
    Operation(
        name="list_choices",
        method="GET",
        path="/choices/",
        summary="List the lost reasons, age categories and sources to choose from",
        access=SIGNED_IN,
        unit=Unit.READ,
        handler=list_choices,
        answer=ChoiceLists,
    ),
    Operation(
        name="add_choice",
        method="POST",
        path="/choices/",
        summary="Add an entry to a list",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=add_choice,
        answer=ChoiceOut,
        errors=(ChoiceTaken,),
    ),
    Operation(
        name="change_choice",
        method="PATCH",
        path="/choices/{id}",
        summary="Rename an entry of a list; leads keep its old text",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=change_choice,
        answer=ChoiceOut,
        errors=(ChoiceNotFound, ChoiceTaken),
    ),
    Operation(
        name="order_choices",
        method="POST",
        path="/choices/order",
        summary="Put the entries of a list in another order",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=order_choices,
        answer=ChoiceLists,
        errors=(ListChanged,),
    ),
    Operation(
        name="set_own_choices",
        method="POST",
        path="/choices/own",
        summary="Give a center its own list, or go back to the default one",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=set_own_choices,
        answer=ChoiceLists,
    ),
    Operation(
        name="count_leads_with",
        method="GET",
        path="/choices/leads",
        summary="Count the leads of a list that have a text",
        access=TEAM_LEAD,
        unit=Unit.READ,
        handler=count_leads_with,
        answer=LeadsWith,
    ),
    Operation(
        name="rename_on_leads",
        method="POST",
        path="/choices/{id}/leads",
        summary="Rename a text on its leads to that of an entry, up to 1,000 leads at a time",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=rename_on_leads,
        answer=LeadsRenamed,
        errors=(ChoiceNotFound,),
    ),
    Operation(
        name="remove_choice",
        method="DELETE",
        path="/choices/{id}",
        summary="Remove an entry from its list; leads keep it",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        handler=remove_choice,
        answer=ChoiceOut,
        errors=(ChoiceNotFound, LastChoice),
    ),
)
