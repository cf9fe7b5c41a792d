"""A request and its answer, as bytes, with no web framework in them."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Head:
    """A request before its body.

    `path` is percent-decoded bytes, `query` the raw bytes after the `?`. The names of the headers
    are in lower case; one that came more than once has its values joined with a comma.
    `peer` is the address at the other end of the connection, `version` that of its HTTP. `root` is
    the prefix under which the API is served, such as `/crm`: it isn't part of `path`.
    """

    method: str
    path: bytes
    query: bytes
    headers: Mapping[str, str]
    peer: str
    version: str = "1.1"
    root: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. The names of the headers are in lower case; `content-length` is among them.

    A long answer goes on after `body`, with `rest`: then nobody knows its length yet. Reading on
    waits for the database. An error in it means that the connection has to break: what was sent is
    no whole answer. Close the iterator of `chunks` when the client has gone.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    rest: Iterator[bytes] | None = None

    def chunks(self) -> Generator[bytes, None, None]:
        """Return the body and what follows it."""
        if self.body:
            yield self.body
        if self.rest is not None:
            yield from self.rest
