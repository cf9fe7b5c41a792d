"""Several children in one form: lists that belong together, or a list beside the parent's phone.

Forms with a button to add a child send `name[]` and `age[]` once for each, or `players[0][name]`.
Each child becomes a lead of its own; what is there once, such as the phone, is of all of them. A
form in which it isn't clear which phone is whose stays one lead.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from backend.core import names
from backend.core.intake.bodies import json_text, likely_names, questions
from backend.core.text_cache import cached_if_short
from backend.core.vocabulary import synonyms
from backend.core.vocabulary.folding import words

_CHILDREN = frozenset(
    {"children", "child", "childs", "kids", "kid", "players", "player", "students", "student",
     "participants", "participant", "trainees", "trainee", "wards", "ward", "athletes", "athlete",
     "sons", "daughters"}
)  # fmt: skip
_NAME, _FIRST_NAME = "player_name", "first_name"
_NAMES = frozenset({_NAME, _FIRST_NAME})
_PARTS = _NAMES | {"middle_name", "last_name"}
# The fields by which a family is reached.
_REACHED_BY = frozenset({"phone", "email"})
_CHILDS_OWN = ("player_name", 0)
# `child_2_name`, `Child 2`, `kid2 age`; the first one may have no number.
_COUNTED = re.compile(
    r"(?:childs?|kids?|players?|students?|participants?|trainees?|wards?|athletes?)"
    r"(?: ?([1-9]))?(?: (.+))?"
)
_OF_A_CHILD = frozenset({"player_name", "first_name", "last_name", "player_age_category",
                         "birth_date"})  # fmt: skip
# Before the name of what the parent has, too.
_PARENTS = "parent {}"
_LEAD = "lead"
_DEEPEST = 4


def leads_in(value: Mapping[str, Any], level: int = 0) -> list[dict[str, Any]] | None:
    """Return a lead for each child of a form; None for a form of one lead."""
    if not any(map(_may_hold, value.values())):
        return _in_names(value)
    value = {name: numbered(_parsed(name, one)) for name, one in value.items()}
    found = _in_objects(value) or _in_lists(value) or _in_names(value)
    if found is not None or level == _DEEPEST:
        return found
    for name, one in value.items():
        inner = questions.opened(name, one)
        if isinstance(inner, dict) and (found := leads_in(inner, level + 1)) is not None:
            rest = {other: text for other, text in value.items() if other != name}
            return [{_LEAD: lead, **rest} for lead in found] if rest else found
    return None


def _may_hold(value: Any) -> bool:
    """Return whether a value has others in it, or is a text that may have."""
    return isinstance(value, list | dict) or (isinstance(value, str) and value[:1] in ("[", "{"))


@cached_if_short(maxsize=2048)
def _is_of_children(question: str) -> bool:
    return not _CHILDREN.isdisjoint(
        (questions.folded(question), questions.folded(likely_names.plain(question)))
    )


def _parsed(question: str, value: Any) -> Any:
    """Return a list of children that a form has written as a text, as lists in JotForm are."""
    if not isinstance(value, str) or value[:1] != "[" or not _is_of_children(question):
        return value
    try:
        return json_text.loads_text(value)
    except ValueError:
        return value


def numbered(value: Any) -> Any:
    """Return the members of an object that are only counted, as in `lead[0][name]`, as a list."""
    is_list = isinstance(value, dict) and value and all(map(str.isdecimal, value))
    return [*value.values()] if is_list else value


def _in_objects(value: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the leads of a list of children, with what is beside the list."""
    for name, one in value.items():
        if not _is_of_children(name):
            continue
        rest = {other: text for other, text in value.items() if other != name}
        if isinstance(one, dict) and len(one) == 1 and isinstance(one.get(""), dict):
            # `players[][name]`
            one = _rows({key: numbered(inner) for key, inner in one[""].items()})
        if isinstance(one, list) and all(isinstance(child, str) for child in one):
            one = [{_NAME: child} for child in one if child.strip()]
        if not isinstance(one, list) or not _are_children(one):
            continue
        is_reached = _has(rest, _REACHED_BY) or all(_has(child, _REACHED_BY) for child in one)
        if is_reached and not any(map(_is_childs_name, rest)):
            return [_with(child, rest) for child in one]
    return None


