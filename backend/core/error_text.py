"""The texts of validation errors, for the person who filled in the field.

Pydantic finds the errors, but its messages are for programmers and never leave this module. `TEXTS`
has a text for each of its error types, in GOV.UK's style for error messages: say how to fix the
problem, briefly, without a full stop. `field_labels` has the label of each field.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypedDict, get_args

from backend.core.field_labels import CHOSEN, OF_ONE_LENGTH, Field, label_of

if TYPE_CHECKING:
    from pydantic import ValidationError


class Fault(TypedDict):
    """One validation error: its type, its location (`loc`), and how to fix it."""

    type: str
    loc: Sequence[str | int]
    msg: str


# The texts for Pydantic's error types. `ask` comes from the field, the rest from Pydantic.
_TRUE_OR_FALSE = "Use true or false"
_MOMENT = "Enter a date and time such as 2026-12-05T16:30"
_DAY = "Enter a date such as 2017-08-20"
_WHOLE = "Use a whole number"
_NUMBER = "Use a number such as 2 or 0.5"
_OBJECT = "Send a JSON object"
TEXTS: Mapping[str, str] = {
    "bool_parsing": _TRUE_OR_FALSE,
    "bool_type": _TRUE_OR_FALSE,
    "date_from_datetime_inexact": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_parsing": _DAY,
    "date_type": _DAY,
    "datetime_from_date_parsing": _MOMENT,
    "datetime_object_invalid": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_type": _MOMENT,
    "dict_type": _OBJECT,
    "enum": "Choose {expected}",
    # Of whole numbers and of others.
    "finite_number": "Use a number such as 2",
    "greater_than_equal": "Use {ge:,.15g} or more",
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "int_from_float": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": "Use a smaller number",
    "int_type": _WHOLE,
    "less_than_equal": "Use {le:,.15g} or less",
    "list_type": "{ask}",
    "literal_error": "Choose {expected}",
    "missing": "{ask}",
    "model_attributes_type": _OBJECT,
    "model_type": _OBJECT,
    "string_pattern_mismatch": "{ask}",
    "string_too_long": "Use at most {max_length:,} characters",
    "string_too_short": "Use at least {min_length:,} characters",
    "string_type": "Enter text",
    "string_unicode": "Use characters that can be written in UTF-8",
    "too_long": "Choose at most {max_length:,}",
    "too_short": "Choose at least {min_length:,}",
    "tuple_type": "{ask}",
}
# Error types of numbers.
_NUMBERS = frozenset(
    {"finite_number", "greater_than_equal", "int_from_float", "int_parsing", "int_parsing_size",
     "int_type", "less_than_equal"}
)  # fmt: skip
UNKNOWN = "This value can't be used"
_ASK = "Enter a value"
# What is wrong with the length of a list or a text, where a schema can't tell which of them it is.
_LENGTHS = {"too_long": "string_too_long", "too_short": "string_too_short"}

# How many faults one message lists.
MOST_TOLD = 3


def of_error(error: "ValidationError", place: str) -> list[Fault]:
    """Return the faults a Pydantic model found, with `place` before each location."""
    return [
        {"type": found["type"], "loc": (place, *found["loc"]), "msg": _text(found, error.title)}
        for found in error.errors(include_url=False)
    ]


def sentence(faults: Sequence[Fault], model: str = "") -> str:
    """Return one message for the faults, each with its field's label; at most `MOST_TOLD`.

    `model` is the name of the schema that has found them, for fields that others have, too.
    """
    told = list(dict.fromkeys(_labelled(fault, model) for fault in faults))
    if len(told) == 1:
        return told[0]
    more = len(told) - MOST_TOLD
    return " ".join(
        [f"{text.rstrip('.')}." for text in told[:MOST_TOLD]]
        + ([f"{more} more to fix."] if more > 0 else [])
    )


def lowered(text: str) -> str:
    """Return the text with a lower-case first letter, unless its first word is in capitals."""
    return text if text[1:2].isupper() else f"{text[:1].lower()}{text[1:]}"


def listed(words: Sequence[str]) -> str:
    """Return the words as a list of choices: `New, Called or Joined`."""
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def _labelled(fault: Fault, model: str) -> str:
    known = label_of(fault["loc"][1:], model)
    if known is None:
        return fault["msg"]
    if known.label.endswith("?"):
        return f"{known.label} {fault['msg']}"
    return f"{known.label}: {lowered(fault['msg'])}"


def _text(found: Mapping[str, Any], model: str) -> str:
    kind = found["type"]
    if kind not in TEXTS:
        # Either our own validator's type, with our text, or one that no schema had so far.
        return UNKNOWN if kind in _pydantics_types() else str(found["msg"])
    context = found.get("ctx", {})
    field = label_of(found["loc"], model) or Field("", _ASK)
    is_empty = kind == "string_too_short" and context["min_length"] == 1
    if found["input"] is None or is_empty or (kind in _NUMBERS and field in CHOSEN):
        return field.ask
    if kind in _LENGTHS:
        if isinstance(found["input"], str):
            kind = _LENGTHS[kind]
        elif field in OF_ONE_LENGTH:
            return field.ask
    if "expected" in context:
        # Pydantic puts quotation marks around each choice.
        context = {"expected": context["expected"].replace("'", "")}
    return TEXTS[kind].format(ask=field.ask, **context)


@cache
def _pydantics_types() -> frozenset[str]:
    from pydantic_core.core_schema import ErrorType

    return frozenset(get_args(ErrorType))
