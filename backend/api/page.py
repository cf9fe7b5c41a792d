"""The page, and the files that it is made of: served from this host, and nothing from another."""

import re
from functools import cache
from pathlib import Path

from backend.api.messages import Response
from backend.api.operation import Call
from backend.api.static import TYPES, Asset, Folder
from backend.schemas.fields import Schema

_WEB = Path(__file__).resolve().parents[1] / "web"
_OWN = Folder(_WEB / "app")
_VENDOR = Folder(_WEB / "vendor")

# Nothing is inline, and nothing comes from elsewhere.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

# Web Awesome's pieces are many, and named after what is in them: none has to be asked for twice.
_NAMED_BY_CONTENT = re.compile(r"webawesome/chunks/chunk\.[0-9A-Z]{8}\.js")


# In this order, and sent as one: each sheet by itself would be a way to the server and back.
_STYLES = ("tokens", "base", "shell", "components", "parts", "pages")


class FileName(Schema):
    """The path of a file of the page."""

    name: str


class FileInFolder(FileName):
    """The path of a file in a folder of the page."""

    folder: str


def home(call: Call) -> Response:
    return _send(call, _OWN, "index.html")


@cache
def _styles() -> Asset:
    sheets = (_OWN.get(f"styles/{name}.css") for name in _STYLES)
    return Asset(b"".join(sheet.content for sheet in sheets), TYPES[".css"])


def styles(call: Call) -> Response:
    return _styles().respond(call.headers, {"content-security-policy": POLICY})


def file(call: Call) -> Response:
    """Raises `NotFound`."""
    return _send(call, _OWN, call.path.name)


def file_in_folder(call: Call) -> Response:
    """Raises `NotFound`."""
    return _send(call, _OWN, f"{call.path.folder}/{call.path.name}")


def file_of_library(call: Call) -> Response:
    """Raises `NotFound`."""
    return _send(call, _VENDOR, call.path.name)


def _send(call: Call, folder: Folder, name: str) -> Response:
    headers = {"content-security-policy": POLICY}
    if folder is _VENDOR and _NAMED_BY_CONTENT.fullmatch(name):
        headers["cache-control"] = "public, max-age=31536000, immutable"
    return folder.get(name).respond(call.headers, headers)
