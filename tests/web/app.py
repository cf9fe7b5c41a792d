"""The modules of the web app, and which of them import each other."""

import posixpath
import re
from pathlib import Path

WEB = Path(__file__).resolve().parents[2] / "backend" / "web"
APP = WEB / "app"
MODULES = sorted(path.relative_to(APP).as_posix() for path in APP.rglob("*.js"))

_STATIC = re.compile(r'^(?:import|export|\}).*?from "(\.[^"]+)"', re.MULTILINE)
_DYNAMIC = re.compile(r'\bimport\(["`](\.[^"`]+)["`]\)')


def source(module: str) -> str:
    """Return the text of a module, named by its path below `app/` or `vendor/`."""
    folder = WEB if module.startswith("vendor/") else APP
    return (folder / module).read_text(encoding="utf-8")


def imports(module: str) -> set[str]:
    """Return the modules that a module imports when it is loaded."""
    return {_resolve(module, name) for name in _STATIC.findall(source(module))}


def later_imports(module: str) -> set[str]:
    """Return the modules that a module imports on demand."""
    found: set[str] = set()
    for name in _DYNAMIC.findall(source(module)):
        pattern = re.sub(r"\$\{[^}]*\}", "[^/]+", _resolve(module, name).replace(".", r"\."))
        found |= {one for one in MODULES if re.fullmatch(pattern, one)}
    return found


def _resolve(module: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(module), name))
