"""The table of routes: each route once, a module for each part of the business.

The servers, the OpenAPI document and the tests read it. The document has the same order.
"""

from functools import lru_cache

from backend.api import openapi
from backend.api.messages import Response
from backend.api.operation import ANYONE, Call, Operation, Unit
from backend.api.routes import (
    actions,
    alerts,
    assignment_rules,
    audit,
    auth,
    calling_rules,
    calls,
    centers,
    choices,
    exports,
    imports,
    intake,
    leads,
    list_changes,
    merging,
    message_texts,
    owners,
    passkeys,
    password_links,
    presence,
    privacy,
    reports,
    saved_views,
    second_factor,
    sessions,
    system,
    users,
)
from backend.api.static import TYPES, Asset


def openapi_document(call: Call) -> Response:
    return _document(call.root).respond(call.headers)


# One for each prefix that the API is served under, which is one.
@lru_cache(8)
def _document(root: str) -> Asset:
    return Asset(document(root), TYPES[".json"])


def document(root: str = "") -> bytes:
    """Return the OpenAPI document of the whole table, as it is served under a prefix."""
    return openapi.document(OPERATIONS, root)


OPERATIONS: tuple[Operation, ...] = (
    *auth.OPERATIONS,
    *users.OPERATIONS,
    *sessions.OPERATIONS,
    *password_links.OPERATIONS,
    *second_factor.OPERATIONS,
    *passkeys.OPERATIONS,
    *centers.OPERATIONS,
    *exports.OPERATIONS,
    *leads.OPERATIONS,
    *list_changes.OPERATIONS,
    *saved_views.OPERATIONS,
    *calls.OPERATIONS,
    *actions.OPERATIONS,
    *owners.OPERATIONS,
    *merging.OPERATIONS,
    *message_texts.OPERATIONS,
    *calling_rules.OPERATIONS,
    *presence.OPERATIONS,
    *assignment_rules.OPERATIONS,
    *choices.OPERATIONS,
    *privacy.OPERATIONS,
    *alerts.OPERATIONS,
    *imports.OPERATIONS,
    *intake.OPERATIONS,
    *reports.OPERATIONS,
    *audit.OPERATIONS,
    *system.OPERATIONS,
    Operation(
        name="openapi_document",
        method="GET",
        path="/openapi.json",
        summary="The OpenAPI document",
        access=ANYONE,
        unit=Unit.NONE,
        handler=openapi_document,
        answer=Response,
        documented=False,
    ),
)


def find(name: str) -> Operation:
    """Return the operation of that name."""
    return next(operation for operation in OPERATIONS if operation.name == name)
