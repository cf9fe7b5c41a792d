"""The headers of every answer: cross-origin access, and what browsers should not do."""

import re
from collections.abc import Mapping

from backend.core.settings import Settings

SECURITY = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-site",
}
# For answers that are data: nothing in them may run, and no cache may keep them.
DATA = {"content-security-policy": "default-src 'none'; frame-ancestors 'none'"}
DATA_CACHE = {"cache-control": "no-store"}

_HEADER_NAMES = re.compile(r"[A-Za-z0-9-]+(?: *, *[A-Za-z0-9-]+)*")
_METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
_EXPOSED = "Content-Disposition, ETag, Retry-After, X-Request-ID"
# How long, in seconds, a browser may remember the answer to a preflight.
_PREFLIGHT_AGE = "600"


def is_preflight(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a browser asks if a page of another origin may make a request (Fetch, 4.9)."""
    return (
        method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers
    )


def cross_origin(settings: Settings, request: Mapping[str, str]) -> dict[str, str]:
    """What an answer to a page of another origin carries."""
    headers = {"vary": "Origin"}
    origin = request.get("origin")
    if origin and origin in settings.cors_origins:
        headers |= {
            "access-control-allow-origin": origin,
            "access-control-allow-credentials": "true",
            "access-control-expose-headers": _EXPOSED,
        }
    return headers


def preflight(settings: Settings, request: Mapping[str, str]) -> dict[str, str]:
    """What the answer to a preflight carries besides."""
    if request["origin"] not in settings.cors_origins:
        return {}
    wanted = request.get("access-control-request-headers", "").strip()
    headers = {
        "access-control-allow-methods": _METHODS,
        "access-control-max-age": _PREFLIGHT_AGE,
    }
    if _HEADER_NAMES.fullmatch(wanted):
        headers["access-control-allow-headers"] = wanted
    return headers
