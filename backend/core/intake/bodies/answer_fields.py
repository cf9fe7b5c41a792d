"""Which answer of a submission fills which field, and how the others are kept.

In this order: the flat form's own names, the form's mapping, well-known names, and last an answer
that is within another or has an unusual name, if only it could fill its field, or that has no name
(`field_ids`). What stands beside
the answers, such as the name of the form, fills nothing.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum, auto

from backend.core.intake import field_mapping
from backend.core.intake.bodies import field_ids, likely_names
from backend.core.intake.bodies.answer_text import labelled
from backend.core.intake.bodies.questions import REACHED_BY, Answer
from backend.core.intake.field_mapping import Mapped, fold
from backend.core.names import is_blank
from backend.core.names import key as name_key
from backend.core.repairs import repaired
from backend.core.text_cache import cached_if_short
from backend.core.vocabulary import synonyms
from backend.core.vocabulary.phone_codes import NOWHERE

# The names of the flat form, and the fields that they always fill.
OWN = {
    "phone_number": "phone",
    "full_name": "player_name",
    "email_address": "email",
    "nearest_center": "center",
    "player_age_category": "player_age_category",
    "address_and_pincode": "address",
}
_CHILDS_NAME = ("player_name", 0)
_WITHOUT_NAME = {name: field for name, field in OWN.items() if field != "player_name"}
# By these names, an answer with an unusual name fills a field.
_NAMES = {**OWN, "date_of_birth": "birth_date"}
# For the first and the last name, which fill a field together.
_PARTS = ("first_name", "last_name")
# The objects whose answers are about the child, about a parent, or about either of them.
_CHILD = re.compile(r"child|kid|player|student|participant|athlete|trainee", re.IGNORECASE)
_PARENT = re.compile(r"parent|guardian|mother|father", re.IGNORECASE)
_PERSON = re.compile(
    f"{_CHILD.pattern}|{_PARENT.pattern}|person|contact|customer|client|user|visitor|applicant|"
    "lead|enquir|inquir|subscriber|respondent|attendee|member",
    re.IGNORECASE,
)
# The fields that an answer about a parent fills too.
_OF_PARENTS = frozenset({"phone", "email", "address", "center"})


class _Rank(IntEnum):
    OWN = auto()
    MAPPED = auto()
    NAMED = auto()
    FOUND = auto()
    KEPT = auto()


def sort(
    answers: Sequence[Answer],
    mapping: Mapping[str, str],
    region: str = NOWHERE,
    *,
    by_value: bool = False,
) -> Mapped:
    """Sort answers into fields; `mapping` is the form's own, by folded question.

    `region` is as `field_mapping.map_answers` takes it. `by_value` is whether answers to questions
    without names are told by their values.
    """
    beside = _beside(answers)
    own = {**mapping, **OWN}
    if any(_is_childs_name(one) for one in answers if one.depth not in beside):
        # `full_name` may be the parent's, and two children of one parent would be one lead.
        own = {**mapping, **_WITHOUT_NAME}
    ranks = [_rank(one, own, beside) for one in answers]
    found = _find(answers, ranks, own, region if by_value else None)
    ranks = [_Rank.FOUND if number in found else rank for number, rank in enumerate(ranks)]
    order = sorted(range(len(answers)), key=ranks.__getitem__)
    # Of two with one name, that of the form comes behind the child's.
    told = _unique([found.get(number, answers[number].question) for number in order])
    names = [name for _, name in sorted(zip(order, told, strict=True))]
    offered = [number for number in order if ranks[number] is not _Rank.KEPT]
    mapped = field_mapping.map_answers(
        [(names[one], answers[one].text) for one in offered], own, region
    )
    kept = [
        (answers[number].path, name, text)
        for number, name in enumerate(names)
        if (text := mapped.answers.get(name) or _text(answers[number], ranks[number]))
    ]
    return Mapped(mapped.fields, _lines(kept), mapped.is_test)


def sort_plain(answers: Iterable[tuple[str, str]]) -> Mapped:
    """Do the same for answers to the flat form's own questions alone, each once: most leads."""
    fields: dict[str, str] = {}
    kept: dict[str, str] = {}
    is_test = False
    for question, answer in answers:
        if not is_blank(text := repaired(answer.replace("\0", "")).strip()):
            is_test = is_test or field_mapping.is_test(text)
            name = OWN[question]
            if len(text) <= field_mapping.LONGEST[name]:
                fields[name] = text
            else:
                kept[question] = text
    field_mapping.take_phone(fields)
    field_mapping.take_email(fields, kept, "email_address")
    return Mapped(fields, kept, is_test)


