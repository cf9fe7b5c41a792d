"""The page, and the files that it is made of: served from this host, and nothing from another."""

import hashlib
from functools import cache
from pathlib import Path

from backend.api.messages import Response
from backend.api.operation import Call
from backend.api.static import TYPES, Asset, Folder
from backend.schemas.fields import Schema

_WEB = Path(__file__).resolve().parents[1] / "web"
_OWN = Folder(_WEB / "app")
_VENDOR = Folder(_WEB / "vendor")

# Nothing is inline, and nothing comes from elsewhere. Its files have the policy of all answers.
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

# In this order, and sent as one: each sheet by itself would be a way to the server and back.
_STYLES = ("tokens", "base", "shell", "components", "parts", "pages")
_SHEET = "styles.css"
_VENDORED = "vendor/"


class FileName(Schema):
    """The path of a file of the page, with or without `~` and the version before it."""

    name: str


def home(call: Call) -> Response:
    """The page. The files that it names have its version in their addresses."""
    return _home().respond(call.headers, {"content-security-policy": POLICY})


def file(call: Call[FileName]) -> Response:
    """A file, which a cache may keep for good under its version. Raises `NotFound`.

    Under another version than today's it is today's file, not to be kept: a page that was open
    while the server was renewed goes on.
    """
    version, name = _split(call.path.name)
    return _find(name).respond(call.headers, for_good=version == _version())


def _split(name: str) -> tuple[str | None, str]:
    if not name.startswith("~"):
        return None, name
    version, _, rest = name[1:].partition("/")
    return version, rest


def _find(name: str) -> Asset:
    if name == _SHEET:
        return _styles()
    if name.startswith(_VENDORED):
        return _VENDOR.get(name.removeprefix(_VENDORED))
    return _OWN.get(name)


@cache
def _home() -> Asset:
    content = _OWN.get("index.html").content
    addressed = content.replace(b'"/web/', f'"/web/~{_version()}/'.encode())
    return Asset(addressed, TYPES[".html"])


@cache
def _styles() -> Asset:
    sheets = (_OWN.get(f"styles/{name}.css") for name in _STYLES)
    return Asset(b"".join(sheet.content for sheet in sheets), TYPES[".css"])


@cache
def _version() -> str:
    """Of all files together: whatever changes, they are loaded anew as a whole."""
    whole = hashlib.sha256()
    for folder in (_OWN, _VENDOR):
        for name, path in sorted(folder.paths.items()):
            whole.update(f"{name}\0{path.stat().st_size}\0".encode())
            whole.update(path.read_bytes())
    return whole.hexdigest()[:12]
