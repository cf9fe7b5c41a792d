"""No test replaces a private name: it would hold what no caller can see, and break with it.

What a test has to replace has a public name, such as a function of a module or a constant.
"""

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
# What replaces a name, and what may be in front of a private one.
REPLACING = {"setattr", "delattr", "patch", "object", "multiple"}
PRIVATE = re.compile(r"(?:.*\.)?_(?!_)\w+")


def faults(name: str, source: str) -> Iterator[str]:
    """Yield what is wrong, in the code that a test runs in another process as well."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name(node.func) in REPLACING:
            for given in (*node.args, *(one.value for one in node.keywords)):
                if isinstance(given, ast.Constant) and _is_private(given.value):
                    yield f"{name}:{node.lineno} replaces {given.value!r}"
            yield from (
                f"{name}:{node.lineno} replaces a name of {ast.unparse(given)}"
                for given in node.args[:1]
                if isinstance(given, ast.Attribute) and _is_private(given.attr)
            )
        elif isinstance(node, ast.Constant) and str(node.value).startswith("\nimport "):
            # Some has gaps to fill, which make it no code yet.
            with suppress(SyntaxError):
                yield from faults(f"{name}:{node.lineno}", str(node.value))


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _is_private(name: object) -> bool:
    return isinstance(name, str) and PRIVATE.fullmatch(name) is not None


def test_a_test_replaces_public_names_only() -> None:
    assert [
        fault
        for path in sorted(TESTS.rglob("*.py"))
        if path != Path(__file__)
        for fault in faults(path.relative_to(TESTS).as_posix(), path.read_text(encoding="utf-8"))
    ] == []


@pytest.mark.parametrize(
    "line",
    [
        'monkeypatch.setattr(graph_client, "_deadline", None)',
        'monkeypatch.setattr("backend.core.auth._now", None)',
        'monkeypatch.setattr(workbook._Pipe, "read", None)',
        'monkeypatch.delattr(os, "_exit")',
        'mock.patch("backend.core.auth._now")',
        'mock.patch.object(auth, attribute="_now")',
        'CODE = "\\nimport os\\nsetattr(os, \\"_exit\\", None)"',
    ],
)
def test_what_is_found(line: str) -> None:
    assert list(faults("test_x.py", line)) != []


@pytest.mark.parametrize(
    "line",
    [
        'monkeypatch.setattr(times, "now", None)',
        'monkeypatch.setattr("backend.core.auth.REFUSAL_TIME", 0.0)',
        'monkeypatch.setattr(module, "__file__", None)',
        'monkeypatch.setattr(auth, name, lambda: "_x")',
    ],
)
def test_what_is_not(line: str) -> None:
    assert list(faults("test_x.py", line)) == []
