"""A row takes its models from the type of its handler, and its place in the table is free."""

import re
from itertools import combinations, zip_longest
from typing import Any, assert_type

import pytest

from backend.api.operation import SIGNED_IN, Body, Call, Operation, Unit
from backend.api.parse import File, Form
from backend.api.routes import OPERATIONS
from backend.api.routing import Match, Router
from backend.schemas.history import HistoryFilter
from backend.schemas.imports import ImportOptions
from backend.schemas.leads import LeadId, NewLead


def _nothing(call: Call) -> None:
    assert_type(call.path, None)
    assert_type(call.query, None)
    assert_type(call.body, None)


def _path_and_query(call: Call[LeadId, HistoryFilter]) -> None:
    assert_type(call.path.id, int)
    assert_type(call.query.limit, int)


def _body(call: Call[None, None, NewLead]) -> None:
    assert_type(call.body.player_name, str)


def _file(call: Call[None, None, File]) -> None:
    assert_type(call.body.content, bytes)


def _form(call: Call[None, None, Form[ImportOptions]]) -> None:
    assert_type(call.body.options.mapping, str | None)


def _raw(call: Call[None, None, bytes]) -> None:
    assert_type(call.body, bytes)


def mistakes(call: Call[LeadId, None, NewLead]) -> None:
    """Make mistakes that mypy must find: with `strict` an ignore that isn't needed is an error."""
    _ = call.path.name  # type: ignore[attr-defined]
    _ = call.query.limit  # type: ignore[attr-defined]
    _ = call.body.playername  # type: ignore[attr-defined]
    call.after_commit(deliver)  # type: ignore[arg-type]
    call.after_commit(deliver, "one")  # type: ignore[arg-type]
    call.after_commit(deliver, 1)
    Operation(
        name="do_it",
        method="POST",
        path="/it",
        summary="Do it",
        access=SIGNED_IN,
        unit=Unit.READ,
        handler=deliver,  # type: ignore[arg-type]
        answer=None,
    )


def deliver(_number: int) -> None:
    """Take a number, and no call."""


def row(handler: Any, body: Body = Body.NONE, **more: Any) -> Operation:
    return Operation(
        name="do_it",
        method="POST",
        path="/it",
        summary="Do it",
        access=SIGNED_IN,
        unit=Unit.READ,
        handler=handler,
        answer=None,
        body=body,
        **more,
    )


@pytest.mark.parametrize(
    ("made", "models"),
    [
        (row(_nothing), (None, None, None)),
        (row(_path_and_query), (LeadId, HistoryFilter, None)),
        (row(_body, Body.JSON), (None, None, NewLead)),
        (row(_body, Body.FORM), (None, None, NewLead)),
        (row(_file, Body.FILE), (None, None, None)),
        (row(_form, Body.FILE), (None, None, ImportOptions)),
        (row(_raw, Body.RAW), (None, None, None)),
        (row(_raw, Body.RAW, documented_body=NewLead), (None, None, NewLead)),
    ],
)
def test_the_models_are_those_of_the_handler(made: Operation, models: tuple[Any, ...]) -> None:
    assert (made.path_model, made.query_model, made.body_model) == models


@pytest.mark.parametrize(
    ("handler", "body"),
    [
        (_body, Body.NONE),
        (_nothing, Body.JSON),
        (_body, Body.RAW),
        (_body, Body.FILE),
        (_file, Body.JSON),
        (_raw, Body.FORM),
    ],
)
def test_a_body_that_the_handler_does_not_take(handler: Any, body: Body) -> None:
    with pytest.raises(TypeError, match="do_it: its handler"):
        row(handler, body)


def _untyped(call):  # type: ignore[no-untyped-def]
    return call.path


def _as_text(call: "Call[LeadId]") -> int:
    return call.path.id


@pytest.mark.parametrize("handler", [_untyped, _as_text, deliver])
def test_a_handler_that_does_not_say_what_it_takes(handler: Any) -> None:
    with pytest.raises(TypeError, match="annotate its first parameter"):
        row(handler)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_path_and_its_model_name_the_same_parameters(operation: Operation) -> None:
    model = operation.path_model
    names = set(re.findall(r"{(\w+)", operation.path))
    assert names == (set(model.model_fields) if model else set())


def test_names_and_routes_are_unique() -> None:
    assert len({one.name for one in OPERATIONS}) == len(OPERATIONS)
    assert len({(one.method, one.path) for one in OPERATIONS}) == len(OPERATIONS)


def test_each_row_is_found_in_any_order_of_the_table() -> None:
    for router in (Router(OPERATIONS), Router(reversed(OPERATIONS))):
        for operation in OPERATIONS:
            path = re.sub(r"{.+?}", "1", operation.path)
            found = router.route(operation.method, path)
            assert isinstance(found, Match), operation.name
            assert found.operation is operation


def test_no_path_fits_two_rows_with_parameters() -> None:
    """So the first one that fits is the only one: a path without parameters goes first anyway."""
    paths = sorted({one.path for one in OPERATIONS if "{" in one.path})
    assert [pair for pair in combinations(paths, 2) if _overlap(*pair)] == []
    assert _overlap("/a/{id}/b", "/a/c/{id}")
    assert _overlap("/a/{name:path}", "/a/b/{id}")


def _overlap(one: str, other: str) -> bool:
    """Return whether a path could fit both templates."""
    for part, beside in zip_longest(one.split("/"), other.split("/")):
        if part is None or beside is None:
            return False
        if ":path}" in part + beside:
            return True
        if part != beside and "{" not in part and "{" not in beside:
            return False
    return True
