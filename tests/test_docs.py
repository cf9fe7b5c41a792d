"""Every setting, command and route is documented, and every link in the docs leads somewhere."""

import argparse
import re
from pathlib import Path

import pytest

from backend.api.routes import OPERATIONS
from backend.core.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("examples/**/*.md")])


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def test_every_setting_is_documented() -> None:
    listed = re.findall(r"^\| `([A-Z_]+)` \|", page("settings.md"), re.MULTILINE)
    assert listed == [name.upper() for name in Settings.model_fields]


def test_every_route_is_documented() -> None:
    listed = re.findall(r"^\| `([A-Z]+ /\S*)` \|", page("api.md"), re.MULTILINE)
    documented = [f"{op.method} {op.path}" for op in OPERATIONS if op.documented]
    assert sorted(listed) == sorted(documented)


def test_every_command_is_documented() -> None:
    from backend.cli import make_parser

    (commands,) = (
        action.choices
        for action in make_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    listed = re.findall(r"^## `([\w-]+)", page("commands.md"), re.MULTILINE)
    assert sorted(listed) == sorted(commands)
    for name, parser in commands.items():
        for action in parser._actions:
            for option in action.option_strings:
                if option.startswith("--") and option != "--help":
                    assert f"`{option}" in page("commands.md"), f"{name} {option}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:", target):
            assert (path.parent / target).exists(), target


def test_every_decision_is_listed() -> None:
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", page("decisions/README.md"))
    kept = sorted(path.name for path in (ROOT / "docs/decisions").glob("[0-9]*.md"))
    assert listed == kept


@pytest.mark.parametrize(
    "path", sorted((ROOT / "docs/decisions").glob("[0-9]*.md")), ids=lambda path: path.name
)
def test_a_decision_names_what_keeps_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    _, _, keeps = text.partition("**What keeps it.**")
    assert keeps.strip()
    for named in re.findall(r"`((?:tests|backend)/[\w/.]+)`", text):
        assert (ROOT / named).exists(), named
