"""Keys of names that no index takes are shortened before an index is made over them."""

from sqlalchemy import select
from sqlmodel import col

from backend.core.db import Database
from backend.core.leads import match_keys
from backend.core.lifecycle import migrate
from backend.core.settings import Settings
from backend.models import Lead
from tests.data import legacy

# As long as nothing that a server compresses well.
NAME = "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(10_000))


def test_long_names_have_the_keys_of_today(db: Database, settings: Settings) -> None:
    migrate.upgrade(db, settings, "0037")
    for id, name in ((1, NAME), (2, "zoya")):
        legacy.execute(
            settings.database_url,
            "INSERT INTO lead (id, created_time, status, player_name, name_key, search_indexed) "
            f"VALUES ({id}, '2026-11-02 04:30:00', 'New', '{name}', '{name}', true)",
        )
    migrate.upgrade(db, settings)
    with db.read() as session:
        found = session.scalars(select(Lead).order_by(col(Lead.id))).all()
    assert [one.name_key for one in found] == [match_keys.name_key(NAME), "zoya"]
    assert len(found[0].name_key) < len(NAME)
