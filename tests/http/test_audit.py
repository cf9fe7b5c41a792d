"""What is recorded of requests, and that there is nothing in it that a person has written."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select

from backend.api.application import Application
from backend.api.messages import Head
from backend.cli import main
from backend.core.audit import chain, verifying
from backend.models import AuditEvent
from tests.servers import Client, Upload
from tests.world import LEAD, MEMBER, OTHER_MEMBER, PASSWORD, SECRET_KEY, World

SHEET = (
    b"phone,player_name,_which_is_the_nearest_tofa_center_to_you?\n9848000009,Zara,TOFA Tellapur\n"
)
# What the requests below have in them, and no event may have.
PERSONAL = ("Zo", "Zara", "98480", "example", "ring again", "Kompally", "Tella", "New P", "seven")


def trail(world: World) -> list[tuple[Any, ...]]:
    """The events but the first one, which is the admin's account."""
    with world.db.read() as session:
        rows = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()  # type: ignore[arg-type]
    return [
        (row.event, row.user_id, row.subject, row.subject_id, json.loads(row.data or "{}"))
        for row in rows[1:]
    ]


def test_sign_ins_and_failures(serve: Callable[..., Client], world: World) -> None:
    client = serve(trusted_proxies=1)
    headers = {"X-Forwarded-For": "203.0.113.7"}
    for email, password in ((LEAD, PASSWORD), (LEAD, "wrong"), ("zo@nowhere.example", "wrong")):
        client.post("/token", form={"username": email, "password": password}, headers=headers)
    assert trail(world) == [
        ("signed_in", 1, "user", 1, {}),
        ("sign_in_failed", None, "user", 1, {}),
        ("sign_in_failed", None, None, None, {}),
    ]
    with world.db.read() as session:
        addresses = {row.address for row in session.scalars(select(AuditEvent)) if row.id > 1}
    assert addresses == {"203.0.113.7"}


def test_sessions_and_links(client: Client, world: World) -> None:
    made = client.post("/token", form={"username": LEAD, "password": PASSWORD}).json()
    client.token = made["access_token"]
    client.delete("/users/2/sessions")
    client.delete("/users/me/sessions")
    client.post("/users/2/unlock")
    link = client.post("/users/2/password-link", json={"current_password": PASSWORD}).json()
    used = {"link": link["path"].rpartition("/")[2], "password": "another seven hills"}
    client.post("/password-links/use", json=used)
    client.post("/users/me/sign-out")
    assert trail(world) == [
        ("signed_in", 1, "user", 1, {}),
        ("sessions_ended", 1, "user", 2, {}),
        ("sessions_ended", 1, "user", 1, {}),
        ("user_unlocked", 1, "user", 2, {}),
        ("password_link_made", 1, "user", 2, {}),
        ("password_changed", 2, "user", 2, {}),
        ("signed_out", 1, "user", 1, {}),
    ]


def test_what_people_do(lead: Client, world: World) -> None:
    new = {"email": "new@tofa.example", "password": PASSWORD, "full_name": "New Person"}
    lead.post("/users/", json={**new, "role": "observer", "center_ids": [1]})
    own = {"current_password": PASSWORD}
    changed = {"role": "team_member", "disabled": True, "full_name": "Zoe"}
    lead.patch("/users/6", json=changed | own)
    lead.patch("/users/6", json={"password": "another seven hills"} | own)
    lead.patch("/users/6", json={"role": "nothing"})
    lead.post("/centers/", json={"display_name": "Kompally", "meta_tag_name": "K", "city": "H"})
    lead.patch("/centers/3", json={"city": "Zo"})
    lead.post("/centers/1/aliases", json={"text": "Tella"})
    lead.request("DELETE", "/centers/1/aliases?text=Tella")
    lead.post("/leads/bulk", json={"ids": [1, 2], "status": "Called"})
    lead.post("/leads/bulk/1/undo")
    lead.get("/leads/export.csv?status=New&q=Zo")
    lead.post("/leads/upload/", file=Upload("zara.csv", SHEET))
    lead.post("/imports/1/undo")
    lead.post("/centers/3/merge", json={"into_id": 1})
    lead.post("/centers/changes/1/undo")
    found = trail(world)
    assert {by for _, by, *_ in found} == {1}
    assert [row[:1] + row[2:] for row in found] == [
        ("user_created", "user", 6, {"role": "observer", "center_ids": [1]}),
        (
            "user_changed",
            "user",
            6,
            {
                "role": ["observer", "team_member"],
                "disabled": [False, True],
                "fields": ["disabled", "full_name", "role"],
            },
        ),
        ("password_changed", "user", 6, {}),
        ("center_created", "center", 3, {}),
        ("center_changed", "center", 3, {"fields": ["city"]}),
        ("alias_added", "center", 1, {"reopened": 0}),
        ("alias_removed", "center", 1, {}),
        ("leads_changed", "bulk_change", 1, {"leads": 2, "fields": ["status"]}),
        ("leads_change_undone", "bulk_change", 1, {"leads": 2}),
        (
            "leads_exported",
            None,
            None,
            {"form": "csv", "leads": 1, "filter": {"status": "New", "q": True}},
        ),
        ("import_committed", "import", 1, {"rows": 1}),
        ("import_undone", "import", 1, {"leads_removed": 1, "leads_restored": 0}),
        ("center_merged", "center", 3, {"into_id": 1, "change_id": 1}),
        ("center_change_undone", "center_change", 1, {}),
    ]
    assert [text for text in PERSONAL if text in json.dumps(found)] == []
    with world.db.read() as session:
        assert verifying.verify(session).fault is None


