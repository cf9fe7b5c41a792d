"""The docs are complete and true: settings, commands, routes, links, and the map of the code."""

import argparse
import re
from pathlib import Path

import pytest
from sqlmodel import SQLModel

import backend.models  # noqa: F401  its tables
from backend.api.routes import OPERATIONS
from backend.core.audit import Event
from backend.core.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
# The documents that code refers to.
CODE = [
    path
    for folder in ("backend", "benchmarks", "examples", "tests")
    for path in (ROOT / folder).rglob("*.py")
]
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


def test_every_table_is_in_the_page_on_personal_data() -> None:
    told = page("privacy.md")
    assert [name for name in SQLModel.metadata.tables if f"`{name}`" not in told] == []


def test_every_event_of_the_audit_trail_is_documented() -> None:
    assert [one for one in Event if f"`{one}`" not in page("audit.md")] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_work(path: Path) -> None:
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
def test_a_decision_says_what_keeps_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    _, _, keeps = text.partition("**What keeps it.**")
    assert keeps.strip()
    for named in re.findall(r"`((?:tests|backend)/[\w/.]+)`", text):
        assert (ROOT / named).exists(), named


def test_documents_that_code_mentions_exist() -> None:
    for path in CODE:
        for name in re.findall(r"docs/[\w/-]+\.md", path.read_text(encoding="utf-8")):
            assert (ROOT / name).exists(), f"{path.relative_to(ROOT)}: {name}"


# The map of the code


def architecture(heading: str) -> str:
    """Return one section of the architecture page."""
    _, _, rest = page("architecture.md").partition(f"## {heading}\n")
    return rest.partition("\n## ")[0]


def test_the_map_names_every_module() -> None:
    rows = re.findall(
        r"^\| `(backend/[\w/]*)` \| [^|]+ \| ([^|]*) \|$", architecture("The parts"), re.M
    )
    mapped = {folder: re.findall(r"`(\w+)`", modules) for folder, modules in rows}
    there: dict[str, list[str]] = {}
    for path in sorted((ROOT / "backend").rglob("*.py")):
        modules = there.setdefault(f"{path.parent.relative_to(ROOT).as_posix()}/", [])
        if path.name != "__init__.py":
            modules.append(path.stem)
    assert mapped == there


def test_the_walks_name_files_that_exist() -> None:
    text = page("architecture.md")
    for name in re.findall(r"`?((?:core|api)/[\w/]+(?:\.py|/))`?", text):
        assert (ROOT / "backend" / name).exists(), name


def test_where_is_each_thing() -> None:
    rows = re.findall(r"^\| (Where .+\?) \| (.+) \|$", architecture("Where is …?"), re.M)
    assert len(rows) >= 30
    assert len({question for question, _ in rows}) == len(rows)
    for question, files in rows:
        names = re.findall(r"`([\w/.]+)`", files)
        assert names, question
        assert all((ROOT / name).is_file() for name in names), question
