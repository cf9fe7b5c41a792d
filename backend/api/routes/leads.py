"""Leads: the lists of them, each lead, and the changes to one or many."""

import re

from backend.api import encode
from backend.api.messages import Response
from backend.api.operation import EDITORS, SIGNED_IN, Body, Call, Operation, Unit
from backend.core.audit import Event, Subject
from backend.core.calling.targets import Handling
from backend.core.errors import (
    CenterNotFound,
    ChangeNotFound,
    Conflict,
    LeadNotFound,
    Outdated,
)
from backend.core.leads import (
    bulk_edit,
    call_queue,
    changes,
    detail,
    editing,
    filter_options,
    legacy_list,
    listing,
    phone_check,
)
from backend.core.reports import figures
from backend.schemas.actions import EditedLead
from backend.schemas.call_queue import NextFilter, Queue
from backend.schemas.history import HistoryFilter, HistoryLine
from backend.schemas.leads import (
    Added,
    Changed,
    ChangeId,
    FilterOptions,
    LeadChange,
    LeadDetail,
    LeadEdit,
    LeadId,
    LeadPage,
    LeadPageQuery,
    LeadsChange,
    NewLead,
    Restored,
    Updated,
)
from backend.schemas.legacy_leads import LegacyLead
from backend.schemas.phones import PhoneCheck, PhoneText
from backend.schemas.reports import Counts, CountsFilter

_TAG = re.compile(r"[0-9]{1,18}")


def list_my_leads(call: Call) -> Response:
    first, rest = legacy_list.list_mine(call.db, call.session, call.person, call.settings.zone)
    return Response(200, first, encode.JSON, rest)


def list_leads(call: Call[None, LeadPageQuery]) -> LeadPage:
    return listing.page(call.session, call.person, call.query, call.settings.zone)


def create_lead(call: Call[None, None, NewLead]) -> Added:
    region, handling = call.settings.phone_region, Handling.read(call.session, call.settings)
    return editing.create(call.session, call.person, call.body, region, handling)


def list_next_leads(call: Call[None, NextFilter]) -> Queue:
    return call_queue.show(call.session, call.person, call.query, call.settings.zone)


def check_phone(call: Call[None, PhoneText]) -> PhoneCheck:
    return phone_check.check(call.query.phone, call.settings.phone_region)


def list_filter_options(call: Call) -> FilterOptions:
    return filter_options.show(call.session, call.person)


def count_leads(call: Call[None, CountsFilter]) -> Counts:
    return figures.count(call.session, call.person, call.query)


def change_leads(call: Call[None, None, LeadsChange]) -> Changed:
    changed = bulk_edit.change(call.session, call.person, call.body, call.settings.zone)
    # A deletion records itself, with the ids.
    if changed["id"] is None or call.body.delete:
        return changed
    fields, count = call.body.changed_fields, changed["changed"]
    call.record(Event.LEADS_CHANGED, Subject.BULK_CHANGE, changed["id"], leads=count, fields=fields)
    return changed


def undo_change(call: Call[ChangeId]) -> Restored:
    restored = bulk_edit.undo(call.session, call.settings, call.person, call.path.id)
    count = restored["restored"]
    call.record(Event.LEADS_CHANGE_UNDONE, Subject.BULK_CHANGE, call.path.id, leads=count)
    return restored


def show_lead(call: Call[LeadId]) -> Response:
    lead = detail.show(call.session, call.person, call.path.id)
    call.after_commit(call.openings.note, call.person.id, lead["id"])
    return tagged(lead, lead)


def edit_lead(call: Call[LeadId, None, LeadEdit]) -> Response:
    lead = editing.edit(
        call.session,
        call.person,
        call.path.id,
        call.body,
        call.settings.zone,
        call.settings.phone_region,
        versions_of(call.headers.get("if-match", "")),
    )
    return tagged(lead, lead)


def tagged(body: object, lead: LeadDetail) -> Response:
    """Return an answer with the version of a lead as its tag."""
    answer = encode.answer(body)
    tag = f'"{lead["version"]}"'
    return Response(answer.status, answer.body, {**answer.headers, "etag": tag})


def versions_of(if_match: str) -> frozenset[int] | None:
    """Return the versions that the header names, None for any; a foreign tag matches none.

    A weak tag is taken too: a proxy that compresses answers makes ours weak.
    """
    if if_match.strip() in ("", "*"):
        return None
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in if_match.split(",")]
    return frozenset(int(tag) for tag in tags if _TAG.fullmatch(tag))


