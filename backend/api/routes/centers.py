"""Centers, and the other names that forms and spreadsheets have for them."""

from backend.api.operation import ANYONE, TEAM_LEAD, Body, Call, Operation, Unit
from backend.core import centers
from backend.core.audit import Event, Subject
from backend.core.errors import AliasNotFound, CenterNotFound, ChangeNotFound, Conflict
from backend.core.intake import (
    alias_reverting,
    center_aliases,
    center_archive,
    center_changes,
    center_merging,
)
from backend.schemas.centers import (
    Alias,
    AliasOut,
    AliasQuery,
    AliasRevert,
    AliasReverted,
    AliasUse,
    CenterChange,
    CenterChangeOut,
    CenterId,
    CenterOut,
    CenterUse,
    ChangeId,
    MatchedName,
    Merge,
    Merged,
    NewCenter,
)
from backend.schemas.intake import Reopened
from backend.schemas.leads import Restored, Updated


def list_centers(call: Call) -> list[CenterOut]:
    return centers.list_all(call.session)


def create_center(call: Call[None, None, NewCenter]) -> CenterOut:
    center = centers.create(call.session, call.body)
    center_aliases.center_made(call.session, center["meta_tag_name"])
    call.record(Event.CENTER_CREATED, Subject.CENTER, center["id"])
    call.after_commit(call.wake)
    return center


def change_center(call: Call[CenterId, None, CenterChange]) -> CenterOut:
    center = centers.change(call.session, call.path.id, call.body)
    fields = sorted(call.body.model_fields_set)
    call.record(Event.CENTER_CHANGED, Subject.CENTER, call.path.id, fields=fields)
    if call.body.meta_tag_name is not None:
        center_aliases.center_made(call.session, center["meta_tag_name"])
        call.after_commit(call.wake)
    return center


def list_aliases(call: Call[CenterId]) -> list[AliasOut]:
    return center_aliases.of_center(call.session, call.path.id)


def list_all_aliases(call: Call) -> list[MatchedName]:
    return center_aliases.list_all(call.session)


def add_alias(call: Call[CenterId, None, Alias]) -> Reopened:
    reopened = center_aliases.add(call.session, call.person, call.body.text, call.path.id)
    call.record(Event.ALIAS_ADDED, Subject.CENTER, call.path.id, reopened=reopened)
    call.after_commit(call.wake)
    return {"reopened": reopened}


def remove_alias(call: Call[CenterId, AliasQuery]) -> Updated:
    center_aliases.remove(call.session, call.path.id, call.query.text)
    call.record(Event.ALIAS_REMOVED, Subject.CENTER, call.path.id)
    return {"status": "updated"}


def show_center_use(call: Call[CenterId]) -> CenterUse:
    return center_archive.use(call.session, call.path.id)


def archive_center(call: Call[CenterId]) -> CenterOut:
    center = center_archive.archive(call.session, call.path.id)
    call.record(Event.CENTER_ARCHIVED, Subject.CENTER, call.path.id)
    return center


def restore_center(call: Call[CenterId]) -> CenterOut:
    center = center_archive.restore(call.session, call.path.id)
    call.record(Event.CENTER_RESTORED, Subject.CENTER, call.path.id)
    call.after_commit(call.wake)
    return center


def merge_center(call: Call[CenterId, None, Merge]) -> Merged:
    merged = center_merging.merge(call.db, call.person, call.path.id, call.body.into_id)
    call.after_commit(call.wake)
    return merged


def list_center_changes(call: Call) -> list[CenterChangeOut]:
    return center_changes.list_newest(call.session)


def undo_center_change(call: Call[ChangeId]) -> Restored:
    restored = center_changes.undo(call.db, call.person, call.path.id)
    call.after_commit(call.wake)
    return restored


def show_alias_use(call: Call[CenterId, AliasQuery]) -> AliasUse:
    return alias_reverting.use(call.session, call.path.id, call.query.text)


def revert_alias(call: Call[CenterId, None, AliasRevert]) -> AliasReverted:
    body = call.body
    reverted = alias_reverting.revert(
        call.session, call.person, call.path.id, body.text, body.center_id
    )
    call.record(Event.ALIAS_REVERTED, Subject.CENTER, call.path.id, into_id=body.center_id)
    return reverted


