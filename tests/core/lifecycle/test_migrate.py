"""A database of an older installation comes to today's form, in place: every row, every login."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import func, inspect, select, text
from sqlmodel import SQLModel, col

from backend.core import auth
from backend.core.accounts.sessions import Origin
from backend.core.db import Database
from backend.core.errors import ConfigurationError, IncorrectLogin
from backend.core.intake import webhook_access
from backend.core.leads import export_access
from backend.core.lifecycle import migrate, startup
from backend.core.lifecycle.migrate import State
from backend.core.reports import rollup
from backend.core.settings import Settings
from backend.models import Center, ChangedDay, Comment, DailyTotal, Lead, User, UserCenterLink
from tests.data import legacy
from tests.warm import Warm
from tests.world import settings_for

ROOT = Path(__file__).resolve().parents[3]

sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
postgresql_only = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

UPGRADE = """
import sys
from backend.core.db import Database
from backend.core.lifecycle import migrate
from backend.core.settings import load

settings = load(database_url=sys.argv[2], secret_key="k" * 40)
db = Database(settings.url)
print("ready", flush=True)
sys.stdin.readline()
print(migrate.upgrade(db, settings).name, flush=True)
"""


def make_migrated(database_url: str) -> None:
    settings = settings_for(database_url)
    legacy.make(database_url)
    with closing(Database(settings.url)) as db:
        assert migrate.upgrade(db, settings) is State.OLD


@pytest.fixture
def migrated(
    copy_of: Callable[[Callable[[str], None]], str],
) -> Iterator[tuple[Settings, Database]]:
    """An older installation's database, upgraded."""
    settings = settings_for(copy_of(make_migrated))
    with closing(Database(settings.url)) as db:
        yield settings, db


