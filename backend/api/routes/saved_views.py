"""Saved views of the list of leads."""

from backend.api.operation import EDITORS, SIGNED_IN, Body, Call, Operation, Unit
from backend.core.errors import BadRequest, CenterNotFound, ViewNotFound
from backend.core.leads import saved_views
from backend.schemas.saved_views import NewView, ViewChange, ViewCount, ViewId, ViewOut


def list_views(call: Call) -> list[ViewOut]:
    return saved_views.list_all(call.session, call.person)


def count_views(call: Call) -> list[ViewCount]:
    return saved_views.counts(call.session, call.person, call.settings)


def create_view(call: Call[None, None, NewView]) -> ViewOut:
    return saved_views.create(call.session, call.person, call.settings, call.body)


def change_view(call: Call[ViewId, None, ViewChange]) -> ViewOut:
    return saved_views.change(call.session, call.person, call.settings, call.path.id, call.body)


def remove_view(call: Call[ViewId]) -> ViewOut:
    return saved_views.remove(call.session, call.person, call.path.id)


OPERATIONS = (
    Operation(
        name="list_views",
        method="GET",
        path="/saved-views/",
        summary="List your saved views, and those that are shared with you",
        access=SIGNED_IN,
        unit=Unit.READ,
        handler=list_views,
        answer=list[ViewOut],
    ),
    Operation(
        name="count_views",
        method="GET",
        path="/saved-views/counts",
        summary="Count the leads of the saved views",
        access=SIGNED_IN,
        unit=Unit.READ,
        is_list=True,
        handler=count_views,
        answer=list[ViewCount],
    ),
    Operation(
        name="create_view",
        method="POST",
        path="/saved-views/",
        summary="Save a view of the list of leads",
        access=EDITORS,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=create_view,
        answer=ViewOut,
        errors=(BadRequest, CenterNotFound),
    ),
    Operation(
        name="change_view",
        method="PATCH",
        path="/saved-views/{id}",
        summary="Rename, change or share a saved view",
        access=EDITORS,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=change_view,
        answer=ViewOut,
        errors=(ViewNotFound, CenterNotFound),
    ),
    Operation(
        name="remove_view",
        method="DELETE",
        path="/saved-views/{id}",
        summary="Remove a saved view",
        access=EDITORS,
        unit=Unit.WRITE,
        handler=remove_view,
        answer=ViewOut,
        errors=(ViewNotFound,),
    ),
)
