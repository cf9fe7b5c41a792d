"""Add your own routes to the OpenAPI document of the table."""

from typing import Any

import orjson

Json = dict[str, Any]
_SCHEMAS = "#/components/schemas/"


def merge(table: Json, own: Json) -> Json:
    """Return the table's document with the paths and schemas of other routes added.

    A schema of theirs with the name of one of the table's gets another name.
    """
    own = _apart(own, table["components"]["schemas"])
    merged = dict(table)
    merged["paths"] = {**table["paths"]}
    for path, methods in own["paths"].items():
        merged["paths"][path] = {**table["paths"].get(path, {}), **methods}
    components = {**table["components"]}
    for kind, named in own.get("components", {}).items():
        components[kind] = {**components.get(kind, {}), **named}
    merged["components"] = components
    return merged


def _apart(own: Json, taken: Json) -> Json:
    """Return a document whose schemas have none of the names that are taken by other schemas."""
    schemas: Json = own.get("components", {}).get("schemas", {})
    text = orjson.dumps(own).decode()
    names = {}
    for name, schema in schemas.items():
        if taken.get(name, schema) == schema:
            continue
        names[name] = f"Own{name}"
        while names[name] in taken or names[name] in schemas:
            names[name] = f"Own{names[name]}"
        text = text.replace(f'"{_SCHEMAS}{name}"', f'"{_SCHEMAS}{names[name]}"')
    if not names:
        return own
    renamed: Json = orjson.loads(text)
    components = renamed["components"]
    components["schemas"] = {
        names.get(name, name): schema for name, schema in components["schemas"].items()
    }
    return renamed