def list_history(call: Call[LeadId, HistoryFilter]) -> list[HistoryLine]:
    return detail.history(call.session, call.person, call.path.id, call.query)


def update_lead(call: Call[LeadId, LeadChange]) -> Updated:
    changes.update(call.session, call.person, call.path.id, call.query, call.settings.zone)
    return {"status": "updated"}


OPERATIONS = (
    Operation(
        name="list_my_leads",
        method="GET",
        path="/leads/my_leads",
        summary="List all leads that you can see",
        access=SIGNED_IN,
        unit=Unit.READ,
        is_list=True,
        handler=list_my_leads,
        answer=list[LegacyLead],
    ),
    Operation(
        name="list_leads",
        method="GET",
        path="/leads/",
        summary="List leads, filtered, page by page",
        access=SIGNED_IN,
        unit=Unit.READ,
        is_list=True,
        handler=list_leads,
        answer=LeadPage,
    ),
    Operation(
        name="create_lead",
        method="POST",
        path="/leads/",
        summary="Add a lead by hand, or add the enquiry to the lead that exists already",
        access=EDITORS,
        unit=Unit.WRITE,
        body=Body.JSON,
        takes_key=True,
        handler=create_lead,
        answer=Added,
        errors=(CenterNotFound, Conflict),
    ),
    Operation(
        name="list_next_leads",
        method="GET",
        path="/leads/next",
        summary="List the leads to call next, and why",
        access=SIGNED_IN,
        unit=Unit.READ,
        is_list=True,
        handler=list_next_leads,
        answer=Queue,
    ),
    Operation(
        name="check_phone",
        method="GET",
        path="/leads/phone-check",
        summary="Show what is read from a phone, or why it can't be read",
        access=SIGNED_IN,
        unit=Unit.READ,
        handler=check_phone,
        answer=PhoneCheck,
    ),
    Operation(
        name="list_filter_options",
        method="GET",
        path="/leads/filter-options",
        summary="List the values that the newest leads can be filtered by",
        access=SIGNED_IN,
        unit=Unit.READ,
        handler=list_filter_options,
        answer=FilterOptions,
    ),
    Operation(
        name="count_leads",
        method="GET",
        path="/leads/counts",
        summary="Count the leads of each status",
        access=SIGNED_IN,
        unit=Unit.READ,
        is_list=True,
        handler=count_leads,
        answer=Counts,
    ),
    Operation(
        name="change_leads",
        method="POST",
        path="/leads/bulk",
        summary="Change or delete several leads at once",
        access=EDITORS,
        unit=Unit.WRITE,
        body=Body.JSON,
        takes_key=True,
        handler=change_leads,
        answer=Changed,
    ),
    Operation(
        name="undo_change",
        method="POST",
        path="/leads/bulk/{id}/undo",
        summary="Undo a change of several leads; those that changed since stay as they are",
        access=EDITORS,
        unit=Unit.WRITE,
        handler=undo_change,
        answer=Restored,
        errors=(ChangeNotFound, Conflict),
    ),
    Operation(
        name="show_lead",
        method="GET",
        path="/leads/{id}",
        summary="Show a lead, with its household and its origin",
        access=SIGNED_IN,
        unit=Unit.READ,
        handler=show_lead,
        answer=LeadDetail,
        errors=(LeadNotFound,),
    ),
    Operation(
        name="edit_lead",
        method="PATCH",
        path="/leads/{id}",
        summary="Change fields of a lead; with If-Match, only if it has that version",
        access=EDITORS,
        unit=Unit.WRITE,
        body=Body.JSON,
        takes_key=True,
        handler=edit_lead,
        answer=EditedLead,
        errors=(LeadNotFound, CenterNotFound, Outdated),
    ),
    Operation(
        name="list_history",
        method="GET",
        path="/leads/{id}/history",
        summary="List the history of a lead, newest first",
        access=SIGNED_IN,
        unit=Unit.READ,
        handler=list_history,
        answer=list[HistoryLine],
        errors=(LeadNotFound,),
    ),
    Operation(
        name="update_lead",
        method="PUT",
        path="/leads/{id}",
        summary="Record the outcome of a call",
        access=EDITORS,
        unit=Unit.WRITE,
        handler=update_lead,
        answer=Updated,
        errors=(LeadNotFound,),
    ),
)