@pytest.mark.every_adapter
def test_team_leads_read_and_filter_it(client: Client, world: World) -> None:
    token = world.token(LEAD)
    passwords = {"current_password": PASSWORD, "password": "another seven hills"}
    client.put("/users/me/password", token=world.token(MEMBER), json=passwords)
    client.get("/leads/export.csv", token=world.token(OTHER_MEMBER))
    lines = client.get("/audit/", token=token).json()
    assert [(one["event"], one["user_id"], one["user_name"]) for one in lines] == [
        ("leads_exported", 3, "Gachibowli"),
        ("password_changed", 2, "Tellapur"),
        ("user_created", None, None),
    ]
    assert list(lines[0]) == [
        *("id", "at", "event", "user_id", "user_name"),
        *("subject", "subject_id", "address", "data"),
    ]
    assert lines[0]["at"].endswith("Z")
    assert lines[0]["data"] == {"form": "csv", "leads": 1, "filter": {}}

    def ids(query: str) -> list[int]:
        return [one["id"] for one in client.get(f"/audit/?{query}", token=token).json()]

    assert ids("event=leads_exported&event=user_created") == [3, 1]
    assert ids("user_id=2") == [2]
    assert ids("subject=user&subject_id=2") == [2]
    assert ids("before=3&limit=1") == [2]
    assert ids("since=2999-01-01") == ids("until=2001-01-01") == ids("event=x") == []
    assert ids("since=2001-01-01&until=2999-01-01") == [3, 2, 1]
    refused = client.get("/audit/?since=yesterday", token=token)
    assert (refused.status, refused.json()["errors"][0]["loc"]) == (422, ["query", "since"])


def test_opening_a_lead_is_noted_and_the_read_waits_for_no_write(world: World) -> None:
    """Nothing is written within the request: a database that is being written doesn't delay it."""
    app = Application(world.settings)
    app.start()
    head = {"authorization": f"Bearer {world.token(LEAD)}"}
    with world.db.write():  # the only writer on SQLite
        for path in (b"/leads/1", b"/leads/1", b"/leads/2", b"/leads/777"):
            app.receive(Head("GET", path, b"", head, "")).answer()
    assert trail(world) == []
    app.close()
    assert trail(world) == [
        ("lead_opened", 1, "lead", 1, {}),
        ("lead_opened", 1, "lead", 2, {}),
    ]


def test_an_export_that_cannot_be_recorded_is_not_sent(
    lead: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object) -> None:
        raise RuntimeError("no trail")

    monkeypatch.setattr(chain, "append", fail)
    answer = lead.get("/leads/export.csv")
    assert (answer.status, b"98480" in answer.body) == (500, False)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_command_checks_the_trail(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", world.settings.database_url)
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
    assert main(["audit", "verify"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("The audit trail is intact: 1 event.\n")
    assert main(["backup", "--note"]) == 0
    head = said.split()[-1]
    assert main(["audit", "verify", "--head", head]) == 0
    assert main(["audit", "verify", "--head", "nonsense"]) == 1
    with world.db.write() as session:
        connection = session.connection()
        connection.exec_driver_sql("DROP TRIGGER tofa_auditevent_update")
        connection.exec_driver_sql("UPDATE auditevent SET user_id = 7 WHERE id = 1")
    capsys.readouterr()
    assert main(["audit", "verify"]) == 1
    assert "broken at event 1: it was changed." in capsys.readouterr().out