def _in_names(value: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the leads of names that count the children, as `child_2_name` does."""
    children: dict[str, dict[str, Any]] = {}
    shared = dict(value)
    for name, one in value.items():
        found = _counted(name)
        if found is None or isinstance(one, list | dict) or json_text.blank(one):
            continue
        number, about = found
        children.setdefault(number, {})[about] = shared.pop(name)
    rows = [children[number] for number in sorted(children)]
    if len(rows) < 2 or not _are_children(rows) or not _has(shared, _REACHED_BY):
        return None
    return [_with(row, shared) for row in rows]


@cached_if_short(maxsize=2048)
def _counted(question: str) -> tuple[str, str] | None:
    """Return which child a question is about, from `1`, and what it asks; None for no child."""
    found = _COUNTED.fullmatch(words(question))
    about = found and (found[2] or "name")
    if not found or not about:
        return None
    if found[1] is None and likely_names.field_of(about) not in _OF_A_CHILD:
        return None
    return found[1] or "1", _NAME if likely_names.field_of(about) == _NAME else about


def _in_lists(value: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the leads of lists that belong together, with what is there once."""
    rows = _rows(value)
    if rows is None or not _are_children(rows) or not _has(value, _REACHED_BY):
        return None
    shared = {name: one for name, one in value.items() if name not in rows[0]}
    if any(len(one) > 1 for one in _phones(shared).values() if isinstance(one, list)):
        # Three phones of two children may be anyone's.
        return None
    return [{**_with_phone(row, rows[0]), **shared} for row in rows]


def _with_phone(row: dict[str, Any], first: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row; without a phone of its own, with that of the first one: it is the parent's."""
    is_blank = all(json_text.blank(one) for one in _phones(row).values())
    return row | _phones(first) if is_blank else row


def _phones(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in value.items() if likely_names.field_of(name) == "phone"}


def _rows(value: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return what lists as long as that of the names say of each name."""
    lengths = [
        len(one)
        for name, one in value.items()
        if isinstance(one, list) and likely_names.field_of(name) in _NAMES
    ]
    if not lengths or lengths[0] < 2:
        return None
    lists = {
        name: one
        for name, one in value.items()
        if isinstance(one, list)
        and len(one) == lengths[0]
        and not any(isinstance(each, list | dict) for each in one)
    }
    if len(lists) == 1 and likely_names.are_parts_of_a_name(*next(iter(lists.items()))):
        return None
    rows = [dict(zip(lists, cells, strict=True)) for cells in zip(*lists.values(), strict=True)]
    # A form may have room for more children than there are.
    return [row for row in rows if not all(map(json_text.blank, row.values()))]


def _are_children(items: Sequence[Any]) -> bool:
    """Return whether each of some items is an object with a name, and there are several names."""
    if len(items) < 2 or not all(isinstance(one, dict) for one in items):
        return False
    told = [_name_of(one) for one in items]
    return all(told) and len(set(told)) == len(told)


def _name_of(child: Mapping[str, Any]) -> str:
    """Return the name in an object as names are compared; an empty text if it has none."""
    said = [
        one.text for one in questions.find(child) if likely_names.field_of(one.path[-1]) in _PARTS
    ]
    return names.key(" ".join(said))


def _has(value: Mapping[str, Any], fields: frozenset[str]) -> bool:
    return any(likely_names.field_of(one.path[-1]) in fields for one in questions.find(value))


@cached_if_short(maxsize=2048)
def _is_childs_name(question: str) -> bool:
    return synonyms.known(question) == _CHILDS_OWN


def _with(child: Mapping[str, Any], rest: Mapping[str, Any]) -> dict[str, Any]:
    """Return a child with what its form says of the family; its own answers come first."""
    own = {
        _NAME if likely_names.field_of(name) == _NAME else name: one for name, one in child.items()
    }
    return own | {
        _PARENTS.format(name) if name in own or _is_name(name) else name: one
        for name, one in rest.items()
    }


def _is_name(question: str) -> bool:
    return likely_names.field_of(question) in _PARTS
