"""Centers, and the other names that forms and spreadsheets have for them."""

from backend.api.operation import ANYONE, TEAM_LEAD, Body, Call, Operation, Unit
from backend.core import centers
from backend.core.errors import AliasNotFound, CenterNotFound
from backend.core.intake import center_names
from backend.schemas.centers import (
    Alias,
    AliasOut,
    AliasQuery,
    CenterChange,
    CenterId,
    CenterOut,
    NewCenter,
)
from backend.schemas.intake import Reopened
from backend.schemas.leads import Updated


def list_centers(call: Call) -> list[CenterOut]:
    return centers.list_all(call.session)


def create_center(call: Call[None, None, NewCenter]) -> CenterOut:
    center = centers.create(call.session, call.body)
    center_names.center_made(call.session, center["meta_tag_name"])
    call.after_commit(call.wake)
    return center


def change_center(call: Call[CenterId, None, CenterChange]) -> CenterOut:
    center = centers.change(call.session, call.path.id, call.body)
    if call.body.meta_tag_name is not None:
        center_names.center_made(call.session, center["meta_tag_name"])
        call.after_commit(call.wake)
    return center


def list_aliases(call: Call[CenterId]) -> list[AliasOut]:
    return center_names.of_center(call.session, call.path.id)


def add_alias(call: Call[CenterId, None, Alias]) -> Reopened:
    reopened = center_names.add(call.session, call.person, call.body.text, call.path.id)
    call.after_commit(call.wake)
    return {"reopened": reopened}


def remove_alias(call: Call[CenterId, AliasQuery]) -> Updated:
    center_names.remove(call.session, call.path.id, call.query.text)
    return {"status": "updated"}


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
        name="add_alias",
        method="POST",
        path="/centers/{id}/aliases",
        summary="Add an alias to a center, and retry the deliveries that waited for it",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=add_alias,
        answer=Reopened,
        errors=(CenterNotFound, center_names.CenterKnown, center_names.CenterArchived),
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
)