def differences(db: Database) -> list[object]:
    """Where the database's form is not that of the models; what a site has added is left out."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found: list[object] = []
        for difference in compare_metadata(context, SQLModel.metadata):
            # Changes of one column come as a list.
            steps = difference if isinstance(difference, list) else [difference]
            found += [step for step in steps if not step[0].startswith("remove_")]
        return found


def refused(db: Database, settings: Settings) -> str:
    """The sentence with which a migration is refused; nothing is changed."""
    before = legacy.dump(settings.database_url)
    with pytest.raises(ConfigurationError) as refusal:
        migrate.upgrade(db, settings)
    assert legacy.dump(settings.database_url) == before
    return str(refusal.value)


# Empty databases, and those of today


def test_only_an_older_installation_is_open(
    migrated: tuple[Settings, Database], tmp_path: Path
) -> None:
    """It was open to all who knew the address, and its forms send no token."""
    old_settings, old = migrated
    undecided = old_settings.model_copy(update={"webhook_open": None})
    assert webhook_access.is_open(webhook_access.decided(old, undecided))
    settings = settings_for(f"sqlite:///{tmp_path}/new.db", webhook_open=None)
    with closing(Database(settings.url)) as new:
        startup.prepare(new, settings)
        startup.prepare(new, settings)
        assert not webhook_access.is_open(webhook_access.decided(new, settings))


def test_only_observers_of_an_older_installation_export(
    migrated: tuple[Settings, Database], tmp_path: Path
) -> None:
    """They could, and someone may need it. Where there were none, nobody loses anything."""
    old_settings, old = migrated
    assert export_access.decided(old, old_settings).observers_export is True
    settings = settings_for(f"sqlite:///{tmp_path}/new.db")
    with closing(Database(settings.url)) as new:
        startup.prepare(new, settings)
        assert export_access.decided(new, settings).observers_export is False


def test_an_empty_database_gets_the_form_of_the_models(db: Database, settings: Settings) -> None:
    assert migrate.state(db) is State.EMPTY
    assert migrate.upgrade(db, settings) is State.EMPTY
    assert migrate.state(db) is State.CURRENT
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, SQLModel.metadata)
        # The index of the search, which is another thing on each database.
        assert [one for one in found if "leadsearch" not in str(one)] == []


def test_the_head_is_the_newest_step() -> None:
    steps = (ROOT / "backend" / "migrations" / "versions").glob("[0-9]*.py")
    assert max(step.name for step in steps).startswith(f"{migrate.HEAD}_")


def test_each_step_says_whether_it_only_adds() -> None:
    steps = (ROOT / "backend" / "migrations" / "versions").glob("[0-9]*.py")
    for step in steps:
        said = re.findall(r"^ADDITIVE = (True|False)$", step.read_text(), re.M)
        assert len(said) == (step.name[:4] >= migrate.KNOWN_SINCE), step.name


def test_a_second_time_changes_nothing(db: Database, settings: Settings) -> None:
    legacy.make(settings.database_url)
    assert migrate.upgrade(db, settings) is State.OLD
    before = legacy.dump(settings.database_url)
    assert migrate.upgrade(db, settings) is State.CURRENT
    assert legacy.dump(settings.database_url) == before


# What an installation has, stays


def test_the_form_is_that_of_the_models(migrated: tuple[Settings, Database]) -> None:
    _, db = migrated
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, SQLModel.metadata)
        # The index of the search, which is another thing on each database.
        assert [one for one in found if "leadsearch" not in str(one)] == []


def test_an_index_over_some_rows_has_the_condition_that_the_models_note(
    migrated: tuple[Settings, Database],
) -> None:
    _, db = migrated
    there = inspect(db.engine)

    def bare(condition: object) -> str:
        """Without the brackets and casts that PostgreSQL adds."""
        return re.sub(r"::[a-z]+|[()]", "", str(condition))

    where = f"{db.engine.name}_where"
    for name, table in SQLModel.metadata.tables.items():
        noted = {one.name: one.info["where"] for one in table.indexes if one.info}
        found = {
            one["name"]: bare(one["dialect_options"][where])
            for one in there.get_indexes(name)
            if where in one.get("dialect_options", {})
        }
        assert found == noted


def test_every_lead_stays(migrated: tuple[Settings, Database]) -> None:
    _, db = migrated
    with db.read() as session:
        leads = session.scalars(select(Lead).order_by(Lead.id)).all()  # type: ignore[arg-type]
    assert [lead.id for lead in leads] == [row[0] for row in legacy.LEADS]
    for lead, row in zip(leads, legacy.LEADS, strict=True):
        was = dict(zip(legacy.LEAD_FIELDS, row, strict=True))
        assert lead.id is not None
        assert lead.created_time == moment(legacy.CREATED_IN_UTC[lead.id])
        assert lead.next_followup_date == moment(legacy.FOLLOW_UP_IN_UTC[lead.id])
        for name in ("player_name", "player_age_category", "phone", "address", "status"):
            assert getattr(lead, name) == was[name]
        assert lead.center_id == was["center_id"]
        # What an older import wrote for a blank cell.
        assert lead.email == (None if was["email"] in ("", "NaN", "nan") else was["email"])
        assert lead.leadgen_id is None


def test_how_far_each_lead_came(db: Database, settings: Settings) -> None:
    """By its status alone, since there was no history; it was called when that was first noted."""
    legacy.make(settings.database_url)
    with db.engine.begin() as connection:
        for id, day in ((901, 5), (902, 4)):
            noted_then = f"({id}, 'Rang', '2026-11-0{day} 10:00:00', 1, 2)"
            connection.exec_driver_sql(
                f"INSERT INTO comment (id, text, timestamp, user_id, lead_id) VALUES {noted_then}"
            )
    migrate.upgrade(db, settings)
    called = {"Called", "Trial Scheduled", "Joined", "Dead/Not Interested"}
    with db.read() as session:
        noted: dict[int | None, datetime] = {}
        for comment in session.scalars(select(Comment)):
            noted[comment.lead_id] = min(
                comment.timestamp, noted.get(comment.lead_id, comment.timestamp)
            )
        leads = session.scalars(select(Lead)).all()
    assert {lead.id for lead in leads if lead.status in called} & noted.keys()
    for lead in leads:
        first = noted.get(lead.id, lead.created_time)
        assert lead.called_at == (first if lead.status in called else None)
        assert lead.joined_at == (lead.created_time if lead.status == "Joined" else None)
        assert (lead.lost_at is not None) == (lead.status == "Dead/Not Interested")


def test_the_days_of_all_leads_are_to_be_added_up(migrated: tuple[Settings, Database]) -> None:
    settings, db = migrated
    with db.read() as session:
        days = session.scalars(select(col(ChangedDay.day))).all()
        assert sorted(days) == sorted({text[:10] for text in legacy.CREATED_IN_UTC.values()})
    with db.write() as session:
        while rollup.refresh(session, settings.zone):
            pass
        by_source = select(func.sum(DailyTotal.leads)).where(col(DailyTotal.dimension) == "source")
        # Of 1970, when one of them came, there are no figures.
        assert session.scalar(by_source) == len(legacy.LEADS) - 1


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def test_every_comment_stays_and_its_time_is_utc(migrated: tuple[Settings, Database]) -> None:
    _, db = migrated
    with db.read() as session:
        comments = session.scalars(select(Comment).order_by(Comment.id)).all()  # type: ignore[arg-type]
    assert [(c.id, c.text, c.timestamp, c.user_id, c.lead_id) for c in comments] == [
        (id, text, moment(time), user_id, lead_id)
        for id, text, time, user_id, lead_id in legacy.COMMENTS
    ]


def test_every_person_and_center_stays(migrated: tuple[Settings, Database]) -> None:
    _, db = migrated
    with db.read() as session:
        users = session.scalars(select(User).order_by(User.id)).all()  # type: ignore[arg-type]
        centers = session.scalars(select(Center).order_by(Center.id)).all()  # type: ignore[arg-type]
        links = session.scalars(select(UserCenterLink)).all()
    assert [(u.id, u.email, u.hashed_password, u.role) for u in users] == [
        (id, email, hash, role) for id, email, _, hash, role in legacy.PEOPLE
    ]
    assert not any(user.disabled or user.token_version for user in users)
    assert [(c.id, c.display_name, c.meta_tag_name, c.city, c.location) for c in centers] == list(
        legacy.CENTERS
    )
    assert sorted((link.user_id, link.center_id) for link in links) == sorted(legacy.LINKS)


@pytest.mark.slow
def test_every_login_stays(migrated: tuple[Settings, Database]) -> None:
    """Also those of two people whose emails differ in nothing but their case."""
    settings, db = migrated
    for kind in ("with passlib's hash", "with the hash that took its place"):
        for id, email, password, _, role in legacy.PEOPLE:
            signed_in = auth.sign_in(db, settings, email, password, Origin("127.0.0.1"))
            assert signed_in["role"] == role, kind
            claims = auth.read_token(settings, f"Bearer {signed_in['access_token']}")
            with db.read() as session:
                assert auth.identify(session, claims).id == id
    assert all(
        hash.startswith("$argon2id$")
        for (hash,) in legacy.query(settings.database_url, 'SELECT hashed_password FROM "user"')
    )


@pytest.mark.slow
def test_an_email_in_another_case_is_the_first_one_s(migrated: tuple[Settings, Database]) -> None:
    settings, db = migrated
    auth.sign_in(db, settings, "COACH@tofa.example", "Tofa@2024", Origin("127.0.0.1"))
    auth.sign_in(db, settings, "spaces@tofa.example", "Tofa@2024", Origin("127.0.0.1"))
    with pytest.raises(IncorrectLogin):
        auth.sign_in(db, settings, "COACH@tofa.example", "short", Origin("127.0.0.1"))


def test_emails_whose_keys_would_meet(db: Database, settings: Settings) -> None:
    emails = ["a@x", "A@x", "a@x #2", " a@X", "a@x #4", "a@x #4 #4"]
    rows = ", ".join(f"({n}, '{email}', '', '', '')" for n, email in enumerate(emails, 1))
    legacy.make(settings.database_url, f'INSERT INTO "user" VALUES {rows}', rows=False)
    migrate.upgrade(db, settings)
    keys = legacy.query(settings.database_url, 'SELECT email_key FROM "user"')
    assert len(set(keys)) == len(emails)
    with db.read() as session:
        found = [auth.find(session, email) for email in emails]
    assert [user and user.email for user in found] == emails


def test_ids_go_on(migrated: tuple[Settings, Database]) -> None:
    _, db = migrated
    assert add_one_of_each(db) > max(row[0] for row in legacy.LEADS)


@postgresql_only
def test_ids_go_on_after_rows_that_brought_their_own(db: Database, settings: Settings) -> None:
    legacy.make(
        settings.database_url,
        *(f"SELECT setval('{t}_id_seq', 1, false)" for t in ("user", "center", "lead", "comment")),
    )
    migrate.upgrade(db, settings)
    assert add_one_of_each(db) == 21


def add_one_of_each(db: Database) -> int:
    """The id of the new lead."""
    with db.write() as session:
        center = Center(display_name="New", meta_tag_name="New", city="")
        user = User(email="n@x", email_key="n@x", hashed_password="", full_name="", role="")
        session.add_all((center, user))
        session.flush()
        lead = Lead(created_time=datetime.now(UTC), center_id=center.id)
        session.add(lead)
        session.flush()
        comment = Comment(text="", timestamp=datetime.now(UTC), user_id=user.id, lead_id=lead.id)
        session.add(comment)
        session.flush()
        assert lead.id is not None
        return lead.id


# A zone where clocks change, and SQLite's freedom with types


def test_times_of_a_zone_whose_clocks_change(db: Database, settings: Settings) -> None:
    legacy.make(
        settings.database_url,
        "UPDATE lead SET created_time = '2025-01-15 12:00:00.000000',"
        " next_followup_date = '2025-07-15 12:00:00.000000'",
    )
    migrate.upgrade(db, settings.model_copy(update={"timezone": "Europe/Berlin"}))
    with db.read() as session:
        lead = session.get_one(Lead, 1)
    assert lead.created_time == datetime(2025, 1, 15, 11, tzinfo=UTC)
    assert lead.next_followup_date == datetime(2025, 7, 15, 10, tzinfo=UTC)


@sqlite_only
@pytest.mark.parametrize(
    ("kept", "utc"),
    [
        ("2025-03-01 10:00", "2025-03-01 04:30:00.000000"),
        ("2025-03-01", "2025-02-28 18:30:00.000000"),
        ("2025-03-01T10:00:00", "2025-03-01 04:30:00.000000"),
        ("2025-03-01 10:00:00+00:00", "2025-03-01 10:00:00.000000"),
    ],
)
def test_a_time_written_otherwise(db: Database, settings: Settings, kept: str, utc: str) -> None:
    legacy.make(settings.database_url, f"UPDATE lead SET created_time = '{kept}' WHERE id = 4")
    migrate.upgrade(db, settings)
    rows = legacy.query(settings.database_url, "SELECT created_time FROM lead WHERE id = 4")
    assert rows == [(utc,)]


@sqlite_only
@pytest.mark.parametrize("kept", ["''", "'NaN'", "'0000-00-00'", "'0001-01-01'", "1700000000"])
def test_a_time_that_is_none(db: Database, settings: Settings, kept: str) -> None:
    legacy.make(settings.database_url, f"UPDATE lead SET next_followup_date = {kept} WHERE id = 9")
    sentence = refused(db, settings)
    shown = repr(kept.strip("'"))
    assert f"The table lead has {shown} as next_followup_date in the row 9" in sentence


@sqlite_only
@pytest.mark.slow
def test_an_index_over_the_times_does_not_move_them_twice(db: Database, settings: Settings) -> None:
    """More rows than one batch, behind an index that holds all that is read.

    West of Greenwich, where UTC is later: the rows move forward, to where they would be met again.
    """
    legacy.make(
        settings.database_url,
        "CREATE INDEX mine ON lead (created_time, next_followup_date)",
        """WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 12099)
        INSERT INTO lead (id, created_time, status)
        SELECT i, strftime('%Y-%m-%d %H:%M:%S.000000', 1700000000 + i * 60, 'unixepoch'), 'New'
        FROM n""",
    )
    migrate.upgrade(db, settings.model_copy(update={"timezone": "Etc/GMT+5"}))
    wrong = """SELECT id, created_time FROM lead WHERE id >= 100 AND created_time <>
        strftime('%Y-%m-%d %H:%M:%S.000000', 1700000000 + id * 60 + 18000, 'unixepoch')"""
    assert legacy.query(settings.database_url, wrong) == []


# Tables that are not quite those of today's models


def test_columns_that_may_be_null_and_need_not(db: Database, settings: Settings) -> None:
    url = settings.database_url
    legacy.make(url, replace=("VARCHAR NOT NULL", "VARCHAR"), rows=False)
    legacy.fill(url)
    legacy.execute(
        url,
        'UPDATE "user" SET full_name = NULL, role = NULL, hashed_password = NULL WHERE id = 3',
        "UPDATE center SET display_name = NULL, city = NULL, location = NULL WHERE id = 2",
        "UPDATE lead SET status = NULL WHERE id = 4",
        "UPDATE comment SET text = NULL WHERE id = 1",
    )
    migrate.upgrade(db, settings)
    assert differences(db) == []
    assert legacy.query(url, "SELECT status FROM lead WHERE id = 4") == [("New",)]
    assert legacy.query(url, "SELECT city FROM center WHERE id = 2") == [("",)]
    assert len(legacy.query(url, "SELECT * FROM lead")) == len(legacy.LEADS)


def test_times_that_are_null_and_may_not_be(db: Database, settings: Settings) -> None:
    """The time of the migration stands in, in UTC like every other."""
    url = settings.database_url
    time = "DATETIME" if db.is_sqlite(db.url) else "TIMESTAMP WITHOUT TIME ZONE"
    legacy.make(url, replace=(f"{time} NOT NULL", time), rows=False)
    legacy.fill(url)
    legacy.execute(
        url,
        "UPDATE lead SET created_time = NULL WHERE id = 4",
        "UPDATE comment SET timestamp = NULL WHERE id = 1",
    )
    before = datetime.now(UTC)
    migrate.upgrade(db, settings)
    assert differences(db) == []
    with db.read() as session:
        assert before <= session.get_one(Lead, 4).created_time <= datetime.now(UTC)
        assert before <= session.get_one(Comment, 1).timestamp <= datetime.now(UTC)


def test_columns_that_could_not_be_null(db: Database, settings: Settings) -> None:
    url = settings.database_url
    legacy.make(url, replace=("phone VARCHAR", "phone VARCHAR NOT NULL"), rows=False)
    legacy.execute(
        url, "INSERT INTO lead (id, created_time, phone, status) VALUES (8, '2025-01-01', '1', '')"
    )
    migrate.upgrade(db, settings)
    assert differences(db) == []
    assert legacy.query(url, "SELECT id, phone FROM lead") == [(8, "1")]


def test_an_email_that_is_missing(db: Database, settings: Settings) -> None:
    legacy.make(settings.database_url, replace=("email VARCHAR NOT NULL", "email VARCHAR"))
    legacy.execute(settings.database_url, 'UPDATE "user" SET email = NULL WHERE id = 7')
    assert "The table user has no email in the row 7" in refused(db, settings)


def test_unique_constraints_in_place_of_indexes(db: Database, settings: Settings) -> None:
    url = settings.database_url
    constrained = "role VARCHAR NOT NULL, UNIQUE (email),"
    legacy.make(url, "DROP INDEX ix_user_email", replace=("role VARCHAR NOT NULL,", constrained))
    migrate.upgrade(db, settings)
    assert differences(db) == []


@pytest.mark.parametrize(
    "made", ["", "CREATE INDEX ix_center_meta_tag_name ON center (meta_tag_name)"]
)
def test_an_index_that_is_not_unique(db: Database, settings: Settings, made: str) -> None:
    changes = ["DROP INDEX ix_center_meta_tag_name", *([made] if made else [])]
    legacy.make(settings.database_url, *changes)
    migrate.upgrade(db, settings)
    assert differences(db) == []


def test_a_tag_that_two_centers_have(db: Database, settings: Settings) -> None:
    """Found when the leads are changed already: all of that is taken back."""
    legacy.make(
        settings.database_url,
        "DROP INDEX ix_center_meta_tag_name",
        "UPDATE center SET meta_tag_name = 'TOFA' WHERE id IN (2, 5)",
    )
    sentence = refused(db, settings)
    assert "The table center has the meta_tag_name 'TOFA' twice, in the rows 2 and 5" in sentence
    legacy.execute(settings.database_url, "UPDATE center SET meta_tag_name = 'B' WHERE id = 5")
    assert migrate.upgrade(db, settings) is State.OLD


def test_an_index_of_our_name_over_something_else(db: Database, settings: Settings) -> None:
    made = "CREATE INDEX ix_lead_center_id ON lead (center_id, status)"
    legacy.make(settings.database_url, made)
    assert "The index ix_lead_center_id is not over lead.center_id alone" in refused(db, settings)


@postgresql_only
def test_columns_of_other_types(db: Database, settings: Settings) -> None:
    """Enumerations of PostgreSQL's own, texts with a longest length, dates without a time."""
    url = settings.database_url
    legacy.make(
        url,
        "CREATE TYPE rolename AS ENUM ('team_lead', 'observer', 'team_member')",
        "UPDATE \"user\" SET role = 'observer' WHERE role NOT LIKE 'team\\_%'",
        "ALTER TABLE \"user\" ALTER role TYPE rolename USING role::rolename",
        "ALTER TABLE \"user\" ALTER role SET DEFAULT 'observer'",
        "CREATE TYPE leadstatus AS ENUM ('New', 'Called')",
        "UPDATE lead SET status = 'Called' WHERE status <> 'New'",
        "ALTER TABLE lead ALTER status TYPE leadstatus USING status::leadstatus",
        "ALTER TABLE lead ALTER status SET DEFAULT 'New'",
        "ALTER TABLE lead ALTER phone TYPE VARCHAR(20), ALTER address TYPE TEXT",
        "ALTER TABLE lead ALTER next_followup_date TYPE DATE",
    )  # fmt: skip
    migrate.upgrade(db, settings)
    assert differences(db) == []
    types = """SELECT column_name, data_type, character_maximum_length
        FROM information_schema.columns
        WHERE table_schema = 'public' AND column_name IN ('role', 'status', 'phone', 'address')"""
    assert {row[1:] for row in legacy.query(url, types)} == {("character varying", None)}
    assert legacy.query(url, 'SELECT role FROM "user" WHERE id = 2') == [("team_member",)]
    with db.read() as session:
        lead = session.get_one(Lead, 20)
    assert lead.status == "Called"
    assert lead.next_followup_date == datetime(2025, 6, 15, 18, 30, tzinfo=UTC)
    add_one_of_each(db)


