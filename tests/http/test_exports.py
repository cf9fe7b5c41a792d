"""Who may take leads out or bring files in, how often, and what is recorded of it."""

import csv
import io
import json
import socket
from collections.abc import Callable

import pytest
from sqlmodel import select

from backend.core import times
from backend.core.leads import export_access
from backend.models import AuditEvent, InstallationMark
from tests.servers import Answer, Client, Upload
from tests.shape import check_error
from tests.waiting import PATIENCE
from tests.world import LEAD, MEMBER, OBSERVER, OTHER_MEMBER, World

EXPORT = "/leads/export.csv"
SHEET = b"phone,_which_is_the_nearest_tofa_center_to_you?\n,TOFA Tellapur\n"


def exports(world: World) -> list[tuple[int | None, str | None, int | None, dict[str, object]]]:
    with world.db.read() as session:
        query = select(AuditEvent).where(AuditEvent.event == "leads_exported")
        rows = session.scalars(query).all()
    return [
        (row.user_id, row.subject, row.subject_id, json.loads(row.data or "{}")) for row in rows
    ]


@pytest.mark.slow
def test_observers_export_only_if_a_setting_allows_it(
    serve: Callable[..., Client], world: World
) -> None:
    observer = world.token(OBSERVER)

    def try_it(**settings: object) -> tuple[int, bool]:
        client = serve(**settings)
        answer = client.get(EXPORT, token=observer)
        return answer.status, client.get("/users/me", token=observer).json()["may_export"]

    assert try_it() == (403, False)
    refusal = serve().get("/leads/export.xlsx?status=nonsense", token=observer)
    check_error(refusal)
    assert refusal.json() == {"detail": export_access.ExportForbidden.detail}
    refusal = serve().post(EXPORT, json={"ids": [1]}, token=observer)
    assert refusal.json() == {"detail": export_access.ExportForbidden.detail}
    assert exports(world) == []
    assert try_it(observers_export=True) == (200, True)
    assert try_it(observers_export=False) == (403, False)
    assert serve().get("/users/me", token=world.token(MEMBER)).json()["may_export"] is True
    # An installation whose observers could export keeps that until it is decided once.
    with world.db.write() as session:
        session.add(InstallationMark(name=export_access.WAS_ALLOWED, since=times.now()))
    assert [try_it(), try_it()] == [(200, True), (200, True)]
    assert try_it(observers_export=False) == (403, False)
    assert try_it() == (403, False)


def test_each_person_has_a_number_of_files_an_hour(
    serve: Callable[..., Client], world: World
) -> None:
    client = serve(files_per_hour=2)
    member, other, lead = (world.token(one) for one in (MEMBER, OTHER_MEMBER, LEAD))
    some = {"ids": [1]}
    assert [client.get(EXPORT, token=member).status for _ in range(4)] == [200, 200, 429, 429]
    assert client.post(EXPORT, json=some, token=member).status == 429
    refusal = client.get("/leads/export.xlsx", token=member)
    check_error(refusal)
    assert 1 <= int(refusal.headers["retry-after"]) <= 3600
    assert refusal.json()["detail"].startswith("There were too many exports or uploads: try again")
    assert client.post(EXPORT, json=some, token=other).status == 200
    assert [by for by, *_ in exports(world)] == [2, 2, 3]
    sheet = Upload("leads.csv", SHEET)
    statuses = [
        client.post(path, token=lead, file=sheet).status
        for path in ("/leads/upload/", "/imports/", "/imports/", "/leads/upload/")
    ]
    assert statuses == [200, 200, 429, 429]
    assert client.get(EXPORT, token=lead).status == 200


