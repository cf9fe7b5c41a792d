"""Serve static files, with content type, `ETag` and gzip.

The name in a request is looked up among the existing files. It never becomes part of a path. Files
are read on first use and kept in memory, so a changed file needs a restart.
"""

import gzip
import hashlib
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from backend.api.messages import Response
from backend.core.errors import NotFound

# By suffix. The operating system's own table differs between hosts. Other suffixes aren't served;
# a file without a suffix is a licence or a notice.
TYPES = {
    "": "text/plain; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
# Types that are compressed already.
_PACKED = {"image/png", "font/woff2"}
FOR_GOOD = "public, max-age=31536000, immutable"
_ZERO = re.compile(r"q=0(?:\.0*)?")


class Asset:
    """The content of a file, uncompressed and as gzip."""

    def __init__(self, content: bytes, content_type: str) -> None:
        self.content = content
        self.content_type = content_type

    def respond(
        self,
        request: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
        *,
        for_good: bool = False,
    ) -> Response:
        """Return the response to a request with these headers, with additional `headers`.

        A cache must check each time whether the file has changed, since an address without a
        version can mean another file later. If it hasn't, the response is a 304 without a body. A
        file that can be cached `for_good` needs no `ETag`.
        """
        body, tag = self.content, self._digest
        given = {"cache-control": FOR_GOOD if for_good else "no-cache", **(headers or {})}
        if self._packed is not None:
            given["vary"] = "Accept-Encoding"
            if takes_gzip(request.get("accept-encoding", "")):
                # Each encoding of a file needs its own tag (RFC 9110, section 8.8.3.3).
                body, tag = self._packed, f"{self._digest}-gzip"
                given["content-encoding"] = "gzip"
        etag = f'"{tag}"'
        if not for_good:
            given["etag"] = etag
        if _is_known(etag, request.get("if-none-match", "")):
            given.pop("content-encoding", None)
            return Response(304, b"", given)
        return Response(200, body, {"content-type": self.content_type, **given})

    @cached_property
    def _digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:32]

    @cached_property
    def _packed(self) -> bytes | None:
        # Without a time in it, the gzip form is the same on every server.
        if self.content_type in _PACKED:
            return None
        packed = gzip.compress(self.content, mtime=0)
        return packed if len(packed) < len(self.content) else None


class Folder:
    """The files in some folders and their subfolders, under names like `icons/phone.svg`.

    If several folders have the same name, the first one counts. Hidden files are left out.
    """

    def __init__(self, *roots: Path) -> None:
        self._roots = roots
        self._assets: dict[str, Asset] = {}

    @cached_property
    def paths(self) -> Mapping[str, Path]:
        """The path of each file, by its name."""
        found: dict[str, Path] = {}
        for root in self._roots:
            for path in sorted(root.rglob("*")):
                name = path.relative_to(root).as_posix()
                if path.is_file() and path.suffix in TYPES and not _is_hidden(name):
                    found.setdefault(name, path)
        return found

    def get(self, name: str) -> Asset:
        """Return the file with this name. Raises `NotFound`."""
        if name not in self.paths:
            raise NotFound
        if name not in self._assets:
            path = self.paths[name]
            self._assets[name] = Asset(path.read_bytes(), TYPES[path.suffix])
        return self._assets[name]


def takes_gzip(accept_encoding: str) -> bool:
    """Return whether a client with this header accepts gzip (RFC 9110, section 12.5.3)."""
    weights = {}
    for part in accept_encoding.lower().split(","):
        coding, _, weight = part.partition(";")
        weights[coding.strip()] = weight.replace(" ", "")
    named = weights.get("gzip", weights.get("*", "q=0"))
    return not _ZERO.fullmatch(named)


def _is_known(etag: str, if_none_match: str) -> bool:
    known = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in known or known == ["*"]


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/"))
