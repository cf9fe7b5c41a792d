"""Every text that the web app uses is in the catalogue, and every text there is used."""

import re
from pathlib import Path

import pytest

from tests.web.app import APP, MODULES, source

CODE = "\n".join(source(one) for one in MODULES if not one.startswith("texts/"))
CATALOGUES = sorted((APP / "texts").glob("*.js"))

_ENTRY = re.compile(
    r'^  "([^"]+)":\s*(?:("(?:[^"\\]|\\.)*")|\{(.*?)\}),$', re.MULTILINE | re.DOTALL
)
_FORM = re.compile(r'(\w+): "([^"]*)"')
_PLACE = re.compile(r"\{(\w+)\}")
_WHOLE = re.compile(r'\bt\(\s*"([^"]+)"')
# The start and the end of a key whose middle depends on the data: t(`nav.${name}`).
_PARTS = re.compile(r"\bt\(\s*`([^`$]*)\$\{[^`]*?\}([^`${}]*)`")
_LABEL = re.compile(r'\blabel(?:Or)?\("(\w+)"')


def entries(catalogue: Path) -> dict[str, dict[str, str]]:
    """Return the plural forms of each text; one that has none has the form `other`."""
    found = _ENTRY.findall(catalogue.read_text(encoding="utf-8"))
    return {
        key: dict(_FORM.findall(forms)) if forms else {"other": text[1:-1]}
        for key, text, forms in found
    }


# Found once: the code is long, and there are a thousand keys.
_STARTS_AND_ENDS = frozenset(
    part
    for part in (*_PARTS.findall(CODE), *((f"{name}.", "") for name in _LABEL.findall(CODE)))
    if part[0]
)
# A group that is named by itself, as `reached: "stage"`.
_GROUPS = frozenset(re.findall(r'\w+: "(\w+)"', CODE))


def used(key: str) -> bool:
    return (
        f'"{key}"' in CODE
        or key.partition(".")[0] in _GROUPS
        or any(key.startswith(start) and key.endswith(end) for start, end in _STARTS_AND_ENDS)
    )


each_catalogue = pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.stem)


@each_catalogue
def test_there_is_one_text_a_line(catalogue: Path) -> None:
    text = catalogue.read_text(encoding="utf-8")
    keys = re.findall(r'^  "([^"]+)":', text, re.MULTILINE)
    assert len(keys) > 250
    assert keys == list(entries(catalogue))
    assert len(keys) == len(set(keys))


@each_catalogue
def test_no_text_is_missing(catalogue: Path) -> None:
    known = set(entries(catalogue))
    wanted = set(_WHOLE.findall(CODE))
    assert len(wanted) > 100
    assert wanted - known == set()
    for start, end in _PARTS.findall(CODE):
        assert any(key.startswith(start) and key.endswith(end) for key in known), (start, end)


@each_catalogue
def test_no_text_is_unused(catalogue: Path) -> None:
    assert {key for key in entries(catalogue) if not used(key)} == set()


@each_catalogue
def test_plural_forms_have_the_same_placeholders(catalogue: Path) -> None:
    for key, forms in entries(catalogue).items():
        if len(forms) == 1:
            continue
        assert "other" in forms, key
        places = {frozenset(_PLACE.findall(text)) for text in forms.values()}
        assert len(places) == 1, key
        assert "count" in next(iter(places)), key


def test_a_count_has_plural_forms() -> None:
    single = {
        key: forms["other"]
        for key, forms in entries(APP / "texts/en.js").items()
        if len(forms) == 1
    }
    assert [key for key, text in single.items() if "{count}" in text] == []


def test_languages_have_the_same_texts() -> None:
    assert len({frozenset(entries(catalogue)) for catalogue in CATALOGUES}) == 1


def test_every_language_is_offered() -> None:
    offered = re.search(r"LANGUAGES = \[(.*?)\]", source("texts.js"))
    assert offered is not None
    assert set(re.findall(r'"(\w+)"', offered[1])) == {path.stem for path in CATALOGUES}
