"""A database that is used again is like a new one: nothing of the test before is left in it."""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from sqlalchemy import text

from backend.core.db import Database
from backend.models import Center
from tests import again
from tests.dump import dump
from tests.kept import MANY, TIMES, Copies
from tests.postgres import Server, name_of
from tests.world import make_tables, settings_for

# Of any test that isn't about rows: each of these is more than a restore takes back.
CHANGES = (
    "CREATE TABLE mine (id int)",
    "ALTER TABLE lead ADD COLUMN mine text",
    "ALTER TABLE lead ALTER COLUMN phone SET DEFAULT '1'",
    "ALTER TABLE lead ALTER COLUMN status DROP NOT NULL",
    "DROP INDEX ix_lead_source",
    "CREATE INDEX mine ON lead (address)",
    "ALTER TABLE lead DISABLE TRIGGER ALL",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE TYPE mine AS ENUM ('one')",
    "DROP TABLE alembic_version",
    "TRUNCATE alert",
    "ANALYZE center",
    "SELECT lo_create(0)",
    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = ''1MB''', current_database());"
    " END $$",
)


@pytest.fixture(scope="module")
def template(postgres_server: Server) -> str:
    url = postgres_server.create_database()
    make_tables(url)
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO center (display_name, meta_tag_name, city) VALUES (%s, 'a', '(b,\"c')",
            ['O\'Neill \\ "Zoë"'],
        )
    return url


@pytest.fixture
def copies(postgres_server: Server) -> Iterator[Copies]:
    made = Copies(postgres_server)
    yield made
    made.close()


def opened(url: str) -> Database:
    return Database(settings_for(url).url)


def add_center(db: Database, name: str) -> int | None:
    with db.write() as session:
        center = Center(display_name=name, meta_tag_name=name, city="")
        session.add(center)
        session.flush()
        return center.id


def test_rows_and_numbers_are_restored(copies: Copies, template: str) -> None:
    url = copies.take(template)
    with closing(opened(url)) as db:
        before = dump(db)
        assert before["center"]
        number = add_center(db, "Tellapur")
        with db.write() as session:
            session.execute(text("UPDATE center SET city = 'Pune' WHERE id = 1"))
            session.execute(text("DELETE FROM alembic_version"))
        assert dump(db) != before
    copies.give_back(url)
    assert copies.take(template) == url
    with closing(opened(url)) as db:
        assert dump(db) == before
        with db.read() as session:
            assert session.scalar(text("SELECT count(*) FROM alembic_version")) == 1
        assert add_center(db, "Tellapur") == number
    copies.give_back(url)


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_more_than_rows_makes_it_go(copies: Copies, template: str, change: str) -> None:
    url = copies.take(template)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(change.encode())
    copies.give_back(url)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


def test_it_goes_when_it_was_large_or_used_often(copies: Copies, template: str) -> None:
    url = copies.take(template)
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO center (display_name, meta_tag_name, city)"
            " SELECT 'c' || n, 'c' || n, '' FROM generate_series(1, %s) n",
            [MANY],
        )
    copies.give_back(url)
    used = []
    for _ in range(TIMES + 1):
        used.append(copies.take(template))
        copies.give_back(used[-1])
    assert url not in used
    assert len(set(used)) == 2


def test_two_at_once_are_apart(copies: Copies, template: str) -> None:
    first, second = copies.take(template), copies.take(template)
    assert first != second
    for url in (first, second):
        copies.give_back(url)


def test_a_new_one_is_of_no_other_test(copies: Copies, template: str) -> None:
    used = copies.take(template)
    copies.give_back(used)
    url = copies.take(template, is_new=True)
    assert url != used
    assert again.of(name_of(url)) is None
    copies.give_back(url)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


def test_who_is_still_connected_is_ended(copies: Copies, template: str) -> None:
    url = copies.take(template)
    with psycopg.connect(url) as left:
        left.execute("LOCK TABLE center")
        copies.give_back(url)
        with pytest.raises(psycopg.OperationalError):
            left.execute("SELECT 1")
    assert copies.take(template) == url
    copies.give_back(url)


def test_a_connection_is_as_good_as_new(copies: Copies, template: str) -> None:
    url = copies.take(template)

    def told(db: Database, *before: str) -> list[object]:
        with db.engine.connect() as connection:
            for statement in before:
                connection.exec_driver_sql(statement)
            connection.commit()
            answers = [
                connection.exec_driver_sql(f"SELECT {asked}").scalar()
                for asked in (
                    "pg_backend_pid()",
                    "current_setting('work_mem')",
                    "(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')",
                    "to_regclass('mine')",
                )
            ]
            driver = connection.connection.driver_connection
            assert driver is not None
            return [*answers, driver.autocommit, driver.isolation_level, driver.read_only]

    with closing(opened(url)) as db:
        process, *usual = told(db)
        assert told(
            db,
            "SET work_mem = '1MB'",
            "SELECT pg_advisory_lock(7)",
            "CREATE TEMP TABLE mine (x int)",
        ) != [process, *usual]
    with closing(opened(url)) as db:
        assert told(db) == [process, *usual]
    copies.give_back(url)


def test_a_connection_that_is_broken_is_not_used_again(copies: Copies, template: str) -> None:
    url = copies.take(template)
    with closing(opened(url)) as db:
        with db.read() as session:
            process = session.scalar(text("SELECT pg_backend_pid()"))
        with psycopg.connect(url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 60000)", [process])
    with closing(opened(url)) as db, db.read() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) != process
    copies.give_back(url)
