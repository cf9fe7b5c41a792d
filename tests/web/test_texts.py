"""Every text of the page stands in the catalogue, and every text of the catalogue is used."""

import re
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parents[2] / "backend" / "web" / "app"
CODE = "\n".join(
    path.read_text(encoding="utf-8") for folder in ("", "pages", "components")
    for path in sorted((APP / folder).glob("*.js"))
)  # fmt: skip
CATALOGUES = sorted((APP / "texts").glob("*.js"))

_ENTRY = re.compile(r'(?:"([^"]+)"|\b(\w+)): "')
_WHOLE = re.compile(r'\bt\("([^"]+)"')
# What a key begins and ends with, where a part of it is told by the data: `nav.${name}`.
_PARTLY = re.compile(r"\bt\(`([^`$]*)\$\{[^`]*?\}([^`${}]*)`")
_NAMED = re.compile(r'\bnamed\("(\w+)"')


def keys(catalogue: Path) -> set[str]:
    found = _ENTRY.findall(catalogue.read_text(encoding="utf-8"))
    return {quoted or bare for quoted, bare in found}


def used(key: str) -> bool:
    if f'"{key}"' in CODE:
        return True
    # As `stage` in `named(GROUP[name], value)`: the group is named by itself.
    group = key.partition(".")[0]
    parts = {*_PARTLY.findall(CODE), *((f"{name}.", "") for name in _NAMED.findall(CODE))}
    return any(
        key.startswith(start) and key.endswith(end) for start, end in parts if start
    ) or bool(re.search(rf'\w+: "{group}"', CODE))


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.stem)
def test_no_text_is_missing(catalogue: Path) -> None:
    known = keys(catalogue)
    wanted = set(_WHOLE.findall(CODE))
    assert len(wanted) > 100
    assert wanted - known == set()
    for start, end in _PARTLY.findall(CODE):
        assert any(key.startswith(start) and key.endswith(end) for key in known), (start, end)


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.stem)
def test_no_text_is_left_over(catalogue: Path) -> None:
    assert {key for key in keys(catalogue) if not used(key)} == set()


def test_languages_have_the_same_texts() -> None:
    assert len({frozenset(keys(catalogue)) for catalogue in CATALOGUES}) == 1


def test_every_language_is_offered() -> None:
    offered = re.search(r"LANGUAGES = \[(.*?)\]", (APP / "words.js").read_text(encoding="utf-8"))
    assert offered is not None
    assert set(re.findall(r'"(\w+)"', offered[1])) == {path.stem for path in CATALOGUES}
