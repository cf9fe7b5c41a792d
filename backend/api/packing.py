"""Answers that are data, compressed where it is worth it: most people are on a phone."""

import gzip
from collections.abc import Mapping

from backend.api.encode import JSON
from backend.api.messages import Response
from backend.api.static import takes_gzip

# In bytes. Below, one packet takes it anyway; above, whoever reads so much is on a cable, and would
# wait for the server's processor and not for the line.
LEAST, MOST = 1_400, 256 << 10
# Nearly as small as at the best level, in half the time.
_LEVEL = 6


def pack(response: Response, request: Mapping[str, str]) -> Response:
    """The answer, compressed for a client that takes it so.

    An answer with an `ETag` stays as it is: another form of it would have to have another.
    """
    headers = response.headers
    if (
        headers.get("content-type") != JSON["content-type"]
        or not LEAST <= len(response.body) <= MOST
        or "etag" in headers
    ):
        return response
    given = {**headers, "vary": "Accept-Encoding"}
    if not takes_gzip(request.get("accept-encoding", "")):
        return Response(response.status, response.body, given)
    body = gzip.compress(response.body, _LEVEL, mtime=0)
    return Response(response.status, body, {**given, "content-encoding": "gzip"})
