"""The OpenAPI document is valid, is the same everywhere, and leaves nothing out."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from pydantic import Field
from schemathesis.specs.openapi.definitions import OPENAPI_31

from backend.api import openapi, routes
from backend.api.application import Application
from backend.api.messages import Head, Response
from backend.api.operation import SIGNED_IN, Body, Call, Operation, Unit
from backend.api.routes import OPERATIONS
from backend.core.db import Database
from backend.core.errors import EmailTaken, IncorrectLogin
from backend.schemas.fields import Schema
from tests.operations import SENDERS, may_call
from tests.shape import check_body
from tests.world import World, settings_for

Json = dict[str, Any]

DOCUMENTED = [operation for operation in OPERATIONS if operation.documented]
each_operation = pytest.mark.parametrize(
    "operation", DOCUMENTED, ids=[operation.name for operation in DOCUMENTED]
)


@pytest.fixture(scope="module")
def document() -> Json:
    return dict(json.loads(routes.document()))


def said(document: Json, operation: Operation) -> Json:
    return dict(document["paths"][operation.path][operation.method.lower()])


def test_it_is_valid_openapi(document: Json) -> None:
    jsonschema_rs.validator_for(OPENAPI_31).validate(document)


def test_every_schema_is_valid(document: Json) -> None:
    for schema in document["components"]["schemas"].values():
        validator(document, schema)


def test_every_reference_is_kept_and_every_component_referred_to(document: Json) -> None:
    prefix = "#/components/schemas/"
    referred = {reference.removeprefix(prefix) for reference in references(document)}

    assert referred == set(document["components"]["schemas"])


def validator(document: Json, schema: Json) -> jsonschema_rs.Draft202012Validator:
    """What tells whether a value is of a schema of the document; raises if the schema is none."""
    return jsonschema_rs.Draft202012Validator(
        {**schema, "components": document["components"]}, validate_formats=True
    )


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from [inner] if key == "$ref" else references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


@pytest.mark.parametrize("seed", ["1", "2"])
@pytest.mark.slow
def test_it_has_the_same_bytes_in_every_process(seed: str) -> None:
    script = (
        "import sys; from backend.api import routes as o; sys.stdout.buffer.write(o.document())"
    )
    made = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONHASHSEED": seed},
        cwd=Path(openapi.__file__).parents[2],
        capture_output=True,
        check=True,
    )

    assert made.stdout == routes.document()


def test_it_has_every_documented_operation_and_no_other(document: Json) -> None:
    found = {
        (method, path): stated["operationId"]
        for path, methods in document["paths"].items()
        for method, stated in methods.items()
    }

    assert found == {
        (operation.method.lower(), operation.path): operation.name for operation in DOCUMENTED
    }


def test_one_can_sign_in_from_it(document: Json) -> None:
    schemes = document["components"]["securitySchemes"].values()

    assert [scheme["flows"]["password"]["tokenUrl"] for scheme in schemes if "flows" in scheme] == [
        "/token"
    ]
    assert [scheme["scheme"] for scheme in schemes if scheme["type"] == "http"] == ["bearer"]


@each_operation
def test_it_says_who_may_call(operation: Operation, document: Json) -> None:
    stated = said(document, operation)

    assert ("security" in stated) == operation.access.signed_in
    assert all(role in stated["description"] for role in operation.access.roles or ())


@each_operation
def test_it_has_every_parameter(operation: Operation, document: Json) -> None:
    wanted = {
        (place, field.alias or name, field.is_required())
        for place, model in (("path", operation.path_model), ("query", operation.query_model))
        if model
        for name, field in model.model_fields.items()
    }
    if operation.takes_key:
        wanted.add(("header", "Idempotency-Key", False))

    found = said(document, operation).get("parameters", [])

    assert {(one["in"], one["name"], one["required"]) for one in found} == wanted
    assert all(one["schema"].get("type") not in (None, "null") for one in found)


@each_operation
def test_it_has_the_body(operation: Operation, document: Json) -> None:
    types = {
        Body.NONE: set(),
        Body.JSON: {"application/json"},
        Body.FORM: {
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "application/json",
        },
        Body.FILE: {"multipart/form-data"},
        Body.RAW: {"application/json"},
    }

    content = said(document, operation).get("requestBody", {}).get("content", {})

    assert set(content) == types[operation.body]
    for media in content.values():
        properties = resolve(document, media["schema"])["properties"]
        model = operation.body_model
        fields = set(model.model_fields) if model else set()
        assert set(properties) == fields | ({"file"} if operation.body is Body.FILE else set())


@each_operation
def test_it_has_the_answer(operation: Operation, document: Json) -> None:
    answer = said(document, operation)["responses"]["200"]

    assert ("content" in answer) == (operation.answer is not Response)


@each_operation
def test_it_has_every_error_that_the_table_names(operation: Operation, document: Json) -> None:
    responses = said(document, operation)["responses"]

    for error in operation.errors:
        content = responses[str(error.status)]["content"]["application/json"]
        if error in (IncorrectLogin, EmailTaken):
            assert content["examples"][error.__name__]["value"] == {"detail": error.detail}


@each_operation
def test_a_status_that_says_when_to_come_back_has_the_header(
    operation: Operation, document: Json
) -> None:
    responses = said(document, operation)["responses"]

    for status in {"429", "503"} & set(responses):
        assert "Retry-After" in responses[status]["headers"]


@each_operation
def test_what_is_not_valid_has_an_example(operation: Operation, document: Json) -> None:
    responses = said(document, operation)["responses"]
    if "422" in responses:
        content = responses["422"]["content"]["application/json"]
        example = content["examples"]["Invalid"]["value"]
        validator(document, content["schema"]).validate(example)
        check_body(422, example)


def resolve(document: Json, schema: Json) -> Json:
    name = schema.get("$ref", "").rpartition("/")[2]
    return dict(document["components"]["schemas"][name]) if name else schema


# What comes back, against what the document says of it.

BODIES = (b"", b"{", b"{}", b'{"password": 1}')
QUERIES = (b"", b"status=" + b"x" * 501, b"status=Called", b"%ff=1")
# The length that a request of too large a body says.
HUGE = 1 << 40
# What is sent: the query, the body, and its length. One of them is odd, or all are.
SENT = (
    *(
        (query, body, len(body))
        for query, body in product(QUERIES, BODIES)
        if not query or not body
    ),
    *((query, b"", HUGE) for query in QUERIES),
    (QUERIES[-1], b"{", 1),
    (QUERIES[2], BODIES[-1], len(BODIES[-1])),
)
# Who may not call an operation is refused for that, before anything else is looked at.
SENT_IN_VAIN = (SENT[0], (QUERIES[-1], b"{", 1), (QUERIES[-1], b"{", HUGE))


@pytest.fixture(scope="module")
def academy(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    path = tmp_path_factory.mktemp("openapi") / "world.db"
    shutil.copy(sqlite_template, path)
    settings = settings_for(f"sqlite:///{path}")
    world = World(settings, Database(settings.url))
    yield world
    world.db.close()


@pytest.fixture(scope="module")
def app(academy: World) -> Iterator[Application]:
    app = Application(academy.settings)
    yield app
    app.close()


@each_operation
@pytest.mark.slow
def test_whatever_is_answered_is_documented(
    operation: Operation, document: Json, academy: World, app: Application
) -> None:
    responses = said(document, operation)["responses"]
    paths = sorted({operation.path.replace("{id}", id).encode() for id in ("1", "0x1")})
    met = set()
    tokens = {person: academy.token(person.email) for person in SENDERS if person}
    valid = cache(
        lambda status, kind: validator(document, responses[status]["content"][kind]["schema"])
    )

    for person, path in product(SENDERS, paths):
        for query, body, size in SENT if may_call(operation, person) else SENT_IN_VAIN:
            headers = {"content-type": "application/json", "content-length": str(size)}
            if person:
                headers["authorization"] = f"Bearer {tokens[person]}"
            head = Head(operation.method, path, query, headers, "192.0.2.1")
            answer = app.receive(head).answer(body)

            status = str(answer.status)
            assert status in responses, (person, body, query, answer.body)
            kind = answer.headers["content-type"]
            if "content" in responses[status]:
                valid(status, kind).validate(json.loads(answer.body))
            met.add(status)

    assert "500" not in met
    assert ("401" in met) == operation.access.signed_in
    # Others may be refused for another reason, which the document names as well.
    assert "403" in met or operation.access.roles is None
    assert ("413" in met) == (operation.body is not Body.NONE)
    assert ("422" in met) == ("422" in responses)


# What the table does not have yet.


class _Page(Schema):
    size: int = Field(50, ge=1, le=500, description="How many.")
    after: int | None = None
    either: int | bool | None = None


def _list_things(_call: Call[None, _Page]) -> None:
    """List nothing."""


def test_a_parameter_keeps_its_default_but_not_null() -> None:
    operation = Operation(
        name="list_things",
        method="GET",
        path="/things/",
        summary="List the things",
        access=SIGNED_IN,
        unit=Unit.READ,
        handler=_list_things,
        answer=Response,
    )

    stated = openapi.build([operation])["paths"]["/things/"]["get"]

    size, after, either = stated["parameters"]
    assert size["description"] == "How many."
    assert size["schema"] == {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}
    assert after["schema"] == {"type": "integer"}
    assert either["schema"] == {"anyOf": [{"type": "integer"}, {"type": "boolean"}]}
    assert "content" not in stated["responses"]["200"]
