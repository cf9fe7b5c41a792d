"""Generate the OpenAPI document from the table of routes."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode
from typing_extensions import override

from backend import __version__
from backend.api import encode as encoding
from backend.api.encode import JSON, encode
from backend.api.messages import Response
from backend.api.operation import Body, Operation
from backend.core.errors import Busy, Invalid, Problem, TooLarge, Unauthenticated

Json = dict[str, Any]

_INFO = {
    "title": "TOFA CRM",
    "version": __version__,
    "summary": "A lead CRM for a sports academy with several centers.",
    "description": "Sign in at `/token` and send the token as `Authorization: Bearer <token>`. "
    "Times are in UTC, in RFC 3339 format. Every error has a sentence for the user in `detail`. "
    "If the input is invalid, `errors` lists each problem.",
}


# Two ways to use a token: sign in on the documentation page, or paste a token.
def _flows(root: str = "") -> Json:
    return {"password": {"tokenUrl": f"{root}/token", "scopes": {}}}


_SECURITY_SCHEMES: Json = {
    "sign_in": {"type": "oauth2", "flows": _flows()},
    "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
}

_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
_BODY_TYPES = {
    Body.JSON: ("application/json",),
    Body.FORM: (*_FORM_TYPES, "application/json"),
    Body.FILE: ("multipart/form-data",),
    Body.RAW: ("application/json",),
}
_FILE: Json = {
    "type": "object",
    "required": ["file"],
    "properties": {
        # `contentMediaType` is OpenAPI 3.1; `format` is for tools that only know 3.0.
        "file": {
            "type": "string",
            "contentMediaType": "application/octet-stream",
            "format": "binary",
        }
    },
}

_PLACES = ("path", "query")
_REF = "#/components/schemas/{model}"
_INVALID = Invalid.at(
    "body", "password", type="password_too_short", msg="Use at least 8 characters"
)
_SENTENCE = {"type": "string", "description": "A sentence that a person can act on."}
_ERRORS = {
    "Problem": {
        "type": "object",
        "description": "An error: what is wrong, and what to do about it.",
        "required": ["detail"],
        "properties": {"detail": _SENTENCE},
    },
    "Faults": {
        "type": "object",
        "description": "Invalid input.",
        "required": ["detail", "errors"],
        "properties": {
            "detail": _SENTENCE,
            "errors": {"type": "array", "items": {"$ref": _REF.format(model="Fault")}},
        },
    },
    "Fault": {
        "type": "object",
        "description": "One problem with the input: its type, its location, and how to fix it.",
        "required": ["type", "loc", "msg"],
        "properties": {
            "type": {"type": "string"},
            "loc": {
                "type": "array",
                "description": "Starts with `body`, `query` or `path`.",
                "items": {"type": ["string", "integer"]},
            },
            "msg": {"type": "string", "description": "How to fix it, to show next to the field."},
        },
    },
}

_MEANINGS = {
    400: "The request can't be carried out",
    401: "There is no token, or it is invalid or expired",
    403: "The role doesn't allow this",
    404: "Not found, or no access",
    413: "The body is too large",
    422: "The input is invalid; `errors` lists each problem",
    429: "Too many attempts; wait",
    500: "A bug in the server; find it in the log by the request's id",
    503: "The server is busy, or can't use its database; try again",
}
_RETRY = {
    "Retry-After": {
        "description": "How long to wait, in seconds.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    }
}
_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 8, "maxLength": 64},
    "description": "A new text for each change. A request that is sent again with the same one is "
    "answered as it was first, and carried out once; it is known for seven days.",
}
_HEADERS: dict[int, Json] = {
    401: {"WWW-Authenticate": {"required": True, "schema": {"type": "string", "const": "Bearer"}}},
    429: _RETRY,
    500: {"X-Request-ID": {"schema": {"type": "string"}}},
    503: {"Retry-After": {**_RETRY["Retry-After"], "required": False}},
}


def document(operations: Iterable[Operation], root: str = "") -> bytes:
    """Return the document of these operations; the same bytes in every process.

    `root` is the prefix that they are served under, such as `/crm`.
    """
    built = build(operations)
    if root:
        built["servers"] = [{"url": root}]
        sign_in = {**_SECURITY_SCHEMES["sign_in"], "flows": _flows(root)}
        built["components"]["securitySchemes"] = {**_SECURITY_SCHEMES, "sign_in": sign_in}
    return encode(built)


def build(operations: Iterable[Operation]) -> Json:
    """Return the document of the operations, as a dictionary."""
    documented = [operation for operation in operations if operation.documented]
    schemas = _Schemas(documented)
    paths: Json = {}
    for operation in documented:
        methods = paths.setdefault(operation.path, {})
        methods[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": _INFO,
        "tags": [{"name": name} for name in dict.fromkeys(map(_tag, documented))],
        "paths": paths,
        "components": {
            "schemas": schemas.components(),
            "securitySchemes": _SECURITY_SCHEMES,
        },
    }


class _Generator(GenerateJsonSchema):
    """Generates schemas without titles of fields, which would repeat their names."""

    @override
    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


class _Schemas:
    """The JSON Schemas of the input and output of operations."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._with_files = {one.name for one in operations if one.body is Body.FILE}
        wanted = [part for operation in operations for part in _parts(operation)]
        self._found, shared = TypeAdapter.json_schemas(
            wanted, ref_template=_REF, schema_generator=_Generator
        )
        self._shared: Mapping[str, Json] = shared.get("$defs", {})

    def body(self, operation: Operation) -> Json:
        return self._found[(operation.name, "body"), "validation"]

    def fields(self, operation: Operation) -> Json:
        """Return the schema of a body's model itself, rather than a reference to it."""
        return self._shared[_referred(self.body(operation))]

    def answer(self, operation: Operation) -> Json:
        return self._found[(operation.name, "answer"), "serialization"]

    def parameters(self, operation: Operation) -> list[Json]:
        """Return a parameter for each field of the path and query models."""
        parameters = []
        for place in _PLACES:
            if model := self._found.get(((operation.name, place), "validation")):
                fields = self._shared[_referred(model)]
                required = fields.get("required", [])
                parameters += [
                    _parameter(name, place, name in required, schema)
                    for name, schema in fields["properties"].items()
                ]
        return parameters

    def components(self) -> Json:
        """Return the schemas that the document refers to, by name."""
        inlined = {
            _referred(schema)
            for ((name, part), _), schema in self._found.items()
            if part in _PLACES or (part == "body" and name in self._with_files)
        }
        shared = {name: schema for name, schema in self._shared.items() if name not in inlined}
        return dict(sorted({**shared, **_ERRORS}.items()))