def _is_childs_name(one: Answer) -> bool:
    """Return whether an answer is certainly the child's own name, and not that of a field."""
    return one.is_word and _asks_for_child(one.question) and bool(name_key(one.text))


@cached_if_short(maxsize=4096)
def _asks_for_child(question: str) -> bool:
    return synonyms.known(question) == _CHILDS_NAME


def _text(one: Answer, rank: _Rank) -> str:
    return one.text.replace("\0", "").strip() if rank is _Rank.KEPT else ""


def _rank(one: Answer, own: Mapping[str, str], beside: frozenset[int]) -> _Rank:
    if not one.is_word:
        return _Rank.KEPT
    question = fold(one.question)
    if one.question in OWN:
        return _Rank.OWN
    if question in own and question not in OWN:
        return _Rank.MAPPED
    return _Rank.KEPT if one.depth in beside else _Rank.NAMED


def _beside(answers: Iterable[Answer]) -> frozenset[int]:
    """Return the depths of answers that only stand beside the wrapper of a lead."""
    depths = {one.depth for one in answers}
    reached = {one.depth for one in answers if likely_names.field_of(one.question) in REACHED_BY}
    return frozenset(depth for depth in depths - reached if depth < max(reached, default=0))


def _find(
    answers: Sequence[Answer], ranks: Sequence[_Rank], own: Mapping[str, str], region: str | None
) -> dict[int, str]:
    """Return the answers that fill a field because no other could, each with a name that does.

    With a `region`, those of questions without names are told by their values.
    """
    filled = {
        own.get(fold(one.question)) or field_mapping.field_of(one.question, {})
        for one, rank in zip(answers, ranks, strict=True)
        if rank is not _Rank.KEPT
    }
    could: dict[str, list[int]] = {}
    for number, one in enumerate(answers):
        if ranks[number] is _Rank.NAMED and field_mapping.field_of(one.question, {}) is None:
            name = likely_names.plain(one.path[-1])
            field = name if name in _PARTS else likely_names.field_of(name)
            if field is not None and _is_about(one.path[:-1], field):
                could.setdefault(field, []).append(number)
    found: dict[int, str] = {}
    for question, name in _NAMES.items():
        if name not in filled and (only := _only(answers, could.get(name, []))) is not None:
            found[only] = question
            filled.add(name)
    if "player_name" not in filled:
        parts = {part: _only(answers, could.get(part, [])) for part in _PARTS}
        found |= {number: part for part, number in parts.items() if number is not None}
        filled |= {part for part, number in parts.items() if number is not None}
    if region is None:
        return found
    nameless = [
        (number, one.question, one.text)
        for number, one in enumerate(answers)
        if ranks[number] is _Rank.NAMED and number not in found
    ]
    return found | field_ids.guess(nameless, filled, region)


def _is_about(objects: tuple[str, ...], field: str) -> bool:
    """Return whether an answer within these objects can be about the lead's own field."""
    within = " ".join(objects)
    if not within or field == "center":
        return True
    is_person = _PERSON.search(within) is not None
    return is_person and (field in _OF_PARENTS or not _PARENT.search(within))


def _only(answers: Sequence[Answer], numbers: Sequence[int]) -> int | None:
    """Return the only one of some answers, or the only one about the child."""
    of_child = [number for number in numbers if _CHILD.search(answers[number].question)]
    for some in (numbers, of_child):
        if len(some) == 1:
            return some[0]
    return None


def _unique(names: Sequence[str]) -> list[str]:
    """Return the names, those that come again with a number."""
    taken = set(names)
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        free, number = name, seen[name]
        while number > 1 and free in taken:
            free = f"{name} ({number})"
            number += 1
        taken.add(free)
        unique.append(free)
    return unique


def _lines(kept: Iterable[tuple[tuple[str, ...], str, str]]) -> dict[str, str]:
    """Return the answers by question; those that belong to one object are one line."""
    lines: dict[str, str] = {}
    groups: dict[str, dict[str, str]] = {}
    for path, name, text in kept:
        if len(path) > 1:
            groups.setdefault(path[0], {})[" ".join(path[1:])] = text
            lines.setdefault(path[0], "")
        else:
            lines[name] = text
    for name, texts in groups.items():
        lines[name] = ", ".join(part for part in (lines[name], labelled(texts)) if part)
    return lines
