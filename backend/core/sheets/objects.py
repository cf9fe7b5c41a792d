"""Reads JSON as programs export it: a list of objects, also within others, or an object a line.

Each list of objects is a table, and each object a row. The answers of an object within another
have the names of both: `parent phone`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from backend.core.sheets.encoding import text_of
from backend.core.sheets.errors import UnreadableFile
from backend.core.sheets.limits import MAX_ROWS
from backend.core.sheets.markup import Page
from backend.core.sheets.records import page_of
from backend.core.sheets.table import TOO_LONG, Cell

NOT_JSON = "The file begins as JSON, but isn't JSON to its end; please export it again."
TOO_DEEP = "The file is JSON whose objects are nested too deep; please save it as .xlsx or .csv."

Object = Mapping[str, Any]

# A longer number stays the text that it is: a float wouldn't have all its digits.
_LONGEST_NUMBER = 15
# How deep lists of objects are looked for, and what is in a row.
_DEEPEST = 8
_MOST_TABLES = 200
# What holds the answers of a row: it adds nothing to their names.
_WRAPPERS = frozenset(
    {"fields", "attributes", "properties", "data", "lead", "answers", "record", "values", "payload",
     "json", "document", "doc", "item"}
)  # fmt: skip
# The members of an object that name a question, and those that hold its answer.
_NAMES = ("name", "label", "question", "title", "key")
_VALUES = ("value", "values", "answer", "answers", "response")
_SECONDS = ("seconds", "_seconds")
# Meta's answers to the questions of a form. Beside them, `id` is its id of the lead, before which
# its own exports write what it is.
_META_S, _META_ID = "field_data", "l:{}"
# What a family's row calls the list of its children, and the name that begins their columns.
_CHILDREN = frozenset(
    {"children", "kids", "players", "students", "participants", "trainees", "wards", "athletes"}
)
_CHILD = "child"


def tables(content: bytes) -> list[Page]:
    """Return the tables of a file. Raises UnreadableFile."""
    try:
        value = _value(text_of(content))
        found = list(_tables(value, (), 0))
    except RecursionError:
        raise UnreadableFile(TOO_DEEP) from None
    if not found and isinstance(value, dict) and any(_cell(one) for one in value.values()):
        found = [("Table 1", [value])]
    pages = [_page(name, rows) for name, rows in found[:_MOST_TABLES]]
    return [page for page in pages if len(page.rows) > 1]


def _value(text: str) -> Any:
    """Return the value of a text; of several, one a line, a list."""
    values: list[Any] = []
    place, end = _after_spaces(text, 0), len(text)
    while place < end:
        try:
            value, place = _DECODER.raw_decode(text, place)
        except ValueError:
            raise UnreadableFile(NOT_JSON) from None
        values.append(value)
        place = _after_spaces(text, place)
    return values[0] if len(values) == 1 else values


def _after_spaces(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \t\r\n,\x1e":
        place += 1
    return place


def _tables(value: Any, path: tuple[str, ...], depth: int) -> Iterator[tuple[str, list[Any]]]:
    """Yield the tables in a value: the name of each, and its rows, objects or lists."""
    name = " ".join(path) or "Table 1"
    if isinstance(value, list):
        if _are(value, dict) or (_are(value, list) and not any(_are(one, dict) for one in value)):
            yield name, value
        elif _are(value, list):
            yield name, [one for some in value for one in some]
        return
    if not isinstance(value, dict) or depth == _DEEPEST:
        return
    if (rows := _rows_of(value)) is not None:
        yield name, rows
        return
    for key, one in value.items():
        yield from _tables(one, (*path, key), depth + 1)


def _are(value: Any, kind: type) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, kind) for one in value)


def _rows_of(value: Object) -> list[Any] | None:
    """Return the rows of an object that has them by column, or by their ids; None for another."""
    columns, data = value.get("columns"), value.get("data")
    if _are(columns, str) and _are(data, list):
        return [columns, *(data or ())]
    members = list(value.values())
    if len(members) < 2:
        return None
    if all(isinstance(one, list) and len(one) == len(members[0]) for one in members):
        is_plain = not any(isinstance(cell, list | dict) for one in members for cell in one)
        cells = zip(*members, strict=True)
        return [dict(zip(value, row, strict=True)) for row in cells] if is_plain else None
    if not all(isinstance(one, dict) for one in members):
        return None
    if all(one.keys() == members[0].keys() for one in members) and all(
        map(str.isdecimal, members[0])
    ):
        return [{name: one[at] for name, one in value.items()} for at in members[0]]
    if any(members[0].keys() & one.keys() for one in members[1:]):
        return [{"key": key, **one} for key, one in value.items()]
    return None


def _page(name: str, rows: Sequence[Any]) -> Page:
    if isinstance(rows[0], dict):
        rows = [one for row in rows for one in _of_each_child(_marked(row))]
    if len(rows) > MAX_ROWS:
        raise UnreadableFile(TOO_LONG)
    if isinstance(rows[0], list):
        return Page(name, [[_cell(cell) for cell in row] for row in rows])
    return page_of(name, [dict(_cells(row, "", 0)) for row in rows])


def _marked(row: Object) -> Object:
    """Return an answer of the Graph API with Meta's id of the lead as its exports write it."""
    is_meta_s = isinstance(row.get(_META_S), list) and isinstance(row.get("id"), str | int)
    return {**row, "id": _META_ID.format(row["id"])} if is_meta_s else row


