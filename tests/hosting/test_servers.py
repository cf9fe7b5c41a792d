"""Every server of the trade, as docs/hosting.md starts it: `python dev.py servers`."""

import http.client
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import text

from backend.core.db import Database
from tests.graph_host import FIRST_LEAD, GraphHost
from tests.hosting import documented, proxies
from tests.hosting.running import APP_SECRET, WEBHOOK_TOKEN, Running, settings_of
from tests.postgres import Server as PostgresServer
from tests.servers import Client, Upload, multipart
from tests.told import signed
from tests.waiting import PATIENCE, wait_until
from tests.world import LEAD, PASSWORD, build, settings_for

pytestmark = pytest.mark.servers

COMMANDS = documented.commands()
# Forking after the import, and threads that a server doesn't have, differ with the database.
ON_POSTGRESQL = [name for name in COMMANDS if name.startswith(("gunicorn", "uWSGI"))]
# Behind nginx: the number of the command under a prefix, or None for none.
BEHIND_NGINX = {"nginx with TLS": None, "nginx, ASGI, a prefix": 0, "nginx, WSGI, a prefix": 1}
MOD_WSGI = "mod_wsgi"
PLACES = [
    *((name, "sqlite") for name in (*COMMANDS, *BEHIND_NGINX, MOD_WSGI)),
    *((name, "postgresql") for name in (*ON_POSTGRESQL, MOD_WSGI)),
]
# Who has a thread for each connection, or for each body: nginx must be in front of these.
THREAD_FOR_A_HEAD = ("gunicorn", "uWSGI")
THREAD_FOR_A_BODY = (*THREAD_FOR_A_HEAD, "granian with Flask")
SLOW = 20
WEBHOOK = "/leads/meta-webhook/"
FORMS = {"X-Webhook-Token": WEBHOOK_TOKEN}
SHEET = b"player_name,phone,nearest_tofa\nAsha Rao,+919848011111,TOFA Tellapur\n"
MB = 1 << 20


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@pytest.fixture(scope="module")
def graph() -> Iterator[GraphHost]:
    with GraphHost() as host:
        yield host


@pytest.fixture(scope="module", params=PLACES, ids=lambda place: f"{place[0]} on {place[1]}")
def server(
    request: pytest.FixtureRequest,
    graph: GraphHost,
    sqlite_template: Path,
) -> Iterator[Running]:
    with ExitStack() as stack:
        yield started(stack, request, graph, sqlite_template)


def started(
    stack: ExitStack, request: pytest.FixtureRequest, graph: GraphHost, sqlite_template: Path
) -> Running:
    """Return a server that runs until the stack is closed."""
    name, database = request.param
    # Apache isn't run by root, who alone can see the folder of the tests.
    within = "/tmp" if name == MOD_WSGI else None
    folder = Path(stack.enter_context(TemporaryDirectory(dir=within)))
    if database == "sqlite":
        shutil.copy(sqlite_template, folder / "tofa.db")
        url = f"sqlite:///{folder}/tofa.db"
    else:
        postgres: PostgresServer = request.getfixturevalue("postgres_server")
        url = postgres.create_database()
        build(url)
    running = place(name, folder, settings_of(url, graph))
    stack.callback(running.end)
    running.start()
    return running


def place(name: str, folder: Path, settings: dict[str, str]) -> Running:
    """Return a server as the page starts it, with a proxy if it is about that."""
    port, output = free_port(), folder / "output"
    output.touch()
    if name == MOD_WSGI:
        command, given = proxies.apache(folder, port)
        return Running(command, port, settings, output, name=name, **given)
    if name not in BEHIND_NGINX:
        command = documented.command(COMMANDS[name], port)
        return Running(command, port, settings, output, name=name)
    settings = proxies.environment(settings)
    number, location = BEHIND_NGINX[name], ""
    if number is None:
        command = documented.command(COMMANDS["gunicorn 2"], port)
    else:
        command, own, location = proxies.prefixed(number, port)
        settings = {**settings, **own}
    front = proxies.nginx(folder, free_port(), port, location)
    prefix = proxies.PREFIX if location else ""
    return Running(command, port, settings, output, name=name, prefix=prefix, **front)


def signed_in(server: Running) -> Client:
    client = server.client()
    answer = client.post("/token", form={"username": LEAD, "password": PASSWORD})
    assert answer.status == 200, answer.body
    client.token = answer.json()["access_token"]
    return client


def phones(client: Client) -> set[str]:
    return {lead["phone"] for lead in client.get("/leads/my_leads").json()}


def flat(phone: str) -> dict[str, str]:
    return {"full_name": "Child", "phone_number": phone, "nearest_center": "TOFA Tellapur"}


def test_people_work_with_it(server: Running) -> None:
    client = signed_in(server)
    page = client.get("/")
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert ("strict-transport-security" in page.headers) == bool(server.proxy)
    assert client.get("/nowhere").json()["detail"]
    workbook = Path("tests/samples/academy-leads.xlsx").read_bytes()
    for name, content in (("leads.csv", SHEET), ("leads.xlsx", workbook)):
        answer = client.post("/leads/upload/", file=Upload(name, content))
        assert answer.status == 200, answer.body
    assert "+919848011111" in phones(client)
    # A comment in the query, 9 bytes a letter. uWSGI's own limit is lower, see the page.
    words = "क" * (800 if "uwsgi" not in server.command[0] or "--master" in server.command else 90)
    said = "".join(f"%{byte:02X}" for byte in words.encode())
    assert client.put(f"/leads/1?status=Called&comment={said}").json() == {"status": "updated"}
    assert words in client.get("/leads/1/history").body.decode()


