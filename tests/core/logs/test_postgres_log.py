"""What PostgreSQL itself logs of people, without and with the settings of docs/monitoring.md."""

import json
import re
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import insert, make_url
from sqlalchemy.exc import IntegrityError, OperationalError

from backend.core.database.limits import Kinds
from backend.core.db import Database
from backend.core.errors import Busy
from backend.core.intake import webhook
from backend.core.intake.webhook import Posted
from backend.core.rate_limits import Throttle
from backend.models import User
from tests import postgres
from tests.world import MEMBER, World, settings_for

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
PAGE = Path(__file__).parents[3] / "docs/monitoring.md"
NAME = "Zoe Qzxkhan"


def documented(role: str, database: str) -> list[sql.Composed]:
    """Return the page's statements, for one database of a role that others use, too."""
    section = PAGE.read_text().partition("### PostgreSQL's log\n")[2]
    block = section.partition("```sql\n")[2].partition("```")[0]
    found = re.findall(r"^ALTER ROLE tofa SET (\w+) = (.+);$", block, re.M)
    assert len(found) == len(block.strip().split("\n"))
    alter = sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}")
    return [
        alter.format(*map(sql.Identifier, (role, database, name)), sql.SQL(value))
        for name, value in found
    ]


def fail(world: World) -> None:
    """Let an enquiry wait too long for a table, and add an account that is there already."""
    url = world.settings.database_url
    settings = settings_for(url, db_lock_seconds=0.05)
    body = {"phone_number": "9848099001", "full_name": NAME, "nearest_center": "TOFA Tellapur"}
    headers = {"content-type": "application/json"}
    posted = Posted(json.dumps(body).encode(), headers, None, "203.0.113.7")
    with closing(Database(settings.url, 2, Kinds.of(settings))) as db:
        with psycopg.connect(url) as other:
            other.execute("LOCK TABLE lead IN ACCESS EXCLUSIVE MODE")
            with pytest.raises((Busy, OperationalError)):
                webhook.receive(db, settings, Throttle(db), posted)
        again = {"email": MEMBER, "email_key": MEMBER, "full_name": NAME, "hashed_password": "x"}
        with pytest.raises(IntegrityError), db.write() as session:
            session.execute(insert(User).values(**again, role="observer"))


# The settings of a role count from the next connection on.
@pytest.mark.new_database
def test_what_it_logs(world: World, postgres_server: postgres.Server) -> None:
    log = postgres_server.folder / "log"
    fail(world)
    before = log.read_text()
    assert NAME in before
    assert MEMBER in before
    url = make_url(world.settings.database_url)
    with psycopg.connect(world.settings.database_url, autocommit=True) as admin:
        for statement in documented(str(url.username), str(url.database)):
            admin.execute(statement)
    fail(world)
    since = log.read_text().removeprefix(before)
    assert "lock timeout" in since
    assert "duplicate key" in since
    for text in (NAME, "9848099001", MEMBER):
        assert text not in since
