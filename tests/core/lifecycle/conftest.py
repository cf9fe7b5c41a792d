"""A database without tables, for tests of what makes and changes them."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from backend.core.db import Database
from backend.core.settings import Settings
from tests.world import settings_for


@pytest.fixture
def settings(database_url: str) -> Settings:
    return settings_for(database_url)


@pytest.fixture
def db(settings: Settings) -> Iterator[Database]:
    with closing(Database(settings.url)) as db:
        yield db
