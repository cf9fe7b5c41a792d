"""PostgreSQL is backed up and restored by the commands of docs/backup.md, word for word."""

import os
import re
import shlex
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from backend.core import audit
from backend.core.audit import Event, verifying
from backend.core.db import Database
from backend.core.leads import adding
from backend.core.leads.matching import Candidate
from backend.models import Source
from tests import postgres
from tests.dump import dump
from tests.world import EPOCH, TELLAPUR, World

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
PAGE = Path(__file__).parents[3] / "docs/backup.md"
PROGRAMS = ("pg_dump", "createdb", "pg_restore")
# The addresses on the page, and the database that its second command makes.
ADDRESS = "postgresql://tofa:PASSWORD@db.internal/tofa"
RESTORED = "tofa_restored"


def commands() -> list[str]:
    """Return the commands of the page, in order."""
    return re.findall(rf"^\$ ((?:{'|'.join(PROGRAMS)}) .*)$", PAGE.read_text(), re.M)


def run(line: str, url: str, folder: Path) -> None:
    server = make_url(url)
    name = f"{server.database}_restored"
    line = line.replace(f"{ADDRESS}_restored", str(server.set(database=name)))
    line = line.replace(ADDRESS, url).replace(RESTORED, name)
    program, *arguments = shlex.split(line.replace("--owner=tofa", f"--owner={server.username}"))
    where = {"PGHOST": str(server.host), "PGPORT": str(server.port), "PGUSER": str(server.username)}
    own = str(postgres.find_install() / "bin" / program)
    subprocess.run([own, *arguments], check=True, cwd=folder, env=os.environ | where)


def test_a_backup_from_before_an_upgrade_comes_back(
    world: World, postgres_server: postgres.Server, tmp_path: Path
) -> None:
    with world.db.write() as session:
        audit.record(session, Event.SIGNED_IN, by=1, address="203.0.113.7")
    before = dump(world.db)
    url = world.settings.database_url
    back_up, *restore = commands()
    assert [one.split()[0] for one in (back_up, *restore)] == [*PROGRAMS]
    run(back_up, url, tmp_path)
    with world.db.write() as session:
        # What a later version adds.
        session.execute(text("ALTER TABLE lead ADD COLUMN later text"))
        session.execute(text("CREATE TABLE later (lead_id integer REFERENCES lead)"))
        session.execute(text("UPDATE lead SET player_name = 'Later'"))
    for line in restore:
        run(line, url, tmp_path)
    new = make_url(url)
    restored = new.set(database=f"{new.database}_restored")
    try:
        with closing(Database(restored)) as db:
            assert dump(db) == before
            with db.read() as session:
                assert verifying.verify(session).fault is None
            with db.write() as session:
                added = Candidate(EPOCH, TELLAPUR, Source.MANUAL, player_name="Tara", phone="1")
                assert adding.add(session, added, "IN").lead_id > 0
    finally:
        postgres_server.drop_database(str(restored))
