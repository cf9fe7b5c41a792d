"""The headers of all responses, and the client's address, which proxies add to those of requests.

Responses have headers for cross-origin access, and restrictions for browsers.
"""

import functools
import re
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address

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

# An address as some proxies write it: Azure's add the port, others put IPv6 in brackets.
_WITH_PORT = re.compile(r"(?:\[([^\[\]]+)\]|([\d.]+))(?::\d+)?")
_HEADER_NAMES = re.compile(r"[A-Za-z0-9-]+(?: *, *[A-Za-z0-9-]+)*")
_METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
# What a page of another origin may read, beside what it always may (Fetch, section 3.3.3).
_EXPOSED = "Content-Disposition, ETag, Link, Retry-After, X-Request-ID, X-Second-Factor"
# In characters, of what isn't an address.
_LONGEST_ADDRESS = 64
# How long a browser can cache the response to a preflight, in seconds.
_PREFLIGHT_AGE = "600"


def client_address(request: Mapping[str, str], peer: str, trusted_proxies: int) -> str:
    """Return the client's address: each trusted proxy has added the one that it saw, at the end.

    The same client has the same address, however a server or proxy writes it: without a port,
    brackets and zone, and IPv4 as such. `peer` is who the server is connected to.
    """
    if not trusted_proxies:
        return _plain(peer)
    seen = [part.strip() for part in request.get("x-forwarded-for", "").split(",")]
    return _plain(seen[-min(trusted_proxies, len(seen))] or peer)


@functools.lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    match = _WITH_PORT.fullmatch(text)
    try:
        parsed = ip_address((match[1] or match[2]) if match else text)
    except ValueError:
        return text[:_LONGEST_ADDRESS]
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    # On a socket for both, IPv4 comes as `::ffff:203.0.113.7`.
    return str(parsed.ipv4_mapped or parsed).partition("%")[0]


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
