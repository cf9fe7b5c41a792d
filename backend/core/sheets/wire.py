"""The request to the reading process, and its messages to the server: frames of JSON.

A frame is one byte for its kind, four for the length of its body (big-endian), and the body. It is
JSON because a stranger's file may have taken over the process that writes it, and JSON holds only
values. A date is an object with one key that names its type.
"""

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Self

from backend.core.sheets.kinds import Kind

HEAD: Final = struct.Struct(">cI")

ROWS: Final = b"R"
"""Body: a list of [row number, [cell, …]]."""
SHEETS: Final = b"S"
"""Body: of each sheet [name, whether it is hidden, last row, the first rows, the formulas without
results as [column, cells, first row]]. Comes first."""
SHEET: Final = b"N"
"""Body: the place of the sheet, from 0, whose rows follow."""
REFUSED: Final = b"E"
"""Body: the sentence for the user. Nothing follows."""
DONE: Final = b"D"
"""Body: null. Nothing follows."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the server asks: the sheets to read, by name, and whether to show all others.

    Without names it is the first visible sheet with cells. `kind` is how to read the file.
    """

    sheets: tuple[str, ...] = ()
    others: bool = False
    kind: Kind = Kind.WORKBOOK

    def encode(self) -> str:
        """Return the request as an argument of the process."""
        return json.dumps([self.sheets, self.others, self.kind])

    @classmethod
    def decode(cls, text: str) -> Self:
        """Return the request that `encode` was called on."""
        sheets, others, kind = json.loads(text)
        return cls(tuple(sheets), others, Kind(kind))


def frame(kind: bytes, value: object) -> bytes:
    """Encode one frame. Raises TypeError for a value that is neither JSON nor a date."""
    body = json.dumps(value, default=_tag, separators=(",", ":")).encode("ascii")
    return HEAD.pack(kind, len(body)) + body


def value_of(body: bytes) -> Any:
    """Decode a frame's body. Raises ValueError if `frame` didn't write it."""
    return json.loads(body, object_hook=_untag)


def _tag(value: object) -> dict[str, str | float]:
    match value:
        case datetime():
            return {"datetime": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case time():
            return {"time": value.isoformat()}
        case timedelta():
            return {"seconds": value.total_seconds()}
    raise TypeError(type(value).__name__)


def _untag(tagged: dict[str, Any]) -> object:
    if len(tagged) == 1:
        for name, text in tagged.items():
            if name in UNTAG:
                return UNTAG[name](text)
    raise ValueError("an object that is no date")


UNTAG: dict[str, Callable[[Any], object]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "seconds": lambda seconds: timedelta(seconds=seconds),
}
