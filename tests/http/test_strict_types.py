"""Types of JSON bodies are taken as they are: `true` and `"1"` are no numbers, `1` no boolean, and
neither numbers nor their texts are dates."""

from datetime import date, datetime
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel, ValidationError

from backend.api.operation import Body
from backend.api.routes import OPERATIONS

WRONG: dict[type, tuple[Any, ...]] = {
    int: (True, "1", 1.0),
    bool: ("true", 1, "yes"),
    str: (1, True),
    date: (1, 1733356800, 1.5, True, "1733356800", "-1.5"),
    datetime: (1, 1733356800, 1.5, True, "1733356800", "+1733356800000"),
}


def kind(annotation: Any) -> tuple[type | None, bool]:
    """Return the type of a field's value, and whether the field is a list of such values."""
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        (annotation,) = (one for one in get_args(annotation) if one is not type(None))
        return kind(annotation)
    if origin is Annotated:
        return kind(get_args(annotation)[0])
    if origin is list:
        return kind(get_args(annotation)[0])[0], True
    return annotation if annotation in WRONG else None, False


def fields() -> list[tuple[str, type[BaseModel], str, Any]]:
    """Return each field of each JSON body with a wrong value for it."""
    found = []
    for operation in OPERATIONS:
        if operation.body is not Body.JSON or operation.body_model is None:
            continue
        for name, field in operation.body_model.model_fields.items():
            type_, is_list = kind(field.annotation)
            for value in WRONG[type_] if type_ else ():
                wrong = [value] if is_list else value
                found.append((operation.name, operation.body_model, name, wrong))
    return found


def test_no_id_in_a_body_is_a_text_or_a_boolean() -> None:
    cases = fields()
    names = {name for _, _, name, _ in cases}
    assert {"center_id", "ids", "disabled", "version", "birth_date", "trial_at"} <= names
    for operation, model, name, wrong in cases:
        with pytest.raises(ValidationError) as refusal:
            model.model_validate({name: wrong})
        assert any(one["loc"][0] == name for one in refusal.value.errors()), (
            operation,
            name,
            wrong,
        )