@postgresql_only
def test_times_that_have_their_offset_already(db: Database, settings: Settings) -> None:
    legacy.make(
        settings.database_url,
        "ALTER TABLE lead ALTER created_time TYPE TIMESTAMPTZ "
        "USING created_time AT TIME ZONE 'Asia/Kolkata'",
    )
    migrate.upgrade(db, settings)
    with db.read() as session:
        assert session.get_one(Lead, 1).created_time == moment(legacy.CREATED_IN_UTC[1])


# What a site has added stays


@pytest.mark.slow
def test_what_a_site_has_added_stays(db: Database, settings: Settings) -> None:
    url = settings.database_url
    legacy.make(
        url,
        "ALTER TABLE lead ADD COLUMN source VARCHAR DEFAULT 'walk-in'",
        "UPDATE lead SET source = 'fair' WHERE id = 4",
        "CREATE INDEX by_phone ON lead (phone, source)",
        "CREATE UNIQUE INDEX by_source ON lead (id) WHERE source = 'fair'",
        "CREATE TABLE visit (id INTEGER PRIMARY KEY, lead_id INTEGER REFERENCES lead (id))",
        "INSERT INTO visit VALUES (1, 4)",
    )
    before = form_of_the_sites_own(url)
    migrate.upgrade(db, settings)
    assert legacy.query(url, "SELECT source FROM lead WHERE id = 4") == [("fair",)]
    assert legacy.query(url, "SELECT * FROM visit") == [(1, 4)]
    assert form_of_the_sites_own(url) == before
    assert differences(db) == []
    add_one_of_each(db)