OPERATIONS = (
    Operation(
        name="list_centers",
        method="GET",
        path="/centers/",
        summary="List the centers",
        access=ANYONE,
        unit=Unit.READ,
        handler=list_centers,
        answer=list[CenterOut],
    ),
    Operation(
        name="create_center",
        method="POST",
        path="/centers/",
        summary="Add a center",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=create_center,
        answer=CenterOut,
        errors=(centers.CenterTaken, centers.CenterNameTaken),
    ),
    Operation(
        name="change_center",
        method="PATCH",
        path="/centers/{id}",
        summary="Change a center",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=change_center,
        answer=CenterOut,
        errors=(
            CenterNotFound,
            centers.CenterTaken,
            centers.CenterNameTaken,
            centers.CenterMerged,
        ),
    ),
    Operation(
        name="list_aliases",
        method="GET",
        path="/centers/{id}/aliases",
        summary="List a center's aliases",
        access=TEAM_LEAD,
        unit=Unit.READ,
        handler=list_aliases,
        answer=list[AliasOut],
        errors=(CenterNotFound,),
    ),
    Operation(
        name="list_all_aliases",
        method="GET",
        path="/centers/aliases/",
        summary="List the aliases of all centers, the newest first",
        access=TEAM_LEAD,
        unit=Unit.READ,
        handler=list_all_aliases,
        answer=list[MatchedName],
    ),
    Operation(
        name="add_alias",
        method="POST",
        path="/centers/{id}/aliases",
        summary="Add an alias to a center, and retry the deliveries that waited for it",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=add_alias,
        answer=Reopened,
        errors=(CenterNotFound, center_aliases.CenterKnown, center_aliases.CenterArchived),
    ),
    Operation(
        name="remove_alias",
        method="DELETE",
        path="/centers/{id}/aliases",
        summary="Remove an alias of a center",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        handler=remove_alias,
        answer=Updated,
        errors=(AliasNotFound,),
    ),
    Operation(
        name="show_alias_use",
        method="GET",
        path="/centers/{id}/aliases/use",
        summary="Count the leads that came in by an alias, and those worked on since",
        access=TEAM_LEAD,
        unit=Unit.READ,
        handler=show_alias_use,
        answer=AliasUse,
        errors=(AliasNotFound,),
    ),
    Operation(
        name="revert_alias",
        method="POST",
        path="/centers/{id}/aliases/revert",
        summary="Revert an alias with its leads: to another center, or let them wait again",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=revert_alias,
        answer=AliasReverted,
        errors=(AliasNotFound, CenterNotFound, center_aliases.CenterArchived),
    ),
    Operation(
        name="show_center_use",
        method="GET",
        path="/centers/{id}/use",
        summary="Count what belongs to a center: leads, people, aliases, forms",
        access=TEAM_LEAD,
        unit=Unit.READ,
        handler=show_center_use,
        answer=CenterUse,
        errors=(CenterNotFound,),
    ),
    Operation(
        name="archive_center",
        method="POST",
        path="/centers/{id}/archive",
        summary="Archive a center: it keeps what it has, and gets no new leads",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        handler=archive_center,
        answer=CenterOut,
        errors=(CenterNotFound, centers.CenterMerged),
    ),
    Operation(
        name="restore_center",
        method="POST",
        path="/centers/{id}/restore",
        summary="Restore an archived center, and retry the deliveries that waited for it",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        handler=restore_center,
        answer=CenterOut,
        errors=(CenterNotFound, centers.CenterMerged),
    ),
    Operation(
        name="merge_center",
        method="POST",
        path="/centers/{id}/merge",
        summary="Merge a center into another one",
        access=TEAM_LEAD,
        unit=Unit.MANUAL,
        body=Body.JSON,
        handler=merge_center,
        answer=Merged,
        errors=(CenterNotFound, centers.CenterMerged, center_aliases.CenterArchived),
    ),
    Operation(
        name="list_center_changes",
        method="GET",
        path="/centers/changes/",
        summary="List the newest merges of centers and reverted aliases",
        access=TEAM_LEAD,
        unit=Unit.READ,
        handler=list_center_changes,
        answer=list[CenterChangeOut],
    ),
    Operation(
        name="undo_center_change",
        method="POST",
        path="/centers/changes/{id}/undo",
        summary="Undo a merge or a reverted alias; what has moved on since stays",
        access=TEAM_LEAD,
        unit=Unit.MANUAL,
        handler=undo_center_change,
        answer=Restored,
        errors=(ChangeNotFound, Conflict),
    ),
)
