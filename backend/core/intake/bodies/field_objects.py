"""Fields that a sender describes with objects, such as `{"name": …, "value": …}`.

So do Meta, Google, Elementor, WPForms, HubSpot, Tally, Fillout, Wix and LeadSquared; Typeform's
answers have their value under the name of its type.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from backend.core.intake import field_mapping

Object = Mapping[str, Any]

# The members that name a field, those for people first, and those that hold its value.
_NAMES = (
    "label", "title", "question", "fieldLabel", "displayName", "name", "column_name", "field_name",
    "fieldName", "field", "key", "column_id", "ref", "id", "attribute",
)  # fmt: skip
_VALUES = (
    "value", "values", "string_value", "answer", "answers", "response", "field_value", "fieldValue"
)  # fmt: skip
# JotForm's question, beside its answer.
_TEXT, _ANSWER = "text", "answer"
# The members by which an object in an object of fields is known as one.
_DESCRIBING = frozenset(
    {"type", "label", "title", "id", "key", "name", "required", "versions", "timestamp", "question"}
)
# The members that describe one of several things to choose from.
_CHOICE = ("text", "label", "name", "value")


def pairs(items: Sequence[object]) -> list[tuple[str, Any]] | None:
    """Return the names and values of a list of such objects; None for any other list."""
    found = [pair(item) if isinstance(item, dict) else None for item in items]
    named = [one for one in found if one is not None]
    return named if named and len(named) == len(items) else None


def pair(item: Object, name: str | None = None) -> tuple[str, Any] | None:
    """Return the name and value of an object that describes a field; None for any other object.

    `name` is the key of the object, for one in an object of fields.
    """
    if "Attribute" in item or "Value" in item:
        item = {key.casefold(): one for key, one in item.items()}
    keys = (_TEXT, *_NAMES) if _ANSWER in item else _NAMES
    given = [item[key] for key in keys if isinstance(item.get(key), str | int)]
    names = [str(one) for one in given if not isinstance(one, bool)]
    if isinstance(item.get("field"), dict) and "type" in item:
        return _typeforms(item)
    if name is not None:
        if _DESCRIBING.isdisjoint(item):
            return None
        names.insert(0, name)
    has_value = next((key for key in _VALUES if key in item), None)
    if not names or has_value is None:
        return None
    known = (one for one in names if field_mapping.field_of(one, {}) is not None)
    readable = names[1:] if name is not None and len(names) > 1 else names
    return next(known, readable[0]), _chosen(item[has_value], item.get("options"))


def _typeforms(item: Object) -> tuple[str, Any] | None:
    kind, field = item["type"], item["field"]
    named = (field.get(key) for key in ("title", "ref", "id"))
    name = next((one for one in named if isinstance(one, str) and one), None)
    value = item.get(kind) if isinstance(kind, str) else None
    if isinstance(value, dict):
        value = value.get("labels", value.get("label", value))
    return (name, value) if name is not None and value is not None else None


def with_titles(form: Object) -> Object:
    """Return Typeform's response with the title of each field in its answer."""
    definition, answers = form.get("definition"), form.get("answers")
    fields = definition.get("fields") if isinstance(definition, dict) else None
    if not isinstance(fields, list) or not isinstance(answers, list):
        return form
    titles = {one.get("id"): one.get("title") for one in fields if isinstance(one, dict)}
    titled = [
        {**one, "field": {**one["field"], "title": titles.get(one["field"].get("id"))}}
        if isinstance(one, dict) and isinstance(one.get("field"), dict)
        else one
        for one in answers
    ]
    return {name: one for name, one in form.items() if name != "definition"} | {"answers": titled}


def _chosen(value: Any, options: object) -> Any:
    """Return what was chosen, where the value has only the ids of the options."""
    if not isinstance(options, list):
        return value
    texts = {
        one["id"]: next((one[key] for key in _CHOICE if one.get(key)), one["id"])
        for one in options
        if isinstance(one, dict) and isinstance(one.get("id"), str)
    }
    if isinstance(value, list):
        return [texts.get(one, one) if isinstance(one, str) else one for one in value]
    return texts.get(value, value) if isinstance(value, str) else value