@pytest.mark.every_adapter
def test_some_leads_are_exported_and_recorded(client: Client, world: World) -> None:
    member, lead = world.token(MEMBER), world.token(LEAD)

    def names(answer: Answer) -> list[str]:
        assert answer.status == 200, answer.body
        rows = csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig")))
        return [row["Player"] for row in rows]

    # Those that they don't see, and those that are no leads, are left out.
    first = client.post(EXPORT, json={"ids": [9, 2, 1, 1]}, token=member)
    assert names(first) == ["Zoë Khan"]
    assert first.headers["content-disposition"] == 'attachment; filename="leads.csv"'
    assert first.headers["content-type"] == "text/csv; charset=utf-8"
    whole = client.get(EXPORT, token=lead)
    assert client.post(EXPORT, json={"ids": [1, 2]}, token=lead).body == whole.body
    sheet = client.post("/leads/export.xlsx", json={"ids": [2]}, token=lead)
    assert sheet.body.startswith(b"PK")
    assert exports(world) == [
        (2, None, None, {"form": "csv", "leads": 1, "ids": [1]}),
        (1, None, None, {"form": "csv", "leads": 2, "filter": {}}),
        (1, None, None, {"form": "csv", "leads": 2, "ids": [1, 2]}),
        (1, None, None, {"form": "xlsx", "leads": 1, "ids": [2]}),
    ]
    # What leaves the house is used to call and to write.
    assert client.put("/leads/1/contact", json={"do_not_contact": True}, token=lead).status == 200
    some = {"ids": [1, 2]}
    assert names(client.post(EXPORT, json=some, token=member)) == []
    refused = client.post(EXPORT, json=some | {"contact": "refused"}, token=lead)
    assert names(refused) == ["Zoë Khan"]
    assert exports(world)[-1][3] == {
        "form": "csv", "leads": 1, "ids": [1], "filter": {"contact": "refused"}
    }  # fmt: skip


@pytest.mark.parametrize("ids", [None, [], ["x"], [0], [True], list(range(1, 1002))])
def test_what_leads_are_no_export(lead: Client, world: World, ids: list[object] | None) -> None:
    answer = lead.post(EXPORT, json={} if ids is None else {"ids": ids})
    check_error(answer)
    assert answer.status == 422
    assert exports(world) == []


def test_a_thousand_leads_are_one_export(lead: Client) -> None:
    assert lead.post(EXPORT, json={"ids": [*range(2**31 - 1000, 2**31)]}).status == 200


def test_a_merged_lead_is_exported_as_it_is_now(lead: Client) -> None:
    versions = [lead.get(f"/leads/{id}").json()["version"] for id in (1, 2)]
    given = {"other_id": 2, "version": versions[0], "other_version": versions[1]}
    assert lead.post("/leads/1/merge", json=given).status == 200
    text = lead.post(EXPORT, json={"ids": [1, 2]}).body.decode("utf-8-sig")
    assert len(text.splitlines()) == 2


def test_a_copy_of_a_persons_data_is_an_export(serve: Callable[..., Client], world: World) -> None:
    client = serve(files_per_hour=2)
    token = world.token(LEAD)
    paths = ("/leads/1/data.json", "/leads/2/data.csv", "/leads/1/data.csv", EXPORT)
    answers = [client.get(path, token=token) for path in paths]
    assert [one.status for one in answers] == [200, 200, 429, 429]
    assert "retry-after" in answers[2].headers
    # Someone who may not have it uses nothing up.
    assert client.get(paths[0], token=world.token(MEMBER)).status == 403


def test_the_rejected_rows_of_an_import_are_an_export(lead: Client, world: World) -> None:
    lead.post("/imports/", file=Upload("leads.csv", SHEET))
    assert lead.get("/imports/1/errors.csv").status == 200
    assert lead.get("/imports/9/errors.csv").status == 404
    assert exports(world) == [(1, "import", 1, {"form": "csv", "rows": 1})]


@pytest.mark.every_adapter
def test_a_large_body_is_not_awaited_of_who_may_not_send_it(client: Client, world: World) -> None:
    """The role is read from the database, and what is sent is not read."""
    for path, role in (("/leads/upload/", MEMBER), ("/imports/", OBSERVER)):
        with socket.create_connection(("127.0.0.1", client.port), timeout=PATIENCE) as connection:
            lines = (
                f"POST {path} HTTP/1.1",
                "Host: x",
                f"Authorization: Bearer {world.token(role)}",
                "Content-Type: multipart/form-data; boundary=x",
                "Content-Length: 20000000",
            )
            connection.sendall("\r\n".join([*lines, "", ""]).encode())
            assert connection.recv(64).split()[1] == b"403"
