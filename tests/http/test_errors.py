"""Every error that an operation declares, as it comes out of every server: one shape for all.

The operation's work is put out of the way: what it raises here is what the table says it may.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

import pytest

from backend.api.openapi import problems
from backend.api.operation import Call, Operation
from backend.api.routes import OPERATIONS
from backend.core.centers import CenterNameTaken, CenterTaken
from backend.core.errors import (
    BadRequest,
    Busy,
    Conflict,
    Invalid,
    MethodNotAllowed,
    NotFound,
    NotReady,
    Problem,
    TooLarge,
    TooManyAttempts,
    TooManyChanges,
    TooManyFiles,
    Unauthenticated,
)
from backend.core.intake.center_aliases import CenterKnown
from tests.http.test_matrix import TABLE
from tests.servers import Answer, Client
from tests.shape import check_error
from tests.world import LEAD, World

# The errors are made here: no answer comes from a database.
pytestmark = pytest.mark.every_adapter(database="sqlite")

# How an error is made whose class does not have its text.
MADE: dict[type[Problem], Callable[[], Problem]] = {
    BadRequest: lambda: BadRequest("The file is empty."),
    CenterKnown: lambda: CenterKnown("TOFA Tellapur"),
    CenterNameTaken: lambda: CenterNameTaken("Tellapur"),
    CenterTaken: lambda: CenterTaken("TOFA Tellapur"),
    Conflict: lambda: Conflict("This change has already been undone"),
    Invalid: lambda: Invalid.at("body", "phone", msg="Enter a phone or an email"),
    MethodNotAllowed: lambda: MethodNotAllowed(["GET"]),
    TooLarge: lambda: TooLarge(25 << 20),
    TooManyAttempts: lambda: TooManyAttempts(40),
    TooManyChanges: lambda: TooManyChanges(40),
    TooManyFiles: lambda: TooManyFiles(40),
}
HEADERS = {
    Unauthenticated: {"www-authenticate": "Bearer"},
    TooManyAttempts: {"retry-after": "40"},
    TooManyChanges: {"retry-after": "40"},
    TooManyFiles: {"retry-after": "40"},
    Busy: {"retry-after": "2"},
}
STATUSES = {400, 401, 403, 404, 405, 409, 412, 413, 422, 429, 500, 503}


def made(kind: type[Problem]) -> Problem:
    return MADE.get(kind, kind)()


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch) -> list[Problem]:
    """The error that the next call of any operation ends with."""
    next_up: list[Problem] = []

    def failing(operation: Operation) -> Operation:
        @wraps(operation.handler)
        def fail(_call: Call[Any, Any, Any]) -> Any:
            raise next_up[0]

        return replace(operation, handler=fail)

    monkeypatch.setattr("backend.api.application.OPERATIONS", tuple(map(failing, OPERATIONS)))
    return next_up


# The metrics have a token of their own.
METRICS_TOKEN = "a-token-for-prometheus"


def call(client: Client, operation: Operation) -> Answer:
    row = TABLE[operation.name]
    token = METRICS_TOKEN if operation.name == "show_metrics" else None
    return client.request(operation.method, row.path, token=token, **row.sent)


@pytest.mark.slow
def test_every_error_of_every_operation(
    raising: list[Problem], serve: Callable[..., Client], world: World, adapter: str
) -> None:
    """Below FastAPI all of them. What an adapter makes of an error doesn't depend on the operation:
    below the others, each operation has one of its errors, and each error comes at least once.
    """
    client = serve(metrics_token=METRICS_TOKEN)
    client.token = world.token(LEAD)
    met = set()
    seen = set[type[Problem]]()
    for number, operation in enumerate(OPERATIONS):
        kinds: list[type[Problem]] = [*problems(operation), NotFound, MethodNotAllowed, NotReady]
        if adapter != "fastapi":
            turn = number % len(kinds)
            kinds = [one for one in kinds if one not in seen or one is kinds[turn]]
            seen.update(kinds)
        for kind in kinds:
            raising[:] = [made(kind)]
            answer = call(client, operation)
            check_error(answer)
            assert answer.status == kind.status, (operation.name, kind)
            assert answer.json()["detail"] == raising[0].detail
            if isinstance(raising[0], Invalid):
                assert answer.json() == {
                    "detail": "Phone: enter a phone or an email",
                    "errors": [
                        {
                            "type": "value_error",
                            "loc": ["body", "phone"],
                            "msg": "Enter a phone or an email",
                        }
                    ],
                }
            assert HEADERS.get(kind, {}).items() <= answer.headers.items()
            met.add(answer.status)
    assert met == STATUSES


def test_what_no_one_foresaw(
    raising: list[Exception], serve: Callable[..., Client], world: World
) -> None:
    """A stranger is told what to do, and nothing of the error."""
    client = serve(metrics_token=METRICS_TOKEN)
    client.token = world.token(LEAD)
    raising[:] = [LookupError("canary7f3a")]
    for operation in OPERATIONS:
        answer = call(client, operation)
        check_error(answer, "canary7f3a", "LookupError")
        assert (answer.status, answer.json()["detail"]) == (500, Problem.detail)
        assert answer.headers["x-request-id"]
