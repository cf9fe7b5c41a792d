"""Centers and aliases of an older installation get keys, and all of them stay."""

from sqlalchemy import select
from sqlmodel import col

from backend.core.center_keys import center_key
from backend.core.centers import Directory
from backend.core.db import Database
from backend.core.lifecycle import migrate
from backend.migrations.center_keys import center_key as frozen_key
from backend.models import Center, CenterAlias
from tests.core.test_center_keys import SAME
from tests.data import legacy
from tests.world import settings_for

_CENTERS = (
    "INSERT INTO center (id, display_name, meta_tag_name, city, location) VALUES "
    "(901, 'Kompally', 'TOFA Kompally', '', ''), "
    "(902, 'KOMPALLY ', 'tofa  kompally', '', ''), "
    "(903, 'Miyapur', '\u200bTOFA Miyapur', '', '')",
    # Two that were different keys are the same now, and one gets the key that another one had.
    "INSERT INTO centeralias (key, text, center_id, created_at) VALUES "
    "('old-ground', 'Old-Ground', 901, '2026-11-01 00:00:00'), "
    "('old ground', 'Old ground', 903, '2026-11-02 00:00:00'), "
    "('zoë', 'Zoë', 903, '2026-11-02 00:00:00')",
)


def test_all_stay_and_are_found(database_url: str) -> None:
    settings = settings_for(database_url)
    db = Database(settings.url)
    legacy.make(database_url)
    migrate.upgrade(db, settings, "0009")
    legacy.execute(database_url, *_CENTERS)
    migrate.upgrade(db, settings)
    with db.read() as session:
        found = session.scalars(
            select(Center).where(col(Center.id) > 900).order_by(col(Center.id))
        ).all()
        assert [(one.name_key, one.tag_key) for one in found] == [
            ("kompally", "tofa kompally"), (None, None), ("miyapur", "tofa miyapur"),
        ]  # fmt: skip
        directory = Directory.read(session)
        texts = {
            "TOFA Kompally": 901, "tofa  kompally": 902, "TOFA-KOMPALLY": 901, "TOFA Miyapur": 903,
            "Old ground": 903, "Old-Ground": 901, "OLD  ground": 903, "zoe": 903,
        }  # fmt: skip
        assert {text: directory.find(text) for text in texts} == texts
        keys = session.scalars(select(col(CenterAlias.key))).all()
        assert {"old ground", "zoe"} < set(keys)
    db.close()


def test_the_migration_makes_the_keys_of_today() -> None:
    assert {frozen_key(text) for text in SAME.values()} == {center_key("TOFA Tellapur")}
