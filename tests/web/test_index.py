"""What the first page needs is asked for at once, and nothing else is."""

import posixpath
import re
from pathlib import Path

WEB = Path(__file__).resolve().parents[2] / "backend" / "web"
INDEX = (WEB / "app" / "index.html").read_text(encoding="utf-8")
IMPORTS = re.compile(r'^(?:import|export|\}).*?from "(\.[^"]+)"', re.MULTILINE)


def file(address: str) -> Path:
    name = address.removeprefix("/web/")
    return WEB / name if name.startswith("vendor/") else WEB / "app" / name


def needed(*addresses: str) -> set[str]:
    """The modules, and all that they import."""
    found: set[str] = set()
    waiting = list(addresses)
    while waiting:
        address = waiting.pop()
        if address in found:
            continue
        found.add(address)
        named = IMPORTS.findall(file(address).read_text(encoding="utf-8"))
        waiting += [posixpath.normpath(f"{posixpath.dirname(address)}/{name}") for name in named]
    return found


def test_modules_of_the_first_page_are_preloaded() -> None:
    scripts = re.findall(r'<script type="module" src="([^"]+)"', INDEX)
    preloaded = re.findall(r'<link rel="modulepreload" href="([^"]+)"', INDEX)

    # The texts are imported by the language of who reads them, which for most is this one.
    wanted = needed("/web/app.js", "/web/pages/next.js") | {"/web/texts/en.js"}
    assert sorted([*scripts, *preloaded]) == sorted(wanted)


def test_api_needs_no_other_module() -> None:
    # It asks for what the first page shows while the others still come.
    assert needed("/web/api.js") == {"/web/api.js"}


def test_every_sheet_is_part_of_the_one_that_is_sent() -> None:
    from backend.api import page

    assert {f"{name}.css" for name in page._STYLES} == {
        path.name for path in (WEB / "app" / "styles").iterdir()
    }