def form_of_the_sites_own(url: str) -> list[str]:
    mine = re.compile(r"\b(by_\w+|visit\w*|after_\w+)\b")
    return sorted(line for line in legacy.dump(url) if mine.search(line) and "CREATE" in line)


@sqlite_only
@pytest.mark.slow
def test_what_a_site_has_added_stays_where_a_table_is_rebuilt(
    db: Database, settings: Settings
) -> None:
    """SQLite changes whether a column can be null only by recreating the table."""
    url = settings.database_url
    checked = "phone VARCHAR NOT NULL CHECK (length(phone) < 99),"
    legacy.make(url, replace=("phone VARCHAR,", checked), rows=False)
    legacy.execute(
        url,
        "INSERT INTO lead (id, created_time, phone, status) VALUES (8, '2025-01-01', '1', '')",
        "INSERT INTO comment (id, text, timestamp, lead_id) VALUES (1, '', '2025-01-01', 8)",
        "CREATE TABLE visit (id INTEGER PRIMARY KEY, lead_id INTEGER REFERENCES lead (id))",
        "INSERT INTO visit VALUES (1, 8)",
        "CREATE INDEX by_lower ON lead (lower(phone))",
        "CREATE INDEX by_part ON lead (phone) WHERE status = 'New'",
        "CREATE VIEW visit_view AS SELECT phone FROM lead",
        "CREATE TRIGGER after_lead AFTER INSERT ON lead BEGIN "
        "INSERT INTO visit (lead_id) VALUES (new.id); END",
    )
    before = form_of_the_sites_own(url)
    migrate.upgrade(db, settings)
    assert form_of_the_sites_own(url) == before
    assert legacy.query(url, "SELECT * FROM visit_view") == [("1",)]
    legacy.execute(url, "INSERT INTO lead (created_time, status) VALUES ('2025-01-01', '')")
    assert legacy.query(url, "SELECT lead_id FROM visit") == [(8,), (9,)]
    with db.read() as session, pytest.raises(Exception, match="CHECK"):
        session.connection().execute(
            text(
                "INSERT INTO lead (created_time, status, phone) VALUES ('', '', hex(zeroblob(99)))"
            )
        )


