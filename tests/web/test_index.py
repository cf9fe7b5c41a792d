"""What the first page needs is requested at once, and nothing else is."""

import re

from backend.api import page
from tests.web.app import APP, WEB, imports, later_imports

INDEX = (APP / "index.html").read_text(encoding="utf-8")
DOCS = (WEB / "docs" / "index.html").read_text(encoding="utf-8")


def needed(*modules: str) -> set[str]:
    """Return the modules, and everything that they import."""
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += imports(module)
    return found


def test_the_modules_of_the_first_page_are_preloaded() -> None:
    scripts = re.findall(r'<script type="module" src="web/([^"]+)"', INDEX)
    preloaded = re.findall(r'<link rel="modulepreload" href="web/([^"]+)"', INDEX)

    # The texts are imported by the reader's language, which is this one for most.
    wanted = needed("app.js") | {"texts/en.js"}
    assert sorted([*scripts, *preloaded, *page.joined()]) == sorted(wanted)


def test_the_api_module_runs_as_soon_as_it_is_there() -> None:
    # Its requests come before what they don't need. Without `async` it waits for the page's end.
    first = re.search(r"<script[^>]*>|<link rel=\"(?:stylesheet|modulepreload)\"[^>]*>", INDEX)
    assert first is not None
    assert first[0] == '<script type="module" src="web/api.js" async>'


def test_the_api_module_needs_no_other() -> None:
    # It requests what the first page shows while the other modules are still loading.
    assert needed("api.js") == {"api.js"}


def test_every_style_sheet_is_part_of_the_one_that_is_sent() -> None:
    assert {f"{name}.css" for name in page._STYLES} == {
        path.name for path in (APP / "styles").iterdir()
    }


def test_no_address_starts_at_the_root_of_the_host() -> None:
    # The web app may be served below a path prefix, such as https://example.com/crm/.
    addresses = re.findall(r'(?:href|src)="([^"]+)"', INDEX + DOCS)
    assert len(addresses) > 10
    assert [one for one in addresses if one.startswith("/") or "//" in one] == []


def test_what_opens_without_a_network_is_whole() -> None:
    kept = page.offline_modules()
    # These come with `app.js`.
    kept |= {*page.joined()}
    own = {name for name in kept if not name.startswith("vendor/")}
    assert kept >= needed("app.js", "pages/lead.js", "pages/outbox.js")
    for name in own:
        assert imports(name) <= kept, name
        # Pages are named by their address, and texts by the reader's language.
        later = {one for one in later_imports(name) if not one.startswith(("pages/", "texts/"))}
        assert later <= kept, name
    pages = {name for name in kept if name.startswith("pages/")}
    assert pages == {"pages/next.js", "pages/lead.js", "pages/outbox.js"}
