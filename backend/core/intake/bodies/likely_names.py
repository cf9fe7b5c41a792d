"""Names of questions as tools write the well-known ones: `q3_fullName`, `your-name`, `tel-123`."""

import re

from backend.core.intake import field_mapping
from backend.core.text_cache import cached_if_short

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_AROUND = re.compile(r"^q\d+_|^(your|my|the)_|_\d+$", re.ASCII)
# Jotform's `q4_phoneNumber4`: the number of the question again, behind the name that it began with.
_COUNTED = re.compile(r"q(\d+)_(.+?)_?\1", re.ASCII)


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
