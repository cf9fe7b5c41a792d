"""The command `meta`: leads from Meta whose notifications never arrived."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from backend.cli import main
from backend.core.db import Database
from backend.core.settings import load
from backend.models import Delivery
from tests import graph_host
from tests.graph_host import FIRST_LEAD, FORM, GraphHost, make_lead
from tests.world import PASSWORD, SECRET_KEY, make_tables


@pytest.fixture
def host(
    copy_of: Callable[[Callable[[str], None]], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[GraphHost]:
    """Set up a database with the tables and nothing else, and a fake graph host."""
    monkeypatch.setenv("DATABASE_URL", copy_of(make_tables))
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)
    monkeypatch.setenv("TOFA_ENV_FILE", str(tmp_path / "no.env"))
    monkeypatch.setenv("META_ACCESS_TOKEN", "EAAtoken")
    yesterday = time.time() - 24 * 3600
    with GraphHost({FORM: [make_lead(number, yesterday) for number in range(3)]}) as host:
        monkeypatch.setenv("META_GRAPH_URL", host.url)
        yield host


def leadgen_ids() -> list[str | None]:
    db = Database(load().url)
    with db.read() as session:
        found = list(session.scalars(select(col(Delivery.leadgen_id)).order_by(col(Delivery.id))))
    db.close()
    return found


def test_backfill(host: GraphHost, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["meta", "backfill"]) == 0
    assert capsys.readouterr().out == "No forms are known yet. Choose one with --form.\n"
    assert main(["meta", "backfill", "--form", FORM]) == 0
    assert capsys.readouterr().out == f"Form {FORM}: 3 leads read, 3 new.\n"
    assert main(["meta", "backfill"]) == 0
    assert capsys.readouterr().out == f"Form {FORM}: 3 leads read, 0 new.\n"
    assert sorted(id or "" for id in leadgen_ids()) == [
        str(FIRST_LEAD + number) for number in range(3)
    ]


def test_backfill_since(host: GraphHost, capsys: pytest.CaptureFixture[str]) -> None:
    """The date is in the settings' zone, Asia/Kolkata."""
    assert main(["meta", "backfill", "--form", FORM, "--since", "2026-11-02"]) == 0
    assert '"value":1793557800}' in host.asked[0].query["filtering"]
    assert main(["meta", "backfill", "--form", FORM, "--since", "soon"]) == 1
    assert "--since must be a date" in capsys.readouterr().err


def test_backfill_reports_errors(host: GraphHost, capsys: pytest.CaptureFixture[str]) -> None:
    host.always(graph_host.error(190))
    assert main(["meta", "backfill", "--form", FORM]) == 1
    assert "Meta answered with error 190" in capsys.readouterr().out
    assert main(["meta", "backfill", "--form", FORM]) == 1
    assert "Reading from Meta is paused" in capsys.readouterr().out
    assert len(host.asked) == 1
    assert main(["meta", "backfill", "--form", "../me"]) == 1
    assert "The form id must be a number." in capsys.readouterr().err


def test_backfill_without_a_token(
    host: GraphHost, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("META_ACCESS_TOKEN", "")
    assert main(["meta", "backfill", "--form", FORM]) == 1
    assert capsys.readouterr().out == "META_ACCESS_TOKEN is not set.\n"


def test_reconcile(host: GraphHost, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["meta", "backfill", "--form", FORM]) == 0
    capsys.readouterr()
    file = tmp_path / "leads.csv"
    ids = [FIRST_LEAD, FIRST_LEAD + 1, *range(1, 25)]
    rows = "".join(f"l:{id}\tf:{FORM}\n" for id in ids)
    file.write_text(f"id\tform_id\n{rows}", encoding="utf-16")
    said = (
        "Leads in the file: 26\nAlready in TOFA CRM: 0\nDeliveries received: 2\n"
        "Missing: 24\n" + "".join(f"  {id}\n" for id in range(1, 21)) + "  and 4 more\n"
    )
    assert main(["meta", "reconcile", str(file), "--dry-run"]) == 0
    assert capsys.readouterr().out == said
    assert len(leadgen_ids()) == 3
    assert main(["meta", "reconcile", str(file)]) == 0
    assert capsys.readouterr().out.startswith(f"{said}The missing leads were added as deliveries")
    assert len(leadgen_ids()) == 27


def test_reconcile_rejects_other_files(
    host: GraphHost, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "leads.csv"
    file.write_text("phone\n1\n")
    assert main(["meta", "reconcile", str(file)]) == 1
    assert "The file has no ids of Meta's leads" in capsys.readouterr().err
    assert main(["meta", "reconcile", str(tmp_path / "no.csv")]) == 1
