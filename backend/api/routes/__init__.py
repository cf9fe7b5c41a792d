"""The table of routes: each route once, a module for each part of the business.

The servers, the OpenAPI document and the tests read it. The document has the same order.
"""

from functools import cache

from backend.api import openapi
from backend.api.messages import Response
from backend.api.operation import ANYONE, Call, Operation, Unit
from backend.api.routes import auth, centers, imports, intake, leads, reports, system, users
from backend.api.static import TYPES, Asset


def openapi_document(call: Call) -> Response:
    return _document().respond(call.headers)


@cache
def _document() -> Asset:
    return Asset(document(), TYPES[".json"])


def document() -> bytes:
    """Return the OpenAPI document of the whole table."""
    return openapi.document(OPERATIONS)


OPERATIONS: tuple[Operation, ...] = (
    *auth.OPERATIONS,
    *users.OPERATIONS,
    *centers.OPERATIONS,
    *leads.OPERATIONS,
    *imports.OPERATIONS,
    *intake.OPERATIONS,
    *reports.OPERATIONS,
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
