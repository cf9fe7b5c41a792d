"""Reads objects as JavaScript and Python show them: `{'name': 'Zoë', is_new: True}`, and JSONP.

Scripts send such a text by mistake. What it says is plain: no lead has to wait for a person.
"""

import json
import re
from typing import Any

from backend.core.intake.bodies import json_text
from backend.core.repairs import repaired

# A lead has a phone and a center at least.
_FEWEST = 2
_WORDS = {"True": "true", "False": "false", "None": "null", "undefined": "null"}
_CALL = re.compile(r"\s*[\w$.]{1,100}\s*\((.*)\)\s*;?\s*", re.DOTALL)
# Every piece begins where the one before has ended, so that a text is read once.
_PIECE = re.compile(
    r"""
    (?P<text>"(?:[^"\\]|\\.)*+")
  | '(?P<single>(?:[^'\\]|\\.)*+)'
  | [\u201c\u201d](?P<curly>[^\u201c\u201d]*+)[\u201c\u201d]
  | (?P<comment>//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)
  | (?P<word>[^\W\d]\w{0,99})(?P<key>(?=\s{0,20}:))?
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}


def loads(text: str) -> Any:
    """Return an object or a list that isn't quite JSON. Raises `ValueError` for any other text."""
    if '"' not in text and "&quot;" in text:
        text = repaired(text)
    called = _CALL.fullmatch(text) if text.lstrip()[:1].isalpha() else None
    text = called[1] if called else text
    if text.lstrip()[:1] not in ("{", "[", "/"):
        raise ValueError("no object")
    value = json_text.loads_text(_PIECE.sub(_strict, text))
    if not isinstance(value, dict | list) or (isinstance(value, dict) and len(value) < _FEWEST):
        raise ValueError("no lead")
    return value


def _strict(piece: re.Match[str]) -> str:
    """Return a piece as JSON has it."""
    kind, found = piece.lastgroup, piece[0]
    if kind == "single":
        return json.dumps(_ESCAPE.sub(_character, piece["single"]))
    if kind == "curly":
        return json.dumps(piece["curly"])
    if kind == "comment":
        return " "
    if kind == "key" or kind == "word":
        return json.dumps(found) if piece["key"] is not None else _WORDS.get(found, found)
    return found


def _character(escape: re.Match[str]) -> str:
    said = escape[1]
    return chr(int(said[1:], 16)) if len(said) > 1 else _ESCAPED.get(said, said)
