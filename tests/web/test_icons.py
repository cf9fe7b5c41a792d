"""The icons that the page draws are there, and no others."""

import re
from pathlib import Path

WEB = Path(__file__).resolve().parents[2] / "backend" / "web"
CODE = "\n".join(path.read_text(encoding="utf-8") for path in sorted((WEB / "app").rglob("*.js")))
KNOWN = set(
    re.findall(r'^  "([\w-]+)":', (WEB / "vendor/lucide/icons.js").read_text("utf-8"), re.MULTILINE)
)


def test_icons_are_there() -> None:
    named = set(re.findall(r'(?:Icon\} name=|icon[=:] ?)"([\w-]+)"', CODE))
    assert len(named) > 20
    assert named - KNOWN == set()


def test_no_icon_is_left_over() -> None:
    assert {name for name in KNOWN if f'"{name}"' not in CODE} == set()
