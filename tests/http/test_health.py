"""Whether the server is well, for its host; and how the way in is, for a team lead."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from backend.core import times
from backend.core.errors import CannotSave, DiskFull, FileReplaced, NotReady
from backend.core.intake.meta import circuit_breaker, versions
from backend.core.lifecycle.migrate import HEAD
from backend.core.reasons import Reason, ReasonCode
from backend.models import Delivery, DeliveryState, Form, Lead, LeadOrigin, Pause
from tests.reliability.test_full_disk import apps_database
from tests.servers import ADAPTERS, ASGIServer, Client
from tests.told import graph_error
from tests.world import LEAD, MEMBER, World, settings_for

TOKEN = "EAAtoken-of-the-page"


def test_alive(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status, answer.body) == (200, b'{"status":"ok"}')
    assert answer.headers["cache-control"] == "no-store"
    assert client.request("HEAD", "/healthz").status == 200


def test_ready(client: Client) -> None:
    answer = client.get("/readyz")
    assert (answer.status, answer.body) == (200, b'{"status":"ready"}')


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_database_that_is_unreachable(name: str, request: pytest.FixtureRequest) -> None:
    """From the start on: the process works, and the database doesn't."""
    made = ADAPTERS[name]
    kind = "asgi_server" if made.server is ASGIServer else "wsgi_server"
    server = request.getfixturevalue(kind)
    server.app = made.make(settings_for("postgresql://x@127.0.0.1:1/x"))
    client = Client(server.port)
    assert client.get("/healthz").status == 200
    answer = client.get("/readyz")
    assert answer.status == 503
    assert "detail" in answer.json()
    made.close(server.app)


OTHER_VERSION = "The database belongs to another version of TOFA CRM: run `migrate`"


def test_a_database_of_another_form(client: Client, world: World) -> None:
    """Before the start, and after it."""
    for started, sentence in ((False, NotReady.detail), (True, OTHER_VERSION)):
        if started:
            assert client.get("/readyz").status == 200
        with world.db.write() as session:
            session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        answer = client.get("/readyz")
        assert answer.status == 503
        assert answer.json()["detail"] == sentence
        assert client.get("/healthz").status == 200
        with world.db.write() as session:
            session.connection().exec_driver_sql(
                f"UPDATE alembic_version SET version_num = '{HEAD}'"
            )


def test_a_database_that_is_lost(client: Client, world: World) -> None:
    """No new one is made in its place."""
    assert client.get("/readyz").status == 200
    with world.db.write() as session:
        session.connection().exec_driver_sql("DROP TABLE alembic_version")
    answer = client.get("/readyz")
    assert answer.status == 503
    assert answer.json() == {"detail": "The database can't be reached"}


