"""Merging of leads: likely duplicates, the preview of a merge, the merge, and its undo."""

from backend.api.operation import EDITORS, Body, Call, Operation, Unit
from backend.core.errors import Conflict, LeadNotFound, MergeNotFound, Outdated
from backend.core.leads import merging, unmerging
from backend.schemas.leads import LeadId
from backend.schemas.merging import (
    Merged,
    MergeId,
    MergeLeads,
    MergePreview,
    TwoLeads,
    Unmerged,
)


def preview_merge(call: Call[TwoLeads]) -> MergePreview:
    return merging.preview(call.session, call.person, call.path.id, call.path.other_id)


def merge_leads(call: Call[LeadId, None, MergeLeads]) -> Merged:
    return merging.merge(call.session, call.person, call.path.id, call.body)


def undo_merge(call: Call[MergeId]) -> Unmerged:
    return unmerging.unmerge(call.session, call.person, call.path.id)


OPERATIONS = (
    Operation(
        name="preview_merge",
        method="GET",
        path="/leads/{id}/merge/{other_id}",
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
