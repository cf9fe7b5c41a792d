"""Names of questions as tools write the well-known ones: `q3_fullName`, `your-name`, `tel-123`."""

import re
from collections.abc import Sequence

from backend.core.intake import field_mapping
from backend.core.text_cache import cached_if_short
from backend.core.vocabulary import synonyms

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_AROUND = re.compile(r"^q\d+_|^(your|my|the|raw)_|_\d+$", re.ASCII)
# Jotform's `q4_phoneNumber4`: the number of the question again, behind the name that it began with.
_COUNTED = re.compile(r"q(\d+)_(.+?)_?\1", re.ASCII)
# What a column of whole names stands for: of one person, be it the child or the parent.
_WHOLE_NAME = ("player_name", 1)
_MOST_PARTS = 4


@cached_if_short(maxsize=4096)
def plain(name: str) -> str:
    """Return a name as the well-known ones are written: `full_name`."""
    words = re.sub(r"[\W_]+", "_", _HUMP.sub("_", name)).strip("_").casefold()
    if counted := _COUNTED.fullmatch(words):
        return counted[2]
    return _AROUND.sub("", words)


@cached_if_short(maxsize=4096)
def field_of(name: str) -> str | None:
    """Return the field that a question fills by its name, or would by a plain one."""
    return field_mapping.field_of(name, {}) or field_mapping.field_of(plain(name), {})


def are_parts_of_a_name(name: str, values: Sequence[object]) -> bool:
    """Return whether a list is one whole name: `{"full_name": ["Zoya", "Khan"]}`.

    A word alone is no whole name. Several children have theirs in a list of names.
    """
    texts = [one for one in values if isinstance(one, str) and len(one.split()) == 1]
    return 1 < len(texts) == len(values) <= _MOST_PARTS and _is_whole_name(name)


@cached_if_short(maxsize=2048)
def _is_whole_name(name: str) -> bool:
    return _WHOLE_NAME in (synonyms.known(name), synonyms.known(plain(name)))