@pytest.mark.parametrize(
    ("adapter", "database"), [(name, "sqlite") for name in ADAPTERS], indirect=["database"]
)
def test_a_file_that_was_replaced(
    serve: Callable[..., Client],
    adapter: str,
    world: World,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nothing more is acknowledged: what is written to the old file will be gone.

    People read what to do; the log and the host's check say what has happened.
    """
    replaced = "The database file was replaced or removed, so nothing was saved. "
    replaced += "The server must be restarted"
    client = serve(webhook_token="sesame")
    way_in, lead = "/leads/meta-webhook/?token=sesame", world.token(LEAD)
    flat = {"phone_number": "9848022338", "nearest_center": "TOFA Tellapur"}
    assert client.post(way_in, json=flat).json()["status"] == "success"
    assert world.db.url.database
    path, away = Path(world.db.url.database), tmp_path / "away.db"
    path.rename(away)
    for replace in (lambda: None, lambda: shutil.copy(away, path)):
        replace()
        for answer in (client.post(way_in, json=flat), client.get("/leads/", token=lead)):
            assert (answer.status, answer.json()) == (503, {"detail": FileReplaced.detail})
        ready = client.get("/readyz")
        assert (ready.status, ready.json()["detail"]) == (503, replaced)
        assert client.get("/healthz").status == 200
        assert path.exists() is (replace() is not None), "no empty one is made in its place"
    assert f"The database file {path} was replaced or removed" in caplog.text


@pytest.mark.parametrize(
    ("adapter", "database"), [(name, "sqlite") for name in ADAPTERS], indirect=["database"]
)
def test_a_log_that_was_removed(
    serve: Callable[..., Client],
    adapter: str,
    world: World,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The newest leads are in it alone; it looks like a file that can be deleted."""
    opened = apps_database(monkeypatch)
    client = serve(webhook_token="sesame")
    way_in = "/leads/meta-webhook/?token=sesame"
    flat = {"phone_number": "9848022338", "nearest_center": "TOFA Tellapur"}
    assert client.post(way_in, json=flat).json()["status"] == "success"
    path, away = Path(f"{world.db.url.database}-wal"), tmp_path / "away.db-wal"
    path.rename(away)
    for _ in range(2):
        assert client.post(way_in, json=flat).status == 503
        assert client.get("/readyz").status == 503
        assert not path.exists(), "no empty one is made in its place"
    assert f"The database file {path} was replaced or removed" in caplog.text
    # It can be put back.
    away.rename(path)
    assert client.post(way_in, json=flat).status == 200
    assert client.get("/readyz").status == 200
    # SQLite removes the log with the last connection, and that is no fault.
    for one in (*opened, world.db):
        one.engine.dispose()
    assert not path.exists()
    assert client.post(way_in, json=flat).status == 200


@pytest.mark.parametrize(
    ("adapter", "database"), [(name, "sqlite") for name in ADAPTERS], indirect=["database"]
)
def test_a_disk_that_is_full(
    serve: Callable[..., Client], adapter: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only team leads are told, and the host."""
    opened = apps_database(monkeypatch)
    client = serve()
    assert client.get("/readyz").status == 200

    def fill(connection: Any, *_given: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(opened[-1].engine, "checkout", fill)
    long = {"comment": "x" * 9_000}
    for person, sentence in ((LEAD, DiskFull.detail), (MEMBER, CannotSave.detail)):
        answers = (client.patch("/leads/1", json=long, token=world.token(person)) for _ in range(9))
        refused = next(answer for answer in answers if answer.status != 200)
        assert (refused.status, refused.json()["detail"]) == (503, sentence)
    assert client.get("/leads/", token=world.token(LEAD)).status == 200


def test_nothing_has_come_yet(lead: Client) -> None:
    assert lead.get("/deliveries/health").json() == {
        "signature_set": False,
        "verify_token_set": False,
        "access_token_set": False,
        "webhook_token_set": False,
        "graph": {
            "open": False,
            "reason": "no_token",
            "message": "META_ACCESS_TOKEN is not set",
            "paused_until": None,
        },
        "backfill": None,
        "states": {
            "received": 0,
            "processed": 0,
            "waiting": 0,
            "retrying": 0,
            "failed": 0,
            "dismissed": 0,
        },
        "oldest_waiting": None,
        "failed": 0,
        "silent_forms": [],
        "new_forms": [],
        "graph_version": {"version": "v26.0", "ends_on": None, "message": None},
        "webhook_open": True,
        "outbox": {"waiting": 0, "failed": 0},
    }


def test_all_that_can_be_wrong(serve: Callable[..., Client], world: World) -> None:
    given = {
        "meta_app_secret": "s3cret-of-the-app",
        "meta_verify_token": "v3rify",
        "meta_access_token": TOKEN,
        "webhook_token": "w3bhook",
    }
    given_version = {"meta_graph_version": "v21.0"}
    made = settings_for(world.settings.database_url, **given)
    until = times.now().replace(microsecond=0) + timedelta(minutes=7)
    oldest = datetime(2026, 11, 2, 4, 30, tzinfo=UTC)
    with world.db.write() as session:
        circuit_breaker.pause(session, made, graph_error("token_expired"), until)
        session.add(
            Pause(
                name="backfill", until=until, reason="done", details='{"forms":1,"leads":2,"new":0}'
            )
        )
        states = [
            *(
                DeliveryState.PROCESSED,
                DeliveryState.PROCESSED,
                DeliveryState.FAILED,
                DeliveryState.DISMISSED,
            ),
            *(DeliveryState.WAITING, DeliveryState.RETRYING, DeliveryState.RECEIVED),
        ]
        for number, state in enumerate(states):
            received = oldest + timedelta(days=number)
            session.add(Delivery(source="meta", state=state, received_at=received, body="{}"))
        newest = times.now().replace(microsecond=0) - timedelta(days=30)
        seen = times.now().replace(microsecond=0) - timedelta(days=6)
        before = seen - timedelta(days=90)
        for id, name, created, first_seen, newest_lead in (
            ("7", None, None, before, newest),
            ("8", "Trials", seen, seen, None),
            ("9", "Old, and its first lead is new", before, seen, None),
        ):
            form = Form(id=id, name=name, page_id="15", questions=[], mapping={})
            form.created_at, form.seen_at, form.newest_lead_at = created, first_seen, newest_lead
            session.add(form)
        for number in range(5):
            one = Lead(created_time=newest - timedelta(days=number), center_id=1)
            session.add(one)
            session.flush()
            assert one.id is not None
            session.add(LeadOrigin(lead_id=one.id, form_id="7", answers={}))
    client = serve(**given, **given_version)
    answer = client.get("/deliveries/health", token=world.token(LEAD))
    for hidden in given.values():
        assert hidden not in answer.body.decode()

    def written(moment: datetime) -> str:
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    assert answer.json() == {
        "signature_set": True,
        "verify_token_set": True,
        "access_token_set": True,
        "webhook_token_set": True,
        "graph": {
            "open": False,
            "reason": "token_expired",
            "message": "Meta answered with status 503",
            "paused_until": written(until),
        },
        "backfill": {
            "reason": "done",
            "message": "1 form read, 2 leads, 0 of them new",
            "next_at": written(until),
        },
        "states": {
            "received": 1,
            "processed": 2,
            "waiting": 1,
            "retrying": 1,
            "failed": 1,
            "dismissed": 1,
        },
        "oldest_waiting": written(oldest + timedelta(days=4)),
        "failed": 1,
        "silent_forms": [
            {"form_id": "7", "newest_lead_at": written(newest), "usual_gap_seconds": 24 * 3600}
        ],
        "new_forms": [
            {"form_id": "8", "name": "Trials", "page_id": "15", "seen_at": written(seen)}
        ],
        "graph_version": {
            "version": "v21.0",
            "ends_on": "2027-01-21",
            "message": "Version v21.0 of Meta's Graph API ends on 2027-01-21: set "
            "META_GRAPH_VERSION to v27.0",
        },
        "webhook_open": False,
        "outbox": {"waiting": 0, "failed": 0},
    }
    # A pause is for the token that it was made for.
    another = serve(**given | {"meta_access_token": "EAAnother"})
    assert another.get("/deliveries/health", token=world.token(LEAD)).json()["graph"] == {
        "open": True,
        "reason": None,
        "message": None,
        "paused_until": None,
    }


def test_a_permission_that_the_token_lacks(serve: Callable[..., Client], world: World) -> None:
    """It pauses nothing, since other leads can be read, but health shows it."""

    def add(state: DeliveryState, reason: str) -> None:
        with world.db.write() as session:
            session.add(
                Delivery(
                    source="meta", state=state, received_at=times.now(), body="{}", reason=reason
                )
            )

    def graph() -> object:
        return client.get("/deliveries/health", token=world.token(LEAD)).json()["graph"]

    client = serve(meta_access_token=TOKEN)
    well = {"open": True, "reason": None, "message": None, "paused_until": None}
    add(DeliveryState.DISMISSED, "permission")
    add(DeliveryState.RETRYING, "upstream")
    assert graph() == well
    add(DeliveryState.RETRYING, "permission")
    refused = {"reason": "permission", "message": "Meta doesn't let this token read 1 lead"}
    assert graph() == well | refused
    add(DeliveryState.FAILED, "permission")
    refused["message"] = "Meta doesn't let this token read 2 leads"
    assert graph() == well | refused


def test_what_meta_says_of_leads_that_it_does_not_show(
    serve: Callable[..., Client], world: World
) -> None:
    """In its own words, of the newest lead, whether it says that a permission is missing or not."""
    said = "Unsupported get request. Object with ID '92' does not exist"

    def add(code: str, reason: str, said: str) -> None:
        details = json.dumps({"code": "graph_error", "error": code, "said": said})
        with world.db.write() as session:
            session.add(
                Delivery(
                    source="meta",
                    state=DeliveryState.RETRYING,
                    received_at=times.now(),
                    body="{}",
                    reason=reason,
                    details=details,
                )
            )

    def graph() -> object:
        return client.get("/deliveries/health", token=world.token(LEAD)).json()["graph"]

    client = serve(meta_access_token=TOKEN)
    add("100", "missing", "An older one")
    add("100", "missing", said)
    missing = (
        "2 leads are missing on Meta, or not allowed for this token. "
        f"Meta answered with error 100: {said}"
    )
    open_ = {"open": True, "paused_until": None}
    assert graph() == open_ | {"reason": "missing", "message": missing}
    add("200", "permission", "Requires leads_retrieval permission")
    assert graph() == open_ | {
        "reason": "permission",
        "message": "Meta doesn't let this token read 1 lead. Meta answered with error 200: "
        f"Requires leads_retrieval permission. {missing}",
    }


def test_what_meta_says_of_the_version(serve: Callable[..., Client], world: World) -> None:
    settings = settings_for(world.settings.database_url)
    reason = Reason(ReasonCode.VERSION_WARNING, {"said": "It is auto-upgraded"})
    versions.keep(world.db, settings, reason)

    def version(**given: str) -> object:
        answer = serve(**given).get("/deliveries/health", token=world.token(LEAD))
        return answer.json()["graph_version"]

    warning = "Meta warns about the version of its Graph API: It is auto-upgraded"
    assert version() == {"version": "v26.0", "ends_on": None, "message": warning}
    # It was said of that version only.
    other = {"version": "v25.0", "ends_on": "2028-07-29", "message": None}
    assert version(meta_graph_version="v25.0") == other
