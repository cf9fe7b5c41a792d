"""The page, and the files that it is made of: served from this host, and nothing from another."""

from pathlib import Path

from backend.api.messages import Response
from backend.api.operation import Call
from backend.api.static import Folder
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


class FileName(Schema):
    """The path of a file of the page."""

    name: str


class FileInFolder(FileName):
    """The path of a file in a folder of the page."""

    folder: str


def home(call: Call) -> Response:
    return _send(call, _OWN, "index.html")


def file(call: Call) -> Response:
    """Raises `NotFound`."""
    return _send(call, _OWN, call.path.name)


def file_in_folder(call: Call) -> Response:
    """Raises `NotFound`."""
    return _send(call, _OWN, f"{call.path.folder}/{call.path.name}")


def file_of_library(call: Call) -> Response:
    """Raises `NotFound`."""
    return _send(call, _VENDOR, f"{call.path.folder}/{call.path.name}")


def _send(call: Call, folder: Folder, name: str) -> Response:
    return folder.get(name).respond(call.headers, {"content-security-policy": POLICY})
