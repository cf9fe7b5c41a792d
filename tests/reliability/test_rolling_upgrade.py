"""Servers of two versions over one database, while one after the other is restarted."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from backend.core.errors import ConfigurationError
from backend.core.lifecycle import migrate, startup
from backend.core.lifecycle.migrate import State
from tests.servers import Client
from tests.waiting import PATIENCE, wait_until
from tests.world import LEAD, SECRET_KEY, World

ROOT = Path(__file__).resolve().parents[2]
MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None
ADDITIVE = {additive}


def upgrade() -> None:
    op.add_column("center", sa.Column("added_{revision}", sa.String))
"""


class NewerVersion:
    """A copy of the program that has further migrations, and runs in processes of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        self._head = migrate.HEAD
        self._settings = {
            **os.environ,
            "TOFA_ENV_FILE": os.devnull,
            "DATABASE_URL": url,
            "SECRET_KEY": SECRET_KEY,
            # A module that changes twice in a second would be taken for the same.
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        skipped = shutil.ignore_patterns("__pycache__", "vendor")
        shutil.copytree(ROOT / "backend", folder / "backend", ignore=skipped)

    def add(self, revision: str, *, additive: bool) -> None:
        """Write a new migration, and migrate the database."""
        source = MIGRATION.format(revision=revision, before=self._head, additive=additive)
        path = self._folder / "backend/migrations/versions" / f"{revision}_added.py"
        path.write_text(source)
        code = self._folder / "backend/core/lifecycle/migrate.py"
        new = re.sub(r'^HEAD = ".*"', f'HEAD = "{revision}"', code.read_text(), flags=re.M)
        code.write_text(new)
        self._head = revision
        subprocess.run(
            [sys.executable, "-m", "backend", "migrate"],
            cwd=self._folder,
            env=self._settings,
            check=True,
            timeout=PATIENCE,
        )

    def serve(self) -> "subprocess.Popen[str]":
        """Start its server, on a port that it prints."""
        return subprocess.Popen(
            [sys.executable, "-m", "backend", "serve", "--port", "0"],
            cwd=self._folder,
            env=self._settings,
            stdout=subprocess.PIPE,
            text=True,
        )


@pytest.mark.parametrize("adapter", ["fastapi"])
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.slow
def test_an_upgrade_in_rolling_order(
    serve: Callable[..., Client], world: World, tmp_path: Path
) -> None:
    """With a migration that only adds, both versions work; with another, only the new one."""
    old = serve()
    old.token = world.token(LEAD)
    assert old.get("/readyz").status == 200
    newer = NewerVersion(tmp_path, world.settings.url.render_as_string(hide_password=False))
    newer.add("0998", additive=True)
    assert old.get("/readyz").status == 200
    assert old.put("/leads/1?status=Called&comment=old").status == 200
    assert migrate.state(world.db) is State.AHEAD
    startup.make_tables(world.db, world.settings)  # an old server can still be restarted
    with pytest.raises(ConfigurationError, match="newer version"):
        migrate.upgrade(world.db, world.settings)
    with newer.serve() as process:
        try:
            assert process.stdout is not None
            port = re.search(r"http://127\.0\.0\.1:(\d+)", process.stdout.readline())
            assert port is not None
            new = Client(int(port[1]), token=old.token)
            wait_until(lambda: _is_ready(new))
            assert new.put("/leads/1?status=Called&comment=new").status == 200
            newer.add("0999", additive=False)
            assert old.get("/readyz").status == 503
            assert old.get("/healthz").status == 200
            assert "run `migrate`" in old.get("/readyz").json()["detail"]
        finally:
            process.terminate()
    said = old.get("/leads/1/history").body
    assert b"old" in said
    assert b"new" in said
    assert migrate.state(world.db) is State.NEWER
    with pytest.raises(ConfigurationError, match="newer version"):
        startup.make_tables(world.db, world.settings)


def _is_ready(client: Client) -> bool:
    with suppress(OSError):
        return client.get("/readyz").status == 200
    return False