@sqlite_only
def test_ids_that_are_never_given_twice_stay_so(db: Database, settings: Settings) -> None:
    url = settings.database_url
    legacy.make(
        url,
        "CREATE TABLE old AS SELECT * FROM lead",
        "DROP TABLE lead",
        """CREATE TABLE lead (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
            created_time DATETIME, player_name VARCHAR, player_age_category VARCHAR,
            phone VARCHAR, email VARCHAR, address VARCHAR, status VARCHAR NOT NULL,
            next_followup_date DATETIME, center_id INTEGER REFERENCES center (id))""",
        "INSERT INTO lead SELECT * FROM old",
        "DROP TABLE old",
    )
    migrate.upgrade(db, settings)
    assert differences(db) == []
    made = "SELECT sql FROM sqlite_master WHERE name = 'lead'"
    assert "AUTOINCREMENT" in legacy.query(url, made)[0][0]


@sqlite_only
def test_rows_that_point_nowhere_stay(db: Database, settings: Settings) -> None:
    """SQLite does not check keys unless it is told to, and installations did not tell it."""
    url = settings.database_url
    legacy.make(url, "INSERT INTO comment VALUES (50, 'lost', '2025-01-01', 99, 99)")
    migrate.upgrade(db, settings)
    assert legacy.query(url, "SELECT text FROM comment WHERE lead_id = 99") == [("lost",)]


