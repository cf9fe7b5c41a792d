"""The documentation's page: Swagger UI over the OpenAPI document, from this host alone."""

from functools import cache
from pathlib import Path

from backend.api import openapi
from backend.api.messages import Response
from backend.api.operation import Call
from backend.api.static import TYPES, Asset, Folder
from backend.schemas.fields import Schema

_WEB = Path(__file__).resolve().parents[1] / "web"
FILES = Folder(_WEB / "docs", _WEB / "vendor" / "swagger-ui")

# Swagger UI sets styles on its elements and has icons in `data:` addresses; scripts, requests and
# all else come from this host.
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
    return _file(call, "index.html")


def file(call: Call) -> Response:
    """Raises `NotFound`."""
    return _file(call, call.path.name)


def document(call: Call) -> Response:
    return _document().respond(call.headers)


def _file(call: Call, name: str) -> Response:
    return FILES.get(name).respond(call.headers, {"content-security-policy": POLICY})


@cache
def _document() -> Asset:
    return Asset(openapi.document(), TYPES[".json"])
