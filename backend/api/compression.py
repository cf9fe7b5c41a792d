"""Answers that are data, compressed where it is worth it: most people are on a phone."""

import gzip
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from backend.api.encode import JSON
from backend.api.messages import Response
from backend.api.static import takes_gzip

# In bytes. Below the first, one packet takes it anyway; above the other, the time that it takes to
# compress it counts.
LEAST, LARGE = 1_400, 256 << 10
# Nearly as small as at the best level, in half the time; and a third larger, in a third of that.
_LEVEL, _FAST_LEVEL = 6, 1
# What zlib calls the gzip format.
_GZIP = 16 + zlib.MAX_WBITS


def pack(response: Response, request: Mapping[str, str]) -> Response:
    """The answer, compressed for a client that takes it so.

    An answer with an `ETag` stays as it is: another form of it would have to have another.
    """
    headers = response.headers
    if (
        headers.get("content-type") != JSON["content-type"]
        or (len(response.body) < LEAST and response.rest is None)
        or "etag" in headers
    ):
        return response
    given = {**headers, "vary": "Accept-Encoding"}
    if not takes_gzip(request.get("accept-encoding", "")):
        return replace(response, headers=given)
    given["content-encoding"] = "gzip"
    if response.rest is not None:
        return Response(response.status, b"", given, _packed(response.chunks()))
    level = _LEVEL if len(response.body) <= LARGE else _FAST_LEVEL
    return Response(response.status, gzip.compress(response.body, level, mtime=0), given)


def _packed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Compress while it is read, chunk by chunk."""
    packer = zlib.compressobj(_FAST_LEVEL, zlib.DEFLATED, _GZIP)
    for chunk in chunks:
        if packed := packer.compress(chunk):
            yield packed
    yield packer.flush()
