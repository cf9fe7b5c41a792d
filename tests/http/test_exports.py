"""Who may take leads out or bring files in, how often, and what is recorded of it."""

import json
import socket
from collections.abc import Callable

import pytest
from sqlmodel import select

from backend.core import times
from backend.core.leads import export_access
from backend.models import AuditEvent, InstallationMark
from tests.servers import Client, Upload
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
    assert [client.get(EXPORT, token=member).status for _ in range(4)] == [200, 200, 429, 429]
    refusal = client.get("/leads/export.xlsx", token=member)
    check_error(refusal)
    assert 1 <= int(refusal.headers["retry-after"]) <= 3600
    assert refusal.json()["detail"].startswith("There were too many exports or uploads: try again")
    assert client.get(EXPORT, token=other).status == 200
    assert [by for by, *_ in exports(world)] == [2, 2, 3]
    sheet = Upload("leads.csv", SHEET)
    statuses = [
        client.post(path, token=lead, file=sheet).status
        for path in ("/leads/upload/", "/imports/", "/imports/", "/leads/upload/")
    ]
    assert statuses == [200, 200, 429, 429]
    assert client.get(EXPORT, token=lead).status == 200


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
