"""The headers of all responses: cross-origin access, and restrictions for browsers."""

import re
from collections.abc import Mapping

from backend.core.settings import Settings

SECURITY = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-site",
}
# A year, for this host alone: others of its domain may not have TLS.
HSTS = {"strict-transport-security": "max-age=31536000"}
# For data: nothing in it can run, and it isn't cached.
_DATA = {
    "content-security-policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}
_DATA_CACHE = {"cache-control": "no-store"}
# For parts of a page, which are many and small. A browser that opens one by itself shows its text.
_PARTS = {"text/css; charset=utf-8", "text/javascript; charset=utf-8"}
_PART = {
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-site",
    "content-security-policy": "frame-ancestors 'none'",
}

_HEADER_NAMES = re.compile(r"[A-Za-z0-9-]+(?: *, *[A-Za-z0-9-]+)*")
_METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
_EXPOSED = "Content-Disposition, ETag, Retry-After, X-Request-ID"
# How long a browser can cache the response to a preflight, in seconds.
_PREFLIGHT_AGE = "600"


def is_preflight(method: str, headers: Mapping[str, str]) -> bool:
    """Return whether this is a CORS preflight (Fetch, section 4.9)."""
    return (
        method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers
    )


def common(response: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that a response has beside its own."""
    has_policy = "content-security-policy" in response
    if not has_policy and response.get("content-type") in _PARTS:
        given = dict(_PART)
    else:
        given = SECURITY | ({} if has_policy else _DATA)
    return given if "cache-control" in response else given | _DATA_CACHE


def cross_origin(settings: Settings, request: Mapping[str, str]) -> dict[str, str]:
    """Return the CORS headers of a response."""
    headers = {"vary": "Origin"}
    origin = request.get("origin")
    if origin and origin in settings.cors_origins:
        headers |= {
            "access-control-allow-origin": origin,
            "access-control-allow-credentials": "true",
            "access-control-expose-headers": _EXPOSED,
        }
    return headers


def transport(settings: Settings, request: Mapping[str, str]) -> dict[str, str]:
    """Return the header by which browsers use TLS from then on, if this request came by TLS.

    RFC 6797, section 7.2: never without TLS. Only a trusted proxy can say that there was any.
    """
    said = request.get("x-forwarded-proto", "").rpartition(",")[2].strip().lower()
    return HSTS if settings.trusted_proxies and said == "https" else {}


def preflight(settings: Settings, request: Mapping[str, str]) -> dict[str, str]:
    """Return the additional headers of the response to a preflight."""
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