@pytest.mark.parametrize("name", ["attempt", "leadevent"])
def test_a_table_of_the_sites_own_that_is_in_the_way(
    db: Database, settings: Settings, name: str
) -> None:
    legacy.make(settings.database_url, f"CREATE TABLE {name} (id INTEGER)")
    assert f"TOFA CRM needs a table {name}" in refused(db, settings)


def test_a_column_of_the_sites_own_that_is_in_the_way(db: Database, settings: Settings) -> None:
    """Found late, by the database itself: its own words are passed on, and all is taken back."""
    legacy.make(settings.database_url, "ALTER TABLE lead ADD COLUMN leadgen_id VARCHAR")
    sentence = refused(db, settings)
    assert sentence.startswith("The database can't be upgraded")
    assert "leadgen_id" in sentence


@postgresql_only
def test_a_view_that_is_in_the_way(db: Database, settings: Settings) -> None:
    legacy.make(settings.database_url, "CREATE VIEW recent AS SELECT created_time FROM lead")
    assert "view recent depends on" in refused(db, settings)


# Databases that are not migrated


@pytest.mark.slow
def test_a_start_on_an_old_database_asks_to_migrate(db: Database, settings: Settings) -> None:
    legacy.make(settings.database_url)
    before = legacy.dump(settings.database_url)
    assert migrate.state(db) is State.OLD
    with pytest.raises(ConfigurationError, match="run `python -m backend migrate`"):
        startup.prepare(db, settings)
    assert legacy.dump(settings.database_url) == before
    migrate.upgrade(db, settings)
    startup.prepare(db, settings)


