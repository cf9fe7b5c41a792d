"""The questions and answers in a value, however its sender has wrapped them."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from backend.core.intake import field_mapping
from backend.core.intake.bodies import field_objects, json_text, likely_names
from backend.core.intake.bodies.answer_text import text_of
from backend.core.names import is_blank
from backend.core.vocabulary import phone_codes, synonyms

Object = Mapping[str, Any]

# What a column of the country or area code of a phone stands for.
_CODE = ("phone", synonyms.PHONE_CODE)
# What holds the answers, whatever is in it: it adds nothing to the names of the questions.
_WRAPPERS = frozenset(
    {"data", "lead", "leads", "fields", "formfields", "answers", "formdata", "formresponse",
     "submission", "submissions", "formsubmission", "payload", "usercolumndata", "fielddata",
     "questionsandanswers", "properties", "attributes", "rawrequest", "questions", "hidden",
     "names", "namedvalues", "datajson"}
)  # fmt: skip
# What does so only where it has an answer that fills a field.
_PERHAPS = frozenset(
    {"body", "event", "contact", "customer", "user", "person", "record", "entry", "result",
     "response", "message", "item", "object", "form", "enquiry", "inquiry", "player", "participant",
     "content", "json", "params", "values", "details", "request", "notification", "res",
     "variables", "input", "custom", "customfields", "customdata", "customattributes", "extra",
     "traits", "after"}
)  # fmt: skip
# Not `player1`: the one beside it may be another child.
_RESPONSE = re.compile(r"res[0-9]{1,2}")
# The fields that tell a lead from what merely comes with it.
REACHED_BY = frozenset({"phone", "email", "center"})
_DEEPEST = 12
# The members of an object that stand for it as a whole.
_WHOLE = (
    "e164", "international", "full", "fullname", "firstandlast", "formatted", "label", "text",
    "title", "name", "value", "number", "nationalnumber",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with the names that lead to its question, without those of wrappers.

    `depth` is the number of wrappers around it. `is_word` is whether it can fill a field: yes and
    no can't.
    """

    path: tuple[str, ...]
    text: str
    depth: int
    is_word: bool = True

    @property
    def question(self) -> str:
        """The question's name: `utm source` for one within another."""
        return " ".join(self.path)


def folded(name: str) -> str:
    """Return a name without case and separators."""
    return re.sub(r"[\W_]+", "", name).casefold()


def find(value: Object) -> list[Answer]:
    """Return the answers in a value, but for blank ones."""
    return [one for one in _walk(value, (), 0, 0) if not is_blank(one.text)]


def _walk(value: Object, path: tuple[str, ...], depth: int, level: int) -> Iterator[Answer]:
    for key, one in value.items():
        if json_text.blank(one):
            continue
        name = key.replace("\0", "")
        inner = opened(name, one)
        if inner is not None and level < _DEEPEST:
            for each in inner if isinstance(inner, list) else (inner,):
                yield from _walk(each, path, depth + 1, level + 1)
        elif isinstance(one, dict):
            yield from _object(one, (*path, name), depth, level)
        elif isinstance(one, list):
            yield from _list(one, (*path, name), depth, level)
        else:
            yield Answer((*path, name), text_of(one), depth, not isinstance(one, bool))


def opened(name: str, value: Any) -> Any:
    """Return the object, or the objects, that a wrapper holds; None for what isn't a wrapper."""
    kind = _kind(name)
    if kind not in _WRAPPERS and kind not in _PERHAPS:
        return None
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            value = json_text.loads_text(value)
        except ValueError:
            return None
    if isinstance(value, dict):
        value = field_objects.with_titles(value)
        return value if kind in _WRAPPERS or _has_lead(value) else None
    if isinstance(value, list) and (pairs := field_objects.pairs(value)) is not None:
        return json_text.merge(pairs)
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return value if kind in _WRAPPERS or any(map(_has_lead, value)) else None
    return None


def _kind(name: str) -> str:
    """Return what a wrapper's name is compared by: Pabbly counts its responses, as in `res1`."""
    kind = folded(name)
    return "res" if _RESPONSE.fullmatch(kind) else kind


def _has_lead(value: Object, level: int = 0) -> bool:
    """Return whether an object, or what it wraps, has an answer that makes a lead."""
    for name, one in value.items():
        if likely_names.field_of(name) in REACHED_BY:
            return True
        is_wrapper = isinstance(one, dict) and _kind(name) in _WRAPPERS | _PERHAPS
        if is_wrapper and level < _DEEPEST and _has_lead(one, level + 1):
            return True
    return False


