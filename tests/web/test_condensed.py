"""What the server leaves out of modules and style sheets changes nothing of what they do."""

import re

import pytest

from backend.api import page
from tests.web.app import APP, MODULES, WEB, source
from tests.web.javascript import templates, tokens

_COMMENT = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|/\*.*?\*/""", re.DOTALL)


def served(name: str) -> str:
    return page._find(name).content.decode()


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_the_same_program(module: str) -> None:
    # Where it imports from is changed afterwards: see test_linking.py.
    assert tokens(page._code(module)) == tokens(source(module))


def test_the_service_worker_is_the_same_program() -> None:
    worker = (WEB / "worker" / "sw.js").read_text(encoding="utf-8")
    sent = page._service_worker().content.decode()

    assert tokens(sent.partition("\n")[2]) == tokens(worker)


@pytest.mark.parametrize("module", MODULES)
def test_only_html_has_lines_whose_indentation_is_left_out(module: str) -> None:
    assert [one for one in templates(source(module)) if not one.startswith("html`")] == []


def test_the_style_sheet_has_all_rules() -> None:
    sheets = "".join((APP / f"styles/{name}.css").read_text("utf-8") for name in page._STYLES)

    assert words(served("styles.css")) == words(sheets)


def words(sheet: str) -> list[str]:
    return _COMMENT.sub(lambda found: found[1] or " ", sheet).split()


@pytest.mark.parametrize(
    ("code", "read"),
    [
        ("a = 1; // one\n/* two */ b", ["a", "=", "1", ";", "\n", "b"]),
        ('x("// no comment")', ["x", "(", '"// no comment"', ")"]),
        ("t`a\n  // b ${c({ d: `e` })} /* f */`", [
            "t", "`a\n// b ${", "c", "(", "{", "d", ":", "`e`", "}", ")", " /* f */`",
        ]),
        ("a / b; c(/[/*]\\/`/g)", ["a", "/", "b", ";", "c", "(", "/[/*]\\/`/g", ")"]),
    ],
)  # fmt: skip
def test_tokens(code: str, read: list[str]) -> None:
    assert tokens(code) == read


def test_what_would_be_lost_is_noticed() -> None:
    code = "t`a\n// b\nc`"

    assert tokens(page._condensed(code.encode()).decode()) != tokens(code)