def test_a_database_of_the_first_step(db: Database, settings: Settings) -> None:
    legacy.make(
        settings.database_url,
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)",
        "INSERT INTO alembic_version VALUES ('0001')",
    )
    assert migrate.state(db) is State.OLD
    assert migrate.upgrade(db, settings) is State.OLD
    assert differences(db) == []


def test_a_newer_database(db: Database, settings: Settings) -> None:
    migrate.upgrade(db, settings)
    legacy.execute(settings.database_url, "UPDATE alembic_version SET version_num = '9999'")
    sentence = "This database was made by a newer version of TOFA CRM: update the program."
    assert refused(db, settings) == sentence
    with pytest.raises(ConfigurationError, match=sentence):
        startup.prepare(db, settings)


@pytest.mark.parametrize("table", ["user", "center", "lead", "comment", "usercenterlink"])
def test_a_database_that_has_lost_a_table(db: Database, settings: Settings, table: str) -> None:
    cascade = "" if db.is_sqlite(db.url) else " CASCADE"
    legacy.make(settings.database_url, f'DROP TABLE "{table}"{cascade}')
    assert f"has lost tables of TOFA CRM ({table})" in refused(db, settings)


@pytest.mark.parametrize(
    "statements",
    [
        ['CREATE TABLE "user" (id INTEGER PRIMARY KEY, login VARCHAR)'],
        [
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)",
            "INSERT INTO alembic_version VALUES ('4b5c2a')",
        ],
    ],
)
def test_a_database_of_another_program(
    db: Database, settings: Settings, statements: list[str]
) -> None:
    legacy.execute(settings.database_url, *statements)
    assert refused(db, settings).startswith("This database is another program's")
    with pytest.raises(ConfigurationError, match="another program's"):
        startup.prepare(db, settings)