def _of_each_child(row: Object) -> list[Object]:
    """Return a row for each child of a family's row; the row alone if it has no list of them."""
    found = ((key, _named(one)) for key, one in row.items() if key.casefold() in _CHILDREN)
    key, children = next(((key, one) for key, one in found if one), ("", []))
    rest = {name: one for name, one in row.items() if name != key}
    return [{_CHILD: child, **rest} for child in children] or [row]


def _named(value: Any) -> list[Object]:
    """Return the children in a value, each with a name; none of another value."""
    items = value if isinstance(value, list) else []
    children = [{"name": one} if isinstance(one, str) else one for one in items if one]
    if not all(isinstance(one, dict) for one in children):
        return []
    return children if all(any("name" in key.casefold() for key in one) for one in children) else []


def _cells(row: Object, before: str, depth: int) -> Iterator[tuple[str, Cell]]:
    """Yield the names of columns, and what an object says in each."""
    for key, value in row.items():
        name = f"{before} {key}".strip()
        value = _plain(value)
        if isinstance(value, dict) and depth < _DEEPEST:
            is_wrapper = key.casefold() in _WRAPPERS
            yield from _cells(value, before if is_wrapper else name, depth + 1)
        elif isinstance(value, list) and (pairs := _questions(value)):
            yield from pairs
        else:
            yield name, _cell(value)


def _plain(value: Any) -> Any:
    """Return a value without what databases put around it: `{"$date": …}`, `{"stringValue": …}`."""
    while isinstance(value, dict) and value:
        key = next(iter(value))
        is_typed = key.startswith("$") or (key.endswith("Value") and key != "Value")
        if len(value) == 1 and is_typed:
            value = value[key]
        elif key in _SECONDS and len(value) <= 2:
            return value[key]
        else:
            return value
    return value


def _questions(items: list[Any]) -> list[tuple[str, Cell]]:
    """Return the questions and answers of a list such as Meta's `field_data`; none of any other."""
    found: list[tuple[str, Cell]] = []
    for one in items:
        if not isinstance(one, dict):
            return []
        name = next((one[key] for key in _NAMES if isinstance(one.get(key), str)), None)
        value = next((key for key in _VALUES if key in one), None)
        if name is None or value is None:
            return []
        found.append((name, _cell(one[value])))
    return found


def _cell(value: Any) -> Cell:
    """Return a value as a cell: of several, one text."""
    value = _plain(value)
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, list) and not any(isinstance(one, list | dict) for one in value):
        return ", ".join(str(one) for one in value if one not in (None, ""))
    if isinstance(value, list) and all(isinstance(one, dict) for one in value):
        return "; ".join(_line(one) for one in value)
    return _line(value) if isinstance(value, dict) else json.dumps(value, ensure_ascii=False)


def _line(value: Object) -> str:
    said = ((name, _cell(one)) for name, one in value.items())
    return ", ".join(f"{name}: {cell}" for name, cell in said if cell not in (None, ""))


def _number(digits: str) -> int | float | str:
    if len(digits) > _LONGEST_NUMBER:
        return digits
    return int(digits) if digits.lstrip("-").isdigit() else float(digits)


def _merged(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; the values of a name that is there twice are a list."""
    found = dict(pairs)
    if len(found) < len(pairs):
        for name in found:
            values = [value for key, value in pairs if key == name]
            found[name] = values if len(values) > 1 else values[0]
    return found


_DECODER = json.JSONDecoder(
    strict=False,
    parse_int=_number,
    parse_float=_number,
    parse_constant=lambda _: None,
    object_pairs_hook=_merged,
)
