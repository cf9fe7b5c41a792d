"""Answers whose questions are only ids of fields, such as `1.3`: what they are by their values.

Gravity Forms, Formidable and others send no names. A phone, an email and the parts of a name can be
told without them. Everything stays an answer until a team lead maps the form's questions.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from backend.core import phones
from backend.core.vocabulary import values

# A field, alone or with its input: `4`, `1.3`, `input_1_3`, `field_6`, `item_meta 7`; or one of
# Elementor's, `field_2a3b4c`.
_ID = re.compile(
    r"(?:(?:entry|input|field|item[ _]meta|item|question)[ _.-]?)*"
    r"(\d{1,6}|(?<=field_)(?=[a-f]*\d)[0-9a-f]{4,10})(?:[._](\d{1,3}))?",
    re.IGNORECASE | re.ASCII,
)
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")
_DIGIT = re.compile(r"\d")
# The inputs of Gravity Forms' name: prefix 2, first 3, middle 4, last 6, suffix 8. An address has
# others: street 1, line 3 is the city, 5 the ZIP code.
_NAME_INPUTS = frozenset({"2", "3", "4", "6", "8"})
_FIRST, _LAST = "3", "6"


def is_id(question: str) -> bool:
    """Return whether a question's name is only the id of its field."""
    return _ID.fullmatch(question.strip()) is not None


def guess(
    answers: Iterable[tuple[int, str, str]], filled: Iterable[str | None], region: str
) -> dict[int, str]:
    """Return the answers that fill a field by their values, each with a name of that field.

    `answers` are numbers, questions and texts. `filled` are the fields that need no guess, `region`
    is the one of phones without a country code.
    """
    said = [(number, *found, text.strip()) for number, found, text in _with_ids(answers)]
    found: dict[int, str] = {}
    taken = set(filled)
    for number, _, _, text in said:
        if "phone" not in taken and _is_phone(text, region):
            taken.add("phone")
            found[number] = "phone_number"
        elif "email" not in taken and _EMAIL.fullmatch(text):
            taken.add("email")
            found[number] = "email_address"
    if not {"player_name", "first_name", "last_name"} & taken:
        found |= _name(said)
    return found


def with_labels(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an entry with the labels that its form has beside it as names, as WP Webhooks sends.

    Any other value is returned as it is.
    """
    entry, form = value.get("entry"), value.get("form")
    fields = form.get("fields") if isinstance(form, dict) else None
    if not isinstance(entry, dict) or not isinstance(form, dict) or not isinstance(fields, list):
        return value
    labels = _labels(fields)
    if not any(name in labels for name in entry):
        return value
    named = {labels.get(str(name), str(name)): one for name, one in entry.items()}
    if len(named) < len(entry):
        return value  # two fields have the same label
    form_id = entry.get("form_id") or form.get("id")
    beside = {name: one for name, one in value.items() if name not in ("entry", "form")}
    return beside | named | ({"form_id": form_id} if form_id is not None else {})


def _with_ids(
    answers: Iterable[tuple[int, str, str]],
) -> Iterable[tuple[int, tuple[str, str], str]]:
    for number, question, text in answers:
        if found := _ID.fullmatch(question.strip()):
            yield number, (found[1], found[2] or ""), text


def _is_phone(text: str, region: str) -> bool:
    return values.is_phone(text) and phones.read(text, region).e164 is not None


def _name(said: Iterable[tuple[int, str, str, str]]) -> dict[int, str]:
    """Return the first and last name, if only one field can be a name."""
    by_field: dict[str, dict[str, tuple[int, str]]] = {}
    for number, field, part, text in said:
        by_field.setdefault(field, {})[part] = number, text
    names = [
        parts
        for parts in by_field.values()
        # Of choices, such as sports, only those that were chosen aren't blank.
        if {_FIRST, _LAST} <= parts.keys() <= _NAME_INPUTS and not _has_digit(parts.values())
    ]
    if len(names) != 1:
        return {}
    return {names[0][_FIRST][0]: "first_name", names[0][_LAST][0]: "last_name"}


def _has_digit(texts: Iterable[tuple[int, str]]) -> bool:
    return any(_DIGIT.search(text) for _, text in texts)


def _labels(fields: Iterable[object]) -> dict[str, str]:
    """Return the label of each field by its id, and of each of its inputs: `Name (First)`."""
    labels: dict[str, str] = {}
    for field in fields:
        if not isinstance(field, dict) or not isinstance(field.get("label"), str):
            continue
        label = field["label"].strip()
        inputs = field.get("inputs")
        if label and isinstance(field.get("id"), int | str):
            labels[str(field["id"])] = label
        for one in inputs if isinstance(inputs, list) else ():
            if isinstance(one, dict) and label and isinstance(one.get("label"), str):
                labels[str(one.get("id"))] = f"{label} ({one['label'].strip()})"
    return labels
