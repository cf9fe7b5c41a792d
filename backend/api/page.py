"""Serve the web app and its files. Nothing comes from another host."""

import hashlib
import posixpath
import re
from functools import cache
from pathlib import Path

import orjson

from backend.api import linking
from backend.api.messages import Response
from backend.api.operation import Call
from backend.api.static import TYPES, Asset, Folder
from backend.schemas.fields import Schema

_WEB = Path(__file__).resolve().parents[1] / "web"
_OWN = Folder(_WEB / "app")
_WORKER = _WEB / "worker" / "sw.js"
_VENDOR = Folder(_WEB / "vendor")

# Nothing is inline, and nothing comes from another host.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

# The style sheets in order. They are sent as one file, to save round trips.
_STYLES = ("tokens", "base", "shell", "components", "parts", "pages")
_SHEET = "styles.css"
_VENDORED = "vendor/"
# The entry point is sent with the modules that it imports, for the same reason.
_ENTRY = "app.js"
# Not with them: the module that asks for data while the others load, and those in other forms than
# `linking.py` knows.
_ALONE = {"api.js", "html.js", "texts.js"}
# What a browser doesn't need: comments that begin a line or name a type, and indentation.
_COMMENTS = re.compile(
    rb"^[ \t]*(?:/\*(?:(?!\*/).)*\*/|//[^\n]*\n)|/\*\* @(?:(?!\*/).)*\*/ ?",
    re.MULTILINE | re.DOTALL,
)
# What opens without a network: with these modules, all that they import. The texts are imported by
# the reader's language, and pages by their address.
_OFFLINE = ("app.js", "pages/lead.js", "pages/outbox.js", "texts/en.js")
_FILES = ("styles.css", "icon.svg")
_IMPORTED = re.compile(r'(?:\bfrom |\bimport\()"(\.[^"]+)"')
_INDENTATION = re.compile(rb"\n[ \t\n]+")


class FileName(Schema):
    """The path of a file of the web app, with or without `~` and the version in front."""

    name: str


def home(call: Call) -> Response:
    """Return the web app's page. The addresses of its files include the version."""
    return _home().respond(call.headers, {"content-security-policy": POLICY})


def file(call: Call[FileName]) -> Response:
    """Return a file of the web app. With the current version it can be cached permanently.

    With another version the current file is returned, and not cached, so that an open web app keeps
    working while the server is upgraded. Raises `NotFound`.
    """
    version, name = _split(call.path.name)
    return _find(name).respond(call.headers, for_good=version == _version())


def service_worker(call: Call) -> Response:
    """Return the service worker. It is new whenever a file of the web app is.

    Its address decides which pages it serves: those below its own folder.
    """
    return _service_worker().respond(call.headers, {"content-security-policy": POLICY})


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
    return _module(name) if name.endswith(".js") else _OWN.get(name)


@cache
def _module(name: str) -> Asset:
    """Return a module of ours as it is sent: see `linking.py`."""
    if name == _ENTRY:
        code = linking.join(joined(), _ENTRY, _code)
    else:
        code = linking.link(name, _code(name), {*joined()}, _ENTRY)
    return Asset(code.encode(), TYPES[".js"])


@cache
def joined() -> tuple[str, ...]:
    """Return the modules that are sent with the entry point, in the order in which they run."""
    own = linking.needed(_ENTRY, lambda name: "" if _is_alone(name) else _code(name))
    return tuple(name for name in own if name != _ENTRY and not _is_alone(name))


def _is_alone(name: str) -> bool:
    return name in _ALONE or name.startswith(_VENDORED)


def _code(name: str) -> str:
    """Return the code of a module of ours without comments and indentation."""
    return _condensed(_OWN.get(name).content).decode()


@cache
def _home() -> Asset:
    content = _OWN.get("index.html").content
    addressed = content.replace(b'"web/', f'"web/~{_version()}/'.encode())
    return Asset(addressed, TYPES[".html"])


@cache
def _styles() -> Asset:
    sheets = (_OWN.get(f"styles/{name}.css") for name in _STYLES)
    return Asset(_condensed(b"".join(sheet.content for sheet in sheets)), TYPES[".css"])


@cache
def _service_worker() -> Asset:
    shell = orjson.dumps({"version": _version(), "files": sorted({*_FILES, *offline_modules()})})
    code = b"globalThis.SHELL = " + shell + b";\n" + _condensed(_WORKER.read_bytes())
    return Asset(code, TYPES[".js"])


def offline_modules() -> set[str]:
    """Return the modules that are kept for opening without a network."""
    found: set[str] = set()
    waiting = [*_OFFLINE]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        folder = posixpath.dirname(name)
        imported = _IMPORTED.findall(_find(name).content.decode())
        waiting += [posixpath.normpath(posixpath.join(folder, other)) for other in imported]
    return found


def _condensed(code: bytes) -> bytes:
    return _INDENTATION.sub(b"\n", _COMMENTS.sub(b"", code))


@cache
def _version() -> str:
    """Return the version of all files together, so that browsers reload all of them at once."""
    whole = hashlib.sha256()
    # As they are sent: browsers must also get what was condensed or joined in another way.
    sent = [(name, _find(name).content) for name in (*_OWN.paths, _SHEET)]
    # These are large, and most are never asked for.
    kept = [(name, path.read_bytes()) for name, path in _VENDOR.paths.items()]
    for name, content in sorted(sent + kept):
        whole.update(f"{name}\0{len(content)}\0".encode())
        whole.update(content)
    return whole.hexdigest()[:12]