def _referred(schema: Json) -> str:
    name: str = schema["$ref"].rpartition("/")[2]
    return name


_Part = tuple[tuple[str, str], JsonSchemaMode, TypeAdapter[Any]]


def _parts(operation: Operation) -> Iterable[_Part]:
    models = {
        "path": operation.path_model,
        "query": operation.query_model,
        "body": operation.body_model,
    }
    for place, model in models.items():
        if model is not None:
            yield (operation.name, place), "validation", TypeAdapter(model)
    if operation.answer is not Response:
        yield (operation.name, "answer"), "serialization", TypeAdapter(operation.answer)


def _operation(operation: Operation, schemas: _Schemas) -> Json:
    said: Json = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [_tag(operation)],
    }
    if operation.access.roles is not None:
        said["description"] = f"Roles: {', '.join(sorted(operation.access.roles))}."
    if operation.access.signed_in:
        said["security"] = [{name: []} for name in _SECURITY_SCHEMES]
    parameters = schemas.parameters(operation) + ([_KEY] if operation.takes_key else [])
    if parameters:
        said["parameters"] = parameters
    if operation.body is not Body.NONE:
        said["requestBody"] = _request_body(operation, schemas)
    said["responses"] = _responses(operation, schemas)
    return said


def _tag(operation: Operation) -> str:
    return operation.path.split("/")[1]


def _parameter(name: str, place: str, required: bool, schema: Json) -> Json:
    schema = dict(schema)
    description = schema.pop("description", None)
    # A path or query parameter can't be null.
    if "default" in schema and schema["default"] is None:
        del schema["default"]
    if kinds := [kind for kind in schema.pop("anyOf", []) if kind != {"type": "null"}]:
        schema |= kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    parameter: Json = {"name": name, "in": place, "required": required, "schema": schema}
    return parameter | ({"description": description} if description else {})


def _request_body(operation: Operation, schemas: _Schemas) -> Json:
    schema: Json = {"type": "object"}
    if operation.body is Body.FILE:
        schema = _FILE if operation.body_model is None else _with_file(schemas.fields(operation))
    elif operation.body_model is not None:
        schema = schemas.body(operation)
    types = _BODY_TYPES[operation.body]
    return {"required": True, "content": {kind: {"schema": schema} for kind in types}}


def _with_file(model: Json) -> Json:
    """Return the schema of a form with a file and the fields of a model."""
    return {
        "type": "object",
        "required": [*_FILE["required"], *model.get("required", [])],
        "properties": {**_FILE["properties"], **model["properties"]},
    }


def _responses(operation: Operation, schemas: _Schemas) -> Json:
    answer: Json = {"description": "Done"}
    if operation.answer is not Response:
        answer["content"] = {JSON["content-type"]: {"schema": schemas.answer(operation)}}
    by_status: dict[int, list[type[Problem]]] = {}
    for problem in problems(operation):
        by_status.setdefault(problem.status, []).append(problem)
    return {"200": answer} | {
        str(status): _refusal(status, by_status[status]) for status in sorted(by_status)
    }


def problems(operation: Operation) -> list[type[Problem]]:
    """Return all errors that an operation can respond with."""
    found: list[type[Problem]] = []
    if operation.access.signed_in:
        found.append(Unauthenticated)
    if operation.access.roles is not None:
        found.append(operation.access.refusal)
    found += operation.errors
    if operation.body is not Body.NONE:
        found.append(TooLarge)
    if operation.path_model or operation.query_model or operation.body is not Body.NONE:
        found.append(Invalid)
    return [*found, Busy, Problem]


def _refusal(status: int, kinds: Sequence[type[Problem]]) -> Json:
    content: Json = {
        "schema": {"$ref": _REF.format(model="Faults" if status == 422 else "Problem")}
    }
    examples = {
        kind.__name__: {"value": {"detail": kind.detail}} for kind in kinds if _says_always(kind)
    }
    if status == Invalid.status:
        examples[Invalid.__name__] = {"value": orjson.loads(encoding.problem(_INVALID).body)}
    if examples:
        content["examples"] = examples
    said: Json = {"description": _MEANINGS.get(status, HTTPStatus(status).phrase)}
    if headers := _HEADERS.get(status):
        said["headers"] = headers
    return said | {"content": {JSON["content-type"]: content}}


def _says_always(kind: type[Problem]) -> bool:
    """Return whether all errors of this class have the same text."""
    return kind is Problem or kind.detail is not Problem.detail
