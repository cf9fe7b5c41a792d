"""What fails validation, in words for the person who typed it.

Pydantic finds the faults; what it says of them is for programmers and never leaves this module.
`TEXTS` has our words for each of its error types, `FIELDS` the name that people know a field by,
and what to do where nothing of use is given. Both follow GOV.UK's style for error messages: say
how to fix it, in a few plain words, without a full stop.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict, get_args

if TYPE_CHECKING:
    from pydantic import ValidationError


class Fault(TypedDict):
    """One thing that fails validation: what kind, where (`loc`), and how to fix it."""

    type: str
    loc: Sequence[str | int]
    msg: str


class Field(NamedTuple):
    """The label of a field, and what to do where nothing of use is given."""

    label: str
    ask: str


# The labels are those of the web app, where it shows the field.
FIELDS: Mapping[str, Field] = {
    # People and sign-in
    "username": Field("Email", "Enter an email"),
    "email": Field("Email", "Enter an email"),
    "password": Field("Password", "Enter a password"),
    "current_password": Field("Current password", "Enter your current password"),
    "full_name": Field("Name", "Enter a name"),
    "role": Field("Role", "Choose a role"),
    "center_ids": Field("Centers", "Choose from the list of centers"),
    "disabled": Field("Disabled", "Use true or false"),
    # Centers
    "display_name": Field("Name", "Enter a name"),
    "meta_tag_name": Field("Name in forms and spreadsheets", "Enter a name"),
    "city": Field("City", "Enter a city"),
    "location": Field("Location", "Enter a location"),
    "text": Field("Name", "Enter a name"),
    "center_id": Field("Center", "Choose a center"),
    # Leads
    "id": Field("Id", "Use a number such as 12"),
    "ids": Field("Leads", "Choose leads from the list"),
    "first_id": Field("First lead", "Choose a lead"),
    "second_id": Field("Second lead", "Choose a lead"),
    "player_name": Field("Player", "Enter the player's name"),
    "player_age_category": Field("Age category", "Enter an age category"),
    "phone": Field("Phone", "Enter a phone"),
    "phone_number": Field("Phone", "Enter a phone"),
    "email_address": Field("Email", "Enter an email"),
    "address": Field("Address", "Enter an address"),
    "address_and_pincode": Field("Address", "Enter an address"),
    "nearest_center": Field("Center", "Enter a center"),
    "status": Field("Status", "Choose a status"),
    "next_date": Field("Follow-up date", "Enter a date such as 2026-12-05"),
    "next_followup_date": Field("Next call", "Enter a date and time such as 2026-12-05T16:30"),
    "trial_at": Field("Trial", "Enter a date and time such as 2026-12-05T16:30"),
    "lost_reason": Field("Reason", "Choose a reason"),
    "comment": Field("Comment", "Enter a comment"),
    # Lists, reports and files
    "after": Field("After", "Use the value that the page before ends with"),
    "all_of_reason": Field("All of the same reason", "Use true or false"),
    "age_category": Field("Age category", "Choose an age category"),
    "before": Field("Before", "Use the id of the last one on the page before"),
    "before_first_id": Field("Before", "Use the id of the first lead of the last pair"),
    "before_second_id": Field("Before", "Use the id of the second lead of the last pair"),
    "campaign": Field("Campaign", "Choose a campaign"),
    "created_from": Field("From", "Enter a date such as 2026-12-05"),
    "created_to": Field("To", "Enter a date such as 2026-12-05"),
    "due": Field("Due", "Choose when the next call is due"),
    "first_call": Field("First call", "Choose how soon the first call was"),
    "form_id": Field("Form", "Choose a form"),
    "from": Field("From", "Enter a date such as 2026-12-05"),
    "to": Field("To", "Enter a date such as 2026-12-05"),
    "limit": Field("Limit", "Use a whole number"),
    "q": Field("Search", "Enter a part of a name, a phone or an email"),
    "reached": Field("Came to", "Choose how far the leads came"),
    "reason": Field("Reason", "Enter a reason"),
    "skip": Field("Skip", "Use ids of leads, separated by commas"),
    "sort": Field("Sort order", "Choose a sort order"),
    "source": Field("Source", "Choose a source"),
    "state": Field("State", "Choose a state"),
    "test": Field("Test leads", "Choose no, yes or any"),
    "verdict": Field("Verdict", "Choose a verdict"),
    "file": Field("File", "Choose a file"),
    "name": Field("File", "Use the name of a file"),
    "mapping": Field("Mapping", "Choose a field for each column"),
    # Meta
    "hub.mode": Field("Mode", "Use subscribe"),
    "hub.verify_token": Field("Verify token", "Use the verify token of the settings"),
    "hub.challenge": Field("Challenge", "Use the challenge that Meta gives"),
    "token": Field("Webhook token", "Use the webhook token of the settings"),
    # Settings, which are told by their own names
    "cors_origins": Field("CORS_ORIGINS", "Use addresses such as https://crm.example.com"),
    "meta_graph_version": Field("META_GRAPH_VERSION", "Use a version such as v26.0"),
    "phone_region": Field("PHONE_REGION", "Use two capital letters such as IN"),
}
# What people choose from a list: whatever is wrong with an id, they have to choose again.
_CHOSEN = frozenset(
    {"id", "ids", "first_id", "second_id", "center_id", "center_ids", "before",
     "before_first_id", "before_second_id"}
)  # fmt: skip

# Our words for Pydantic's error types; `ask` is the field's, the rest Pydantic's own context.
_TRUE_OR_FALSE = "Use true or false"
_MOMENT = "Enter a date and time such as 2026-12-05T16:30"
_WHOLE = "Use a whole number"
_OBJECT = "Send a JSON object"
TEXTS: Mapping[str, str] = {
    "bool_parsing": _TRUE_OR_FALSE,
    "bool_type": _TRUE_OR_FALSE,
    "datetime_from_date_parsing": _MOMENT,
    "datetime_object_invalid": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_type": _MOMENT,
    "dict_type": _OBJECT,
    "enum": "Choose {expected}",
    "finite_number": _WHOLE,
    "greater_than_equal": "Use {ge:,} or more",
    "int_from_float": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": "Use a smaller number",
    "int_type": _WHOLE,
    "less_than_equal": "Use {le:,} or less",
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
# What is wrong with a number.
_NUMBERS = frozenset(
    {"finite_number", "greater_than_equal", "int_from_float", "int_parsing", "int_parsing_size",
     "int_type", "less_than_equal"}
)  # fmt: skip
UNKNOWN = "This value can't be used"
_ASK = "Enter a value"

# How many faults one sentence tells.
MOST_TOLD = 3


def of_error(error: "ValidationError", place: str) -> list[Fault]:
    """Return what a model found, with `place` before each location."""
    return [
        {"type": found["type"], "loc": (place, *found["loc"]), "msg": _text(found)}
        for found in error.errors(include_url=False)
    ]


def sentence(faults: Sequence[Fault]) -> str:
    """Tell faults in one text: each with the label of its field, and no more than a few."""
    told = list(dict.fromkeys(map(_labelled, faults)))
    if len(told) == 1:
        return told[0]
    more = len(told) - MOST_TOLD
    return " ".join(
        [f"{text.rstrip('.')}." for text in told[:MOST_TOLD]]
        + ([f"{more} more to fix."] if more > 0 else [])
    )


def lowered(text: str) -> str:
    """Return a text to go on a sentence with; a first word in capitals keeps them."""
    return text if text[1:2].isupper() else f"{text[:1].lower()}{text[1:]}"


def listed(words: Sequence[str]) -> str:
    """Return the words as people list what to choose from: `New, Called or Joined`."""
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def _labelled(fault: Fault) -> str:
    known = FIELDS.get(_field(fault["loc"][1:]))
    return f"{known.label}: {lowered(fault['msg'])}" if known else fault["msg"]


def _field(loc: Sequence[str | int]) -> str:
    return str(loc[0]) if loc else ""


def _text(found: Mapping[str, Any]) -> str:
    kind, name = found["type"], _field(found["loc"])
    if kind not in TEXTS:
        # Either a type of our own validators, whose words are ours, or one that no schema had.
        return UNKNOWN if kind in _pydantics_types() else str(found["msg"])
    context = found.get("ctx", {})
    ask = FIELDS[name].ask if name in FIELDS else _ASK
    is_empty = kind == "string_too_short" and context["min_length"] == 1
    if found["input"] is None or is_empty or (kind in _NUMBERS and name in _CHOSEN):
        return ask
    if "expected" in context:
        # Pydantic puts each choice in quotation marks.
        context = {"expected": context["expected"].replace("'", "")}
    return TEXTS[kind].format(ask=ask, **context)


@cache
def _pydantics_types() -> frozenset[str]:
    from pydantic_core.core_schema import ErrorType

    return frozenset(get_args(ErrorType))
