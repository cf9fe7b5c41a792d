"""Every icon that the web app draws is there, and no other."""

import re

from tests.web.app import MODULES, WEB, source

CODE = "\n".join(source(one) for one in MODULES)
KNOWN = set(
    re.findall(r'^  "([\w-]+)":', (WEB / "vendor/lucide/icons.js").read_text("utf-8"), re.MULTILINE)
)


def test_every_icon_is_there() -> None:
    named = set(re.findall(r'(?:Icon\} name=|icon[=:] ?)"([\w-]+)"', CODE))
    assert len(named) > 20
    assert named - KNOWN == set()


def test_no_icon_is_unused() -> None:
    assert {name for name in KNOWN if f'"{name}"' not in CODE} == set()
