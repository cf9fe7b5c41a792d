"""Merging of leads: likely duplicates, the preview of a merge, the merge, and its undo."""

from urllib.parse import urlencode

from backend.api import encode
from backend.api.messages import Response
from backend.api.operation import EDITORS, Body, Call, Operation, Unit
from backend.core.audit import Event, Subject
from backend.core.errors import Conflict, LeadNotFound, MergeNotFound, Outdated
from backend.core.leads import duplicates, merging, unmerging
from backend.schemas.duplicates import DuplicateFilter, DuplicatePair, NotDuplicates
from backend.schemas.leads import LeadId, Updated
from backend.schemas.merging import (
    Merged,
    MergeId,
    MergeLeads,
    MergePreview,
    OtherLead,
    Unmerged,
)


def preview_merge(call: Call[LeadId, OtherLead]) -> MergePreview:
    return merging.preview(call.session, call.person, call.path.id, call.query.other_id)


def merge_leads(call: Call[LeadId, None, MergeLeads]) -> Merged:
    merged = merging.merge(call.session, call.person, call.path.id, call.body)
    survivor = merged["lead"]["id"]
    other = call.body.other_id
    call.record(Event.LEADS_MERGED, Subject.MERGE, merged["id"], lead_id=survivor, other_id=other)
    return merged


def undo_merge(call: Call[MergeId]) -> Unmerged:
    unmerged = unmerging.unmerge(call.session, call.person, call.path.id)
    ids = {"lead_id": unmerged["lead"]["id"], "other_id": unmerged["restored"]["id"]}
    call.record(Event.LEADS_MERGE_UNDONE, Subject.MERGE, call.path.id, **ids)
    return unmerged


def list_duplicates(call: Call[None, DuplicateFilter]) -> Response:
    page = duplicates.list_page(call.session, call.person, call.query)
    answer = encode.answer(page.pairs)
    if page.next is None:
        return answer
    second, first = page.next
    place = {"before_second_id": second} | ({"before_first_id": first} if first else {})
    link = f'<?{urlencode({"limit": call.query.limit, **place})}>; rel="next"'
    return Response(answer.status, answer.body, {**answer.headers, "link": link})


def mark_not_duplicates(call: Call[None, None, NotDuplicates]) -> Updated:
    duplicates.judge(call.session, call.person, call.body)
    return {"status": "updated"}


OPERATIONS = (
    Operation(
        name="list_duplicates",
        method="GET",
        path="/leads/duplicates/",
        summary="List likely duplicates, each with its reasons; the header Link has the next page",
        access=EDITORS,
        unit=Unit.READ,
        handler=list_duplicates,
        answer=list[DuplicatePair],
    ),
    Operation(
        name="mark_not_duplicates",
        method="POST",
        path="/leads/duplicates/",
        summary="Mark two leads as not duplicates",
        access=EDITORS,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=mark_not_duplicates,
        answer=Updated,
        errors=(LeadNotFound,),
    ),
    Operation(
        name="preview_merge",
        method="GET",
        path="/leads/{id}/merge",
        summary="Preview the merge of a lead into another, field by field",
        access=EDITORS,
        unit=Unit.READ,
        handler=preview_merge,
        answer=MergePreview,
        errors=(LeadNotFound, Conflict),
    ),
    Operation(
        name="merge_leads",
        method="POST",
        path="/leads/{id}/merge",
        summary="Merge a lead into this one, if neither has changed since the preview",
        access=EDITORS,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=merge_leads,
        answer=Merged,
        errors=(LeadNotFound, Conflict, Outdated),
    ),
    Operation(
        name="undo_merge",
        method="POST",
        path="/leads/merges/{id}/undo",
        summary="Undo a merge; what has happened since stays with the survivor",
        access=EDITORS,
        unit=Unit.WRITE,
        handler=undo_merge,
        answer=Unmerged,
        errors=(MergeNotFound, Conflict),
    ),
)
