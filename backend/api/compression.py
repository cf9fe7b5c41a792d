"""Compress JSON responses if it is worth it. Many people use a phone."""

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from backend.api.encode import JSON
from backend.api.messages import Response
from backend.api.static import takes_gzip

compressobj: Callable[..., Any]
try:
    from isal.isal_zlib import compressobj
except ImportError:
    # requirements.txt leaves it out where it has no wheel.
    from zlib import compressobj

# In bytes. A smaller response fits into one packet anyway; for a larger one, compression time
# matters.
LEAST, LARGE = 1_400, 256 << 10
# zlib's level 6 is nearly as small as level 9 in half the time. ISA-L's level 1 is a third larger
# and ten times as fast, so that even a gigabit network gains; zlib's own level 1 is a third larger
# and three times as fast.
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
    if len(response.body) > LARGE:
        packed = b"".join(_packed(response.chunks()))
    else:
        packed = gzip.compress(response.body, _LEVEL, mtime=0)
    return Response(response.status, packed, given)


def _packed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Compress the chunks while they are read."""
    packer = compressobj(_FAST_LEVEL, zlib.DEFLATED, _GZIP)
    for chunk in chunks:
        if packed := packer.compress(chunk):
            yield packed
    yield packer.flush()