def test_a_table_of_another_program(db: Database, settings: Settings) -> None:
    legacy.make(settings.database_url, replace=("full_name VARCHAR", "name VARCHAR"))
    assert "The table user has no column full_name" in refused(db, settings)


def test_tables_of_others_beside(db: Database, settings: Settings) -> None:
    """A database that is shared with other programs counts as empty without our tables."""
    legacy.execute(settings.database_url, "CREATE TABLE invoice (id INTEGER)")
    assert migrate.upgrade(db, settings) is State.EMPTY
    assert differences(db) == []


# Others at the same time


@pytest.mark.slow
def test_two_at_once(db: Database, settings: Settings, warm: Warm) -> None:
    """One migrates; the other waits for it, and finds it done."""
    url = settings.database_url
    legacy.make(url)
    with closing(legacy.connect(url)) as holder:
        if db.is_sqlite(db.url):
            # In the mode that the program uses, so that neither waits to get into it.
            holder.execute("PRAGMA journal_mode = WAL")
            holder.execute("BEGIN IMMEDIATE")
        else:
            holder.execute("SELECT pg_advisory_xact_lock(%s)", (migrate._LOCK,))
        migrations = [warm.start(["tests.run_code", UPGRADE, url], os.environ) for _ in range(2)]
        for migration in migrations:
            assert migration.stdout is not None
            assert migration.stdout.readline() == b"ready\n"
            assert migration.stdin is not None
            migration.stdin.write(b"\n")
        assert not any(migration.has_ended for migration in migrations)
        holder.rollback()
    said = [migration.finish().strip() for migration in migrations]
    assert sorted(said) == [b"CURRENT", b"OLD"]
    assert differences(db) == []


@sqlite_only
def test_a_reader_meanwhile(db: Database, settings: Settings) -> None:
    """It goes on to see the old database, until its transaction ends."""
    url = settings.database_url
    legacy.make(url)
    with closing(legacy.connect(url)) as reader:
        reader.execute("PRAGMA journal_mode = WAL")
        reader.execute("BEGIN")
        first = "SELECT created_time FROM lead WHERE id = 1"
        assert reader.execute(first).fetchall() == [(legacy.LEADS[0][1],)]
        assert migrate.upgrade(db, settings) is State.OLD
        assert reader.execute(first).fetchall() == [(legacy.LEADS[0][1],)]
        reader.rollback()
        assert reader.execute(first).fetchall() == [(legacy.CREATED_IN_UTC[1],)]


@sqlite_only
def test_a_reader_that_is_in_the_way(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without WAL, one who reads keeps all others from writing."""
    monkeypatch.setattr("backend.core.database.engines.SQLITE_BUSY_TIMEOUT", 0.1)
    legacy.make(settings.database_url)
    db = Database(settings.url)
    with closing(legacy.connect(settings.database_url)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM lead").fetchall()
        assert "database is locked" in refused(db, settings)
    assert migrate.upgrade(db, settings) is State.OLD
    db.close()
