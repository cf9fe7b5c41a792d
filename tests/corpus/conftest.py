"""The academy that the corpus is sent to."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.core.db import Database
from backend.models import Center
from tests.world import World, settings_for


@pytest.fixture(scope="module")
def academy(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One academy with four centers, for all files of a module."""
    path = tmp_path_factory.mktemp("corpus") / "tofa.db"
    shutil.copy(sqlite_template, path)
    settings = settings_for(f"sqlite:///{path}")
    world = World(settings, Database(settings.url))
    with world.db.write() as session:
        for name in ("Kompally", "Miyapur"):
            session.add(Center(display_name=name, meta_tag_name=f"TOFA {name}", city="Hyderabad"))
    yield world
    world.db.close()
