"""Answers that are sent while they are made."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import IO

from backend.api.messages import Head, Response

# In bytes: what is read of a file at once.
_PIECE = 256 << 10


class Broken(Exception):
    """An answer has ended in the middle: the connection must break. The log says why."""


def settle(response: Response, head: Head) -> Response:
    """Return the answer in a form that the client can tell from a broken one.

    Without chunks, HTTP/1.0 can't: there an answer of unknown length ends where the connection
    does. So all of it is written to a file first, which tells its length. Servers that would send
    chunks to such a client have no reason to, then.
    """
    if response.rest is None or head.version != "1.0" or head.method == "HEAD":
        return response
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile())
        for chunk in response.chunks():
            file.write(chunk)
        length = file.tell()
        file.seek(0)
        stack.pop_all()  # from here on it is closed by what reads it
    headers = {**response.headers, "content-length": str(length)}
    return replace(response, body=b"", headers=headers, rest=_read(file))


def _read(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