def test_leads_come_in(server: Running) -> None:
    """A lead from Meta is there soon after its notification, though nobody asks for anything."""
    client = signed_in(server)
    answer = client.post(WEBHOOK, json=flat("+919848022222"), headers=FORMS)
    assert answer.json()["status"] == "success"
    assert "+919848022222" in phones(client)
    assert client.post(WEBHOOK, json=flat("1"), headers={}).status == 403
    told = client.post(WEBHOOK, **signed(APP_SECRET, FIRST_LEAD + 7))
    assert told.status == 200, told.body
    settings = settings_for(server.environment["DATABASE_URL"])
    with closing(Database(settings.url)) as db:
        wait_until(lambda: _has_lead(db, "+919800000007"))


def _has_lead(db: Database, phone: str) -> bool:
    with db.read() as session:
        query = text("SELECT count(*) FROM lead WHERE phone_key = :phone")
        return bool(session.connection().scalar(query, {"phone": phone}))


def test_bodies(server: Running) -> None:
    client = signed_in(server)
    large = Upload("leads.csv", SHEET + b"\n" * 3 * MB)
    # Behind nginx every client gets the answer.
    told = (413,) if server.proxy else (413, None)
    assert _status_of_large(server, client, multipart(large)) in told
    client.token = "nobody's"
    told = (401,) if server.proxy else (401, None)
    assert _status_of_large(server, client, multipart(large)) in told
    client = signed_in(server)
    head = (
        f"POST {server.prefix}{WEBHOOK} HTTP/1.1\r\nHost: x\r\nX-Webhook-Token: {WEBHOOK_TOKEN}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    body = b'{"phone_number": "+919848033333", "nearest_center": "TOFA Tellapur"}'
    whole = server.send(head.encode(), b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
    if whole.status == 200:
        assert whole.json()["status"] == "success"
        assert "+919848033333" in phones(client)
    else:  # never an empty body in its place
        assert (whole.status, "Content-Length" in whole.json()["detail"]) == (400, True)
    before = phones(client)
    for wrong in (b"zz\r\n%s\r\n0\r\n\r\n" % body, b"5\r\n%s\r\n0\r\n\r\n" % body):
        with suppress(ConnectionError, http.client.HTTPException):
            assert 400 <= server.send(head.encode(), wrong).status < 500
    assert phones(client) == before
    assert server.client().get("/readyz").status == 200


def _status_of_large(server: Running, client: Client, body: bytes) -> int | None:
    """Return the status for a body that is too large, or None if the connection is cut."""
    head = (
        f"POST {server.prefix}/leads/upload/ HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Bearer {client.token}\r\n"
        "Content-Type: multipart/form-data; boundary=frontier\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    try:
        return server.send(head.encode(), body).status
    except (ConnectionError, http.client.HTTPException):
        return None


def test_a_large_head(server: Running) -> None:
    """It is refused, or the connection is cut."""
    line = b"X-Large: " + b"x" * MB
    with suppress(ConnectionError, http.client.HTTPException):
        head = f"GET {server.prefix}/centers/ HTTP/1.1\r\nHost: x\r\n".encode()
        assert 400 <= server.send(head + line, b"\r\n\r\n").status < 500
    assert server.client().get("/centers/").status == 200


def test_slow_clients(server: Running) -> None:
    """Twenty heads and twenty bodies that don't go on keep nobody out."""
    target = f"{server.prefix}{WEBHOOK} HTTP/1.1\r\nHost: x\r\n"
    starts = []
    if not server.name.startswith(THREAD_FOR_A_HEAD):
        starts.append(f"POST {target}")
    if not server.name.startswith(THREAD_FOR_A_BODY):
        starts.append(
            f"POST {target}X-Webhook-Token: {WEBHOOK_TOKEN}\r\nContent-Length: 9\r\n\r\n{{"
        )
    with ExitStack() as stack:
        for start in starts * SLOW:
            stack.enter_context(server.connect()).sendall(start.encode())
        assert server.client().get("/centers/").status == 200


def test_it_stops_in_the_middle(server: Running) -> None:
    """What was acknowledged is there, and so is what was announced."""
    acknowledged: list[str] = []
    stopped = threading.Event()

    def send_leads(group: int) -> None:
        number = 0
        while not stopped.is_set():
            number += 1
            phone = f"+9197{group}{number:07}"
            with suppress(OSError, http.client.HTTPException, ValueError):
                answer = server.client().post(WEBHOOK, json=flat(phone), headers=FORMS)
                if answer.status == 200 and answer.json()["status"] == "success":
                    acknowledged.append(phone)

    threads = [threading.Thread(target=send_leads, args=(group,)) for group in range(3)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(acknowledged) > 5)
    told = server.client().post(WEBHOOK, **signed(APP_SECRET, FIRST_LEAD + 8))
    server.signal()
    server.wait()
    stopped.set()
    for thread in threads:
        thread.join(PATIENCE)
    server.stop()
    assert told.status == 200
    server.start()
    client = signed_in(server)
    assert set(acknowledged) <= phones(client)
    wait_until(lambda: "+919800000008" in _normal(phones(client)))


def _normal(found: set[str]) -> set[str]:
    return {phone.removeprefix("p:") for phone in found}


def test_it_logs_no_error(server: Running) -> None:
    assert "Traceback" not in server.said(), server.said()