def _object(value: Object, path: tuple[str, ...], depth: int, level: int) -> Iterator[Answer]:
    described = field_objects.pair(value, path[-1])
    if described is not None:
        name, told = described
        if isinstance(told, dict) and level < _DEEPEST:
            yield from _walk({name: told}, path[:-1], depth, level + 1)
            return
        yield Answer((*path[:-1], name), text_of(told), depth, not isinstance(told, bool))
    elif field := likely_names.field_of(path[-1]):
        whole, rest = _whole(value, field)
        yield Answer(path, whole, depth)
        yield from (replace(one, is_word=False) for one in _walk(rest, path, depth, level + 1))
    elif level >= _DEEPEST:
        yield Answer(path, text_of(value), depth)
    else:
        yield from _walk(value, path, depth, level + 1)


def _whole(value: Object, field: str) -> tuple[str, Object]:
    """Return an object as one field's value, and the members that have no part in it.

    A name is made from its parts, an address from its lines, a date from its three numbers.
    """
    if field == "birth_date" and (day := _day(value)):
        return day, {}
    by_name = {folded(name): name for name, one in value.items() if _is_text(one)}
    used = [] if field == "address" else [by_name[one] for one in _WHOLE if one in by_name][:1]
    if used and field == "phone" and (code := _code(value, by_name, used[0])):
        return code, {name: one for name, one in value.items() if name != used[0]}
    names = used or [name for name, one in value.items() if not isinstance(one, bool)]
    parts = [text for name in names if (text := text_of(value[name]).strip())]
    rest = {name: one for name, one in value.items() if name not in names}
    return (", " if field == "address" else " ").join(parts), rest


def _day(value: Object) -> str | None:
    """Return a date of which each part is called what it is: `{"day": "12", "month": "5", …}`."""
    parts = {folded(name): text_of(one).strip() for name, one in value.items()}
    numbers = [parts.get(name, "") for name in ("year", "month", "day")]
    if parts.keys() != {"year", "month", "day"} or not all(map(str.isdecimal, numbers)):
        return None
    return "-".join(number.zfill(2) for number in numbers)


def _code(value: Object, by_name: Mapping[str, str], number: str) -> str | None:
    """Return a number with the country code, or the country, that its object has beside it."""
    codes = [
        (name, text_of(value[name]))
        for name in value
        if name != number and synonyms.known(name) in (_CODE, synonyms.COUNTRY)
    ]
    return phone_codes.with_codes(value[by_name[folded(number)]], codes) if codes else None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _several(
    value: Sequence[Any], path: tuple[str, ...], depth: int, level: int, *, is_field: bool
) -> Iterator[Answer]:
    """Yield the answers in a list of objects, which are counted in their names.

    What several of them say is the answer of none: the age of the second child isn't the first's.
    """
    found: list[Answer] = []
    for number, one in enumerate(value, 1):
        name = path[-1] if len(value) == 1 else f"{path[-1]} {number}"
        if isinstance(one, dict) and not is_field and field_objects.pair(one) is None:
            found += _walk(one, (*path[:-1], name), depth, level + 1)
        else:
            found += _walk({name: one}, path[:-1], depth, level + 1)
    times = Counter(one.path[len(path) :] for one in found)
    for one in found:
        # Nobody has asked for `children 1 age`: the number was put there here.
        inner = one.path[len(path) :]
        is_counted = len(value) > 1 and field_mapping.field_of(one.question, {}) is not None
        is_one_s = not inner or not (is_counted or times[inner] > 1)
        yield one if is_one_s else replace(one, is_word=False)


def _list(value: Sequence[Any], path: tuple[str, ...], depth: int, level: int) -> Iterator[Answer]:
    pairs = field_objects.pairs(value)
    if pairs is not None:
        yield from _walk(json_text.merge(pairs), path, depth, level + 1)
        return
    field = likely_names.field_of(path[-1])
    if field == "phone" and value and all(isinstance(one, dict) for one in value):
        told = [_whole(one, field) for one in value]
        yield Answer(path, ", ".join(text for text, _ in told), depth)
        for number, (_, rest) in enumerate(told, 1):
            at = (*path[:-1], f"{path[-1]} {number}")
            yield from (replace(one, is_word=False) for one in _walk(rest, at, depth, level + 1))
        return
    if level < _DEEPEST and any(isinstance(one, dict) for one in value):
        yield from _several(value, path, depth, level, is_field=field is not None)
        return
    texts = [text for one in value if (text := text_of(one).strip())]
    if likely_names.are_parts_of_a_name(path[-1], value):
        texts = [" ".join(texts)]
    if field in field_mapping.ONE_ANSWER and texts:
        yield Answer(path, texts[0], depth)
        texts = texts[1:]
    yield Answer(path, ", ".join(texts), depth, not all(isinstance(one, bool) for one in value))
