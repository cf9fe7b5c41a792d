"""Names of questions as tools write the well-known ones: `q3_fullName`, `your-name`, `tel-123`."""

import re

from backend.core.intake import field_mapping
from backend.core.text_cache import cached_if_short

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_AROUND = re.compile(r"^q\d+_|^(your|my|the)_|_\d+$", re.ASCII)


@cached_if_short(maxsize=4096)
def plain(name: str) -> str:
    """Return a name as the well-known ones are written: `full_name`."""
    words = re.sub(r"[\W_]+", "_", _HUMP.sub("_", name)).strip("_").casefold()
    return _AROUND.sub("", words)


@cached_if_short(maxsize=4096)
def field_of(name: str) -> str | None:
    """Return the field that a question fills by its name, or would by a plain one."""
    return field_mapping.field_of(name, {}) or field_mapping.field_of(plain(name), {})
