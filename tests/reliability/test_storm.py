"""No lead is lost: a whole installation in a storm of notifications, and killed in the midst of it.

The full size is `python -m benchmarks intake`, or here `--leads 5000 --kills 50`.
"""

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import text

from backend.core.db import Database
from benchmarks import academy, processes
from benchmarks.databases import Databases
from benchmarks.intake import BETWEEN, LEADS, storm
from benchmarks.rig import Faults, check, unsound
from tests.postgres import Server
from tests.warm import Warm

KINDS = ("sqlite", "postgresql")
# Each server and each database once per test, and each pair of them once in all.
STORMS = (("sqlite", "fastapi"), ("postgresql", "flask"))
KILLS = (("sqlite", "flask"), ("postgresql", "fastapi"))
# What a killed worker leaves behind is taken up after so many seconds.
CLAIM = 2.0

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="there is no kill -9")


@pytest.fixture(autouse=True)
def without_imports(warm: Warm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start processes without their imports, which would take most of the time."""
    monkeypatch.setattr(processes, "start", warm.start)


@pytest.fixture
def databases(postgres_server: Server) -> Iterator[Databases]:
    with Databases(postgres_server) as made:
        yield made


@pytest.mark.parametrize(("kind", "server"), STORMS)
def test_a_storm(kind: str, server: str, databases: Databases, pytestconfig: pytest.Config) -> None:
    """Notifications come one to five times in any order, and the graph host throttles and fails."""
    leads = pytestconfig.getoption("--leads")
    result = storm(databases, kind, server, leads, faults=Faults(hang=0, throttle=0.02, fail=0.1))
    assert result.wrong == []


@pytest.mark.parametrize(("kind", "server"), KILLS)
def test_kills(kind: str, server: str, databases: Databases, pytestconfig: pytest.Config) -> None:
    """`kill -9` of the server and of workers: what was acknowledged is here, once."""
    leads, kills = pytestconfig.getoption("--leads"), pytestconfig.getoption("--kills")
    between = BETWEEN if leads >= LEADS else BETWEEN / 3
    faults = Faults(hang=0, claim=CLAIM)
    result = storm(databases, kind, server, leads, kills, faults, between)
    assert result.kills == kills
    assert result.wrong == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_check_finds_what_is_wrong(kind: str, databases: Databases) -> None:
    url = academy.build(databases.create_with_tables(kind), 5).url
    assert check(url, set()) == []
    damage = {
        "1 acknowledged leads are missing: [7]": "SELECT 1",
        "1 leads don't have exactly one event 'created'": "DELETE FROM leadevent WHERE lead_id = 1",
        "1 phones have more than one lead": (
            "UPDATE lead SET phone_key = (SELECT phone_key FROM lead WHERE id = 1) WHERE id = 2"
        ),
        "1 leads have no origin": "UPDATE lead SET leadgen_id = '1000000000000001' WHERE id = 3",
        "1 deliveries are not processed": (
            "INSERT INTO delivery (source, state, received_at, body)"
            " VALUES ('meta', 'retrying', '2026-11-02 04:30:00', '')"
        ),
    }
    with closing(Database(academy.settings_for(url).url)) as db, db.write() as session:
        for sql in damage.values():
            session.connection().execute(text(sql))
    assert sorted(check(url, {7})) == sorted(damage)
    assert unsound(url) == []
