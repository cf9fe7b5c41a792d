"""Metrics: who may read them, what they say, and that nothing personal is in them."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from backend.cli import main
from backend.core import heartbeats
from backend.core.background import Worker
from backend.core.intake import deliveries
from backend.models import Heartbeat
from tests.servers import Client
from tests.world import LEAD, SECRET_KEY, World

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs/monitoring"
TOKEN = "a-token-for-prometheus"
SENT = {"Authorization": f"Bearer {TOKEN}"}
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def read(client: Client) -> Samples:
    """Each sample, by its name and its labels without the process."""
    answer = client.get("/metrics", headers=SENT)
    assert (answer.status, answer.headers["content-type"]) == (
        200,
        "text/plain; version=0.0.4; charset=utf-8",
    )
    return {
        (
            one.name,
            tuple(sorted((k, v) for k, v in one.labels.items() if k != "process")),
        ): one.value
        for family in text_string_to_metric_families(answer.body.decode())
        for one in family.samples
    }


def labels(**given: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(given.items()))


def test_they_need_a_token(serve: Callable[..., Client], world: World) -> None:
    client = serve(metrics_token=TOKEN)
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}):
        answer = client.get("/metrics", headers=headers)
        assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert client.get("/metrics", token=world.token(LEAD)).status == 401
    closed = serve()
    assert closed.get("/metrics", headers=SENT) == closed.get("/nowhere", headers=SENT)


@pytest.mark.every_adapter
def test_what_they_say(serve: Callable[..., Client], world: World) -> None:
    with world.db.write() as session:
        for state, reason in (
            ("received", None),
            ("waiting", "no_center"),
            ("waiting", "no_phone"),
            ("retrying", "permission"),
            ("retrying", "upstream"),
            ("failed", "missing"),
        ):
            deliveries.keep(session, "webhook", "{}", state=state, reason=reason)
        heartbeats.note(session, "one", heartbeats.Kind.COMMAND)
        heartbeats.note(session, "backup", heartbeats.Kind.BACKUP)
    client = serve(metrics_token=TOKEN)
    token = world.token(LEAD)
    for path in ("/leads/?q=Zo", "/leads/1", "/leads/2", "/leads/777", "/Zo", "/leads/1?secret=Zo"):
        client.get(path, token=token)
    client.request("BREW", "/leads/1", token=token)
    found = read(client)

    def requests(method: str, route: str, status: str) -> float:
        given = {
            "http_request_method": method,
            "http_route": route,
            "http_response_status_code": status,
        }
        return found["http_server_request_duration_seconds_count", labels(**given)]

    assert requests("GET", "/leads/", "200") == 1
    assert requests("GET", "/leads/{id}", "200") == 3
    assert requests("GET", "/leads/{id}", "404") == 1
    assert requests("GET", "", "404") == 1
    assert requests("_OTHER", "", "405") == 1
    assert {who: found["delivery_waiting", labels(who=who)] for who in
            ("team_lead", "administrator", "worker")} == {
        "team_lead": 2, "administrator": 1, "worker": 2
    }  # fmt: skip
    assert found["delivery_oldest_seconds", labels(who="worker")] >= 0
    assert found["delivery_failed", ()] == 1
    assert found["worker_alive", labels(kind="command")] == 1
    assert found["worker_alive", labels(kind="server")] == 0
    assert found["backup_age_seconds", ()] >= 0
    assert found["db_client_connection_max", ()] == world.settings.db_pool_size
    assert found["db_client_connection_wait_time_seconds_count", labels(kind="read")] >= 4
    assert "Zo" not in json.dumps([key[1] for key in found])


def test_what_a_process_measures_names_the_process(serve: Callable[..., Client]) -> None:
    """So a sum over the processes is right, whichever of them answers."""
    client = serve(metrics_token=TOKEN)
    text = client.get("/metrics", headers=SENT).body.decode()
    own = [line for line in text.splitlines() if line.startswith(("http_server", "db_client"))]
    assert own
    assert all(f'process="{os.getpid()}"' in line for line in own)


PROCESS = """
from backend.api.application import Application
from backend.api.messages import Head
from tests.world import settings_for

app = Application(settings_for({url!r}, metrics_token="a-token-for-prometheus"))
app.start()
app.receive(Head("GET", b"/nowhere", b"", {{}}, "")).answer()
print(app.metrics.text().decode())
"""


@pytest.mark.slow
def test_processes_that_share_a_folder_are_summed(tmp_path: Path) -> None:
    code = PROCESS.format(url=f"sqlite:///{tmp_path}/tofa.db")
    shared = tmp_path / "shared"
    shared.mkdir()
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(shared)}
    for number in (1.0, 2.0):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        counts = [
            float(line.rpartition(" ")[2])
            for line in done.stdout.splitlines()
            if line.startswith("http_server_request_duration_seconds_count")
        ]
        assert counts == [number]


# What is in docs/monitoring


def named(expression: str) -> set[str]:
    """The metrics in an expression of PromQL."""
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\"[^\"]*\"", "", expression)
    bare = re.sub(r"\b(by|without)\s*\([^)]*\)", "", bare)
    words = re.findall(r"\b[a-z_]+\b(?!\s*\()", bare)
    return set(words) - {"or", "and", "unless", "s", "m", "h"}


def expressions() -> list[str]:
    board = json.loads((DOCS / "grafana.json").read_text(encoding="utf-8"))
    alerts = (DOCS / "alerts.yaml").read_text(encoding="utf-8")
    folded = re.sub(r">-\n\s+", "", alerts)
    rules = re.findall(r"^ +expr: ((?:.|\n)+?)\n +(?:for):", folded, re.MULTILINE)
    assert len(rules) == alerts.count("alert:")
    return [*rules, *(one["expr"] for panel in board["panels"] for one in panel["targets"])]


def test_each_metric_of_the_dashboard_and_the_alerts_exists(
    serve: Callable[..., Client], world: World
) -> None:
    Worker(world.db, world.settings).run_until_done()
    with world.db.write() as session:
        heartbeats.note(session, "backup", heartbeats.Kind.BACKUP)
    client = serve(metrics_token=TOKEN)
    client.get("/centers/")
    there = {name for name, _ in read(client)}
    wanted = set().union(*map(named, expressions()))
    assert len(wanted) >= 10
    assert wanted <= there


# Backups


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_backup_notes_when_it_was_made(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", world.settings.database_url)
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
    for arguments in (["backup", str(tmp_path / "copy.db")], ["backup", "--note"]):
        assert main(arguments) == 0
        with world.db.write() as session:
            found = heartbeats.newest(session, [heartbeats.Kind.BACKUP])
            assert list(found) == [heartbeats.Kind.BACKUP]
            session.delete(session.get_one(Heartbeat, heartbeats.Kind.BACKUP))
    with pytest.raises(SystemExit, match="2"):
        main(["backup"])
