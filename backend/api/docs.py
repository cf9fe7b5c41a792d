"""The page of the API's documentation: Swagger UI, served from this host alone."""

from collections.abc import Mapping
from pathlib import Path

from backend.api.messages import Response
from backend.api.operation import Call
from backend.api.static import Folder
from backend.schemas.fields import Schema

_WEB = Path(__file__).resolve().parents[1] / "web"
FILES = Folder(_WEB / "docs", _WEB / "vendor" / "swagger-ui")

# Swagger UI sets styles on its elements and has icons in `data:` addresses; scripts, requests and
# everything else come from this host.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


class FileName(Schema):
    """The path of a file that the page needs."""

    name: str


def page(call: Call) -> Response:
    """Return the page."""
    return _file(call.headers, "index.html")


def file(call: Call[FileName]) -> Response:
    """Return a file of the page. Raises `NotFound`."""
    return _file(call.headers, call.path.name)


def _file(headers: Mapping[str, str], name: str) -> Response:
    return FILES.get(name).respond(headers, {"content-security-policy": POLICY})
