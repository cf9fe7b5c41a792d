"""The import graph of the web app: no cycles, and each part knows only the parts below it."""

import pytest

from tests.web.app import MODULES, imports, later_imports

# What each folder can import, in addition to itself. Everything may use the modules at the top.
ALLOWED: dict[str, set[str]] = {
    "ui": set(),
    "centers": {"ui"},
    "leads": {"ui", "centers"},
    "imports": {"ui"},
    "intake": {"ui", "centers"},
    "reports": {"ui"},
    "account": {"ui"},
    "settings": {"ui", "centers", "leads", "account"},
    "shell": {"ui", "leads", "account"},
    "pages": {"ui", "centers", "leads", "imports", "intake", "reports", "settings", "account"},
    "texts": set(),
}
GRAPH = {
    one: {to for to in imports(one) | later_imports(one) if not to.startswith("vendor/")}
    for one in MODULES
}


def folder(module: str) -> str | None:
    return module.partition("/")[0] if "/" in module else None


def test_there_are_no_cycles() -> None:
    left = dict(GRAPH)
    while done := {one for one, to in left.items() if not to & left.keys()}:
        left = {one: to for one, to in left.items() if one not in done}
    assert left == {}


def test_the_graph_is_complete() -> None:
    assert sum(map(len, GRAPH.values())) > 150
    assert {to for each in GRAPH.values() for to in each} <= set(MODULES)
    assert "shell/palette.js" in GRAPH["shell/shell.js"]
    assert "pages/next.js" in GRAPH["app.js"]


@pytest.mark.parametrize("module", [one for one in MODULES if folder(one)])
def test_a_part_imports_only_what_it_may(module: str) -> None:
    own = folder(module)
    assert own is not None
    reached = {part for part in map(folder, GRAPH[module]) if part is not None}
    assert reached <= ALLOWED[own] | {own}


def test_every_module_is_used() -> None:
    used = {to for each in GRAPH.values() for to in each}
    assert set(MODULES) - used == {"app.js"}
