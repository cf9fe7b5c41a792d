"""Compress JSON responses if it is worth it. Many people use a phone."""

import gzip
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from backend.api.encode import JSON
from backend.api.messages import Response
from backend.api.static import takes_gzip

# In bytes. A smaller response fits into one packet anyway; for a larger one, compression time
# matters.
LEAST, LARGE = 1_400, 256 << 10
# Level 6 is nearly as small as level 9 in half the time. Level 1 is a third larger, in a third of
# that time.
_LEVEL, _FAST_LEVEL = 6, 1
# zlib's number for the gzip format.
_GZIP = 16 + zlib.MAX_WBITS


def pack(response: Response, request: Mapping[str, str]) -> Response:
    """Return the response, compressed if the client accepts gzip.

    A response with an `ETag` isn't compressed: each form would need its own tag.
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
    """Compress the chunks while they are read."""
    packer = zlib.compressobj(_FAST_LEVEL, zlib.DEFLATED, _GZIP)
    for chunk in chunks:
        if packed := packer.compress(chunk):
            yield packed
    yield packer.flush()
