"""A row takes its models from the type of its handler."""

from typing import Any, assert_type

import pytest

from backend.api.operation import SIGNED_IN, Body, Call, Operation, Unit
from backend.api.parse import File, Form
from backend.api.routes import OPERATIONS
from backend.schemas.imports import ImportOptions
from backend.schemas.leads import HistoryFilter, LeadId, NewLead


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


def test_every_handler_says_what_it_takes() -> None:
    for operation in OPERATIONS:
        (given, *_) = operation.handler.__annotations__.values()
        assert getattr(given, "__origin__", given) is Call, operation.name
