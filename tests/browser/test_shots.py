"""The pictures of the docs: one of every page there is."""

from pathlib import Path

from tests.browser import shots

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "backend" / "web" / "app" / "pages"


def test_every_page_has_its_pictures() -> None:
    # A page is a module that the router loads by its name.
    assert sorted(shots.PAGES) == sorted(path.stem for path in MODULES.glob("*.js"))
