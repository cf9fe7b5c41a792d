"""A request and its answer, as bytes, with no web framework in them."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Head:
    """A request before its body.

    `path` is percent-decoded bytes, `query` the raw bytes after the `?`. The names of the headers
    are in lower case; the values of a repeated header are joined with commas. `peer` is the address
    at the other end of the connection, `version` its version of HTTP. `root` is the prefix under
    which the API is served, such as `/crm`: it isn't part of `path`.
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

    A long answer continues after `body` with `rest`, and its length isn't known. Reading `rest`
    waits for the database. If it raises, break the connection, so that the client knows that the
    answer is incomplete. Close the iterator of `chunks` when the client disconnects.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    rest: Iterator[bytes] | None = None

    def chunks(self) -> Generator[bytes, None, None]:
        """Return the body and what follows it."""
        try:
            if self.body:
                yield self.body
            if self.rest is not None:
                yield from self.rest
        finally:
            # Also where the client disconnects before the rest has begun.
            close = getattr(self.rest, "close", None)
            if close is not None:
                close()
