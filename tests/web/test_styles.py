"""The style sheets: cascade layers decide what wins, and each color is given once."""

import re
from pathlib import Path

import pytest

from backend.api import page
from tests.web.app import APP

SHEETS = sorted((APP / "styles").glob("*.css"))
TOKENS = (APP / "styles" / "tokens.css").read_text(encoding="utf-8")


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.stem)
def test_layers_decide_and_not_importance(sheet: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert "!important" not in text
    # Everything in the sheet is in the layer of its name.
    rest = re.sub(r"^@layer [\w, ]+;", "", text.strip())
    assert rest.strip().startswith(f"@layer {sheet.stem} {{")
    assert len(re.findall(r"^[^\s}/]", rest.strip(), re.MULTILINE)) == 1


def test_the_layers_are_in_the_order_of_the_sheets() -> None:
    order = re.search(r"^@layer ([\w, ]+);", TOKENS, re.MULTILINE)
    assert order is not None
    assert tuple(order[1].split(", ")) == page._STYLES


def test_each_color_is_given_once_for_light_and_dark() -> None:
    colors = re.findall(r"--([\w-]+): light-dark\(", TOKENS)
    assert len(colors) > 25
    assert len(colors) == len(set(colors))
    assert "prefers-color-scheme" not in TOKENS
    assert re.findall(r"--[\w-]+: #", TOKENS) == []


def test_every_color_that_is_used_is_given() -> None:
    used = {
        name for sheet in SHEETS for name in re.findall(r"var\(--([a-z][\w-]*)", sheet.read_text())
    }
    given = {name for sheet in SHEETS for name in re.findall(r"--([\w-]+):", sheet.read_text())}
    assert used <= given
