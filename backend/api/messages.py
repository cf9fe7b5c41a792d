"""A request and its answer, as bytes, with no web framework in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Head:
    """A request before its body.

    `path` is percent-decoded bytes, `query` the raw bytes after the `?`. The names of the headers
    are in lower case; one that came more than once has its values joined with a comma.
    `peer` is the address at the other end of the connection.
    """

    method: str
    path: bytes
    query: bytes
    headers: Mapping[str, str]
    peer: str


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. The names of the headers are in lower case; `content-length` is among them."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
