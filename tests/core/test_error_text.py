"""Validation errors have our own texts, never Pydantic's, and never contain the input."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError, PydanticKnownError, _pydantic_core
from pydantic_core import core_schema as cs

from backend.api.routes import OPERATIONS
from backend.core import error_text
from backend.core.error_text import MOST_TOLD, TEXTS, UNKNOWN, Fault
from backend.core.errors import Invalid
from backend.core.field_labels import FIELDS, FIELDS_OF
from backend.core.settings import Settings
from backend.models import Role
from backend.schemas.assignment import NewRule
from backend.schemas.attempts import NewAttempt
from backend.schemas.calling_rules import CallingRulesChange
from backend.schemas.centers import Merge
from backend.schemas.choices import ChoiceOrder
from backend.schemas.fields import MAX_ID
from backend.schemas.intake import FormMapping
from backend.schemas.leads import LeadPageQuery, LeadsChange, NewLead
from backend.schemas.merging import MergeLeads
from backend.schemas.passkeys import NewPasskey
from backend.schemas.privacy import NewConsent
from backend.schemas.saved_views import NewView
from backend.schemas.users import NewUser, UserChange
from tests.shape import LONGEST, PYDANTIC, check_body, check_sentence

PLACES = {"path": "path_model", "query": "query_model", "body": "body_model"}
# Each model for input, and where the input comes from.
MODELS: dict[tuple[str, type[BaseModel]], None] = {
    (place, getattr(operation, name)): None
    for operation in OPERATIONS
    for place, name in PLACES.items()
    if getattr(operation, name) is not None
}
each_model = pytest.mark.parametrize(
    ("place", "model"), MODELS, ids=[f"{place}-{model.__name__}" for place, model in MODELS]
)
EN = Path(__file__).parents[2] / "backend" / "web" / "app" / "texts" / "en.js"


def message(model: type[BaseModel], values: object) -> str:
    return refusal(model, values).detail


def refusal(model: type[BaseModel], values: object, place: str = "body") -> Invalid:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(values)
    return Invalid.of(refused.value, place)


# Every error type that our schemas can raise

# The errors that Pydantic raises for each kind of schema and each constraint.
RAISED = {
    "bool": {"bool_type", "bool_parsing"},
    "date": {"date_type", "date_parsing", "date_from_datetime_parsing",
             "date_from_datetime_inexact"},
    "datetime": {"datetime_type", "datetime_parsing", "datetime_object_invalid",
                 "datetime_from_date_parsing"},
    "default": set(),
    "dict": {"dict_type"},
    "enum": {"enum"},
    "float": {"float_type", "float_parsing", "finite_number"},
    "function-after": set(),
    "function-before": set(),
    "int": {"int_type", "int_parsing", "int_parsing_size", "int_from_float", "finite_number"},
    # Inside a secret, which has its own schema.
    "is-instance": set(),
    "json-or-python": set(),
    "lax-or-strict": set(),
    "list": {"list_type"},
    "literal": {"literal_error"},
    "model": {"model_type"},
    "model-field": {"missing"},
    "model-fields": {"model_attributes_type", "model_type"},
    "no-info": set(),
    "nullable": set(),
    "str": {"string_type", "string_unicode"},
    "tuple": {"tuple_type"},
    "union": {"string_type"},
}  # fmt: skip
BOUNDS = {
    "ge": {"greater_than_equal"},
    "le": {"less_than_equal"},
    "pattern": {"string_pattern_mismatch"},
}
LENGTHS = {
    ("str", "max_length"): {"string_too_long"},
    ("str", "min_length"): {"string_too_short"},
    ("list", "max_length"): {"too_long"},
    ("list", "min_length"): {"too_short"},
}
# Keys that are neither constraints nor nested schemas.
IGNORED = frozenset({"serialization", "metadata", "ref", "type", "default"})
KNOWN = frozenset(
    {*BOUNDS, "choices", "cls", "computed_fields", "config", "custom_error_type", "custom_init",
     "default_factory", "default_factory_takes_data",
     "expected", "fields", "function", "items_schema", "json_schema", "keys_schema", "lax_schema",
     "max_length", "members", "microseconds_precision", "min_length", "model_name",
     "python_schema", "root_model", "schema", "serialization_alias", "strict", "strict_schema",
     "strip_whitespace", "sub_type", "validation_alias", "values_schema", "variadic_item_index"}
)  # fmt: skip


def raised(schema: object) -> Iterator[str]:
    """Yield the error types of a core schema. Fail for a kind or constraint not listed above."""
    if isinstance(schema, list):
        for one in schema:
            yield from raised(one)
    if not isinstance(schema, dict):
        return
    kind = schema.get("type")
    if isinstance(kind, str):
        yield from RAISED[kind]
        assert set(schema) - IGNORED <= KNOWN, schema
        for bound in schema:
            yield from BOUNDS.get(bound, ())
            yield from LENGTHS.get((kind, bound), ())
    for key, inner in schema.items():
        if key not in IGNORED:
            yield from raised(inner)


def test_every_error_type_has_a_text() -> None:
    met: set[str] = set()
    models: set[type[BaseModel]] = {*(model for _, model in MODELS), Settings}
    for model in models:
        met.update(raised(model.__pydantic_core_schema__))
    assert len(met) > 20
    assert met - TEXTS.keys() == set()


def test_no_text_is_for_an_unknown_type() -> None:
    types = {kind["type"] for kind in _pydantic_core.list_all_errors()}
    assert TEXTS.keys() - types == set()
    assert error_text._pydantics_types() == types


def test_the_texts_are_for_people() -> None:
    for field in (*FIELDS.values(), *FIELDS_OF.values()):
        check_sentence(field.ask)
        assert not PYDANTIC.search(field.label)
        assert not field.ask.endswith(".")
    for text in TEXTS.values():
        assert text == "{ask}" or re.fullmatch(r"[A-Z][a-z]+ .*[^.]", text), text
        assert not PYDANTIC.search(text)


def test_a_type_without_a_text() -> None:
    class Odd(BaseModel):
        field: int

        @classmethod
        def __get_pydantic_core_schema__(cls, source: object, handler: object) -> cs.CoreSchema:
            def refuse(_: object) -> None:
                raise PydanticKnownError("url_scheme", {"expected_schemes": "ftp"})

            return cs.no_info_plain_validator_function(refuse)

    (fault,) = refusal(Odd, {}).faults
    assert fault == {"type": "url_scheme", "loc": ("body",), "msg": UNKNOWN}


@pytest.mark.parametrize("error", [ValueError("canary"), AssertionError("canary")])
def test_python_errors_are_not_shown(error: Exception) -> None:
    class Odd(BaseModel):
        @classmethod
        def __get_pydantic_core_schema__(cls, source: object, handler: object) -> cs.CoreSchema:
            def refuse(_: object) -> None:
                raise error

            return cs.no_info_plain_validator_function(refuse)

    assert refusal(Odd, {}).detail == UNKNOWN


def test_our_own_error_types() -> None:
    class Own(BaseModel):
        @classmethod
        def __get_pydantic_core_schema__(cls, source: object, handler: object) -> cs.CoreSchema:
            def refuse(_: object) -> None:
                raise PydanticCustomError("own", "Use {number} apples", {"number": 3})

            return cs.no_info_plain_validator_function(refuse)

    assert refusal(Own, {}).detail == "Use 3 apples"


# Labels


def test_every_field_has_a_label() -> None:
    named = {
        field.validation_alias if isinstance(field.validation_alias, str) else name
        for _, model in MODELS
        for name, field in model.model_fields.items()
    }
    assert named - FIELDS.keys() == set()


def test_labels_match_the_web_app() -> None:
    texts = dict(re.findall(r'(?:"([\w.]+)"|\b\w+): "([^"]*)"', EN.read_text(encoding="utf-8")))
    for name, key in {
        "full_name": "people.full_name", "email": "people.email", "role": "people.role",
        "center_ids": "people.centers", "city": "centers.city", "location": "centers.location",
        "display_name": "centers.display_name", "meta_tag_name": "centers.meta_tag_name",
        "player_name": "lead.player_name", "phone": "lead.phone", "address": "lead.address",
        "player_age_category": "lead.player_age_category", "center_id": "lead.center_id",
        "status": "lead.status", "comment": "lead.comment", "trial_at": "lead.trial_at",
        "next_followup_date": "lead.next_followup_date", "lost_reason": "lead.lost_reason",
        "file": "imports.file", "created_from": "filter.created_from",
        "reached": "filter.reached", "first_call": "filter.first_call",
    }.items():  # fmt: skip
        assert FIELDS[name].label == texts[key], name


# Sentences

RULE = {"center_id": 1, "shares": [{"user_id": 1}]}
MERGE = {"other_id": 2, "version": 1, "other_version": 1}
USER = {"email": "a@b.c", "password": "a passphrase", "full_name": "A", "role": "observer",
        "center_ids": []}  # fmt: skip


@pytest.mark.parametrize(
    ("model", "values", "sentence"),
    [
        (NewUser, {**USER, "role": "boss"}, "Role: choose team_lead, team_member or observer"),
        (NewUser, {**USER, "email": "x"}, "Email: enter an email such as name@example.com"),
        (NewUser, {**USER, "email": None}, "Email: enter an email"),
        (NewUser, {**USER, "password": 12345678}, "Password: enter text"),
        (NewUser, {**USER, "full_name": "  "}, "Name: enter a name"),
        (NewUser, {**USER, "full_name": "x" * 501}, "Name: use at most 500 characters"),
        (NewUser, {**USER, "full_name": "a\0"}, "Name: remove the NUL character"),
        (NewUser, {**USER, "center_ids": [0, -1, "x"]}, "Centers: choose from the list of centers"),
        (NewUser, {**USER, "center_ids": [1] * 10_001}, "Centers: choose at most 10,000"),
        (UserChange, {"disabled": "perhaps"}, "Disabled: use true or false"),
        (NewLead, {"player_name": "Tara", "center_id": 0}, "Center: choose a center"),
        (NewLead, {"player_name": "Tara", "center_id": 1.5}, "Center: choose a center"),
        (NewLead, {"player_name": "Tara"}, "Center: choose a center"),
        (NewLead, {"player_name": "", "center_id": 1}, "Player: enter the player's name"),
        (LeadsChange, {"ids": []}, "Leads: choose at least 1"),
        (LeadsChange, {"ids": [1] * 1001}, "Leads: choose at most 1,000"),
        (LeadsChange, {"ids": [MAX_ID + 1]}, "Leads: choose leads from the list"),
        (LeadsChange, {"ids": [1], "trial_at": "soon"},
         "Trial: enter a date and time such as 2026-12-05T16:30"),
        (LeadPageQuery, {"limit": "201"}, "Limit: use 200 or less"),
        (LeadPageQuery, {"limit": "0"}, "Limit: use 1 or more"),
        (LeadPageQuery, {"limit": "1.5"}, "Limit: use a whole number"),
        (
            LeadPageQuery,
            {"sort": "phone"},
            "Sort order: choose -created, created, due, -due, last_call, -last_call, name, -name, "
            "status, -status, owner or -owner",
        ),
        (FormMapping, {"mapping": []}, "Mapping: choose fields for at most 200 questions"),
        (FormMapping, {"mapping": {"q": "x" * 501}},
         "Mapping: use texts of at most 500 characters"),
        # A field inside another is named itself.
        (NewRule, {**RULE, "shares": [{"user_id": 1, "weight": 12}]}, "Weight: use 10 or less"),
        (NewRule, {**RULE, "shares": [{"user_id": -1}]}, "Person: choose a person"),
        (NewRule, {**RULE, "conditions": {"platforms": ["x"]}}, "Platform: choose fb or ig"),
        (NewRule, {**RULE, "conditions": {"platforms": ["fb"] * 3}}, "Platform: choose at most 2"),
        (MergeLeads, {**MERGE, "fields": {"phone": 1}},
         "Fields: choose this or other for each field of a lead"),
        # Whatever is wrong with the id of something that is chosen.
        (LeadsChange, {"ids": [1], "owner_id": -1}, "Owner: choose a person"),
        (Merge, {"into_id": 1.5}, "Center: choose the center to merge into"),
        (UserChange, {"leads_to": ["x"]}, "Leads: choose people from the list"),
        # A field that is something else in another schema.
        (NewView, {"query": ""}, "Name of the view: enter a name"),
        (NewConsent, {"key": "photos", "channel": "paper"},
         "Text that was agreed to: enter the text"),
        (ChoiceOrder, {"kind": "source"}, "Order: use the ids of all entries of the list"),
        (ChoiceOrder, {"kind": "source", "ids": ["x"]},
         "Order: use the ids of all entries of the list"),
        # What a browser made is one field to people.
        (NewPasskey, {"label": "Laptop", "credential": {"rawId": "eA", "type": "public-key",
                      "response": {"clientDataJSON": "eA", "attestationObject": "eA"}}},
         "Passkey: use a passkey"),
        # Lengths of texts and of lists.
        (NewAttempt, {"outcome": "spoke", "client_key": "x"},
         "Key of the call: use at least 8 characters"),
        (CallingRulesChange, {"week": []}, "Opening hours: enter the hours of seven days"),
        # A label that is a question.
        (LeadsChange, {"ids": [1], "lost_reason_text": 1}, "What was the reason? Enter text"),
    ],
)  # fmt: skip
def test_one_fault(model: type[BaseModel], values: object, sentence: str) -> None:
    assert message(model, values) == sentence


def test_several_faults() -> None:
    two = {**USER, "email": "x", "role": "boss"}
    assert message(NewUser, two) == (
        "Email: enter an email such as name@example.com. "
        "Role: choose team_lead, team_member or observer."
    )
    assert message(NewUser, {}) == (
        "Email: enter an email. Password: enter a password. Name: enter a name. 2 more to fix."
    )


@given(st.lists(st.integers(0, 5), min_size=1))
def test_a_message_lists_each_fault_once_and_only_a_few(numbers: list[int]) -> None:
    names = list(FIELDS)
    found: list[Fault] = [
        {"type": "missing", "loc": ("body", names[number]), "msg": "Enter it"} for number in numbers
    ]
    different = {FIELDS[names[number]].label for number in numbers}
    said = error_text.sentence(found)
    assert said.count("enter it") == min(len(different), MOST_TOLD)
    more = len(different) - MOST_TOLD
    assert ("more to fix" in said) == (more > 0)
    assert said.endswith(".") == (len(different) > 1)


def test_words() -> None:
    assert error_text.listed(["a"]) == "a"
    assert error_text.listed(["a", "b", "c"]) == "a, b or c"
    assert error_text.lowered("Use 1") == "use 1"
    assert error_text.lowered("A name") == "a name"
    assert error_text.lowered("JSON is needed") == "JSON is needed"
    assert error_text.lowered("") == ""


# Junk

CANARY = "canary7f3a"
ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters() | st.just("\0")),
    st.sampled_from([CANARY, "", " ", "x" * 501, "x" * 10_001, "\ud800", "1", "1e400", "9" * 5000,
                     "2026-12-05", "2026-13-05T99:00", "0001-01-01", str(MAX_ID + 1), *Role]),
)  # fmt: skip
JUNK = st.recursive(
    ATOMS,
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([CANARY, "a", "0"]), inner),
    max_leaves=8,
)


def junk_for(model: type[BaseModel]) -> st.SearchStrategy[Any]:
    """Return junk for a model: values for some fields, or no object at all."""
    names = [
        field.alias or name for name, field in model.model_fields.items()
    ]  # fmt: skip
    fields: dict[Any, st.SearchStrategy[Any]] = dict.fromkeys(names, JUNK)
    return st.fixed_dictionaries({}, optional=fields) | JUNK


@each_model
@pytest.mark.slow
def test_junk_never_shows_a_text_of_pydantics(place: str, model: type[BaseModel]) -> None:
    @given(junk_for(model))
    @example({})
    @example([])
    @example(dict.fromkeys(model.model_fields))
    def throw(values: object) -> None:
        try:
            model.model_validate(values)
        except ValidationError as error:
            invalid = Invalid.of(error, place)
        else:
            return
        body = {"detail": invalid.detail, "errors": invalid.faults}
        check_body(422, json.loads(json.dumps(body)))
        assert CANARY not in json.dumps(body)
        assert len(invalid.detail) <= LONGEST // 2
        assert UNKNOWN not in json.dumps(body), "an error type has no text"

    throw()
