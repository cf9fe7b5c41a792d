"""What a client may hold of a server that `serve` starts: over real sockets, on both frameworks."""

import asyncio
import http.client
import json
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from anyio.lowlevel import checkpoint
from hypothesis import given
from hypothesis import strategies as st

from backend.api.application import Application
from backend.api.exchange import Exchange, Settled
from backend.api.messages import Head
from backend.serving.limits import HEADER_LINES, HeadTooLarge, TooSlow
from backend.serving.wsgi import FlaskOnASGI
from tests.limited import LIMITS, serving
from tests.servers import ADAPTERS, Client, Upload, multipart
from tests.waiting import PATIENCE
from tests.world import LEAD, PASSWORD, settings_for

# Long enough for what a test sends at once, even on a slow machine, and short to wait for.
SHORT = 0.5
HEAD = "POST /leads/meta-webhook/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module", params=["fastapi", "flask"])
def app(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """The product, on uvicorn as `serve` has it. Flask has one thread."""
    path = tmp_path_factory.mktemp("serving") / "tofa.db"
    shutil.copy(sqlite_template, path)
    adapter = ADAPTERS[request.param]
    made = adapter.make(settings_for(f"sqlite:///{path}"))
    yield made if request.param == "fastapi" else FlaskOnASGI(made, threads=1)
    adapter.close(made)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def answer(connection: socket.socket) -> tuple[int, Any]:
    """Return the status and the value of the next answer."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response.status, json.loads(response.read())


def ended(connection: socket.socket) -> bool:
    """Return True once the server has closed the connection."""
    with suppress(ConnectionError):
        while connection.recv(1 << 16):
            pass
    return True


def test_a_slow_head(app: Any) -> None:
    with serving(app, seconds=SHORT) as port, connect(port) as idle, connect(port) as slow:
        slow.sendall(b"GET /centers/ HTTP/1.1\r\nHost: ")
        assert answer(slow) == (408, {"detail": TooSlow.detail})
        assert ended(slow)
        assert ended(idle)


def test_a_body_that_trickles(app: Any) -> None:
    """Nor may a client go on with a body after the answer, to hold the connection."""
    head = f"{HEAD}Content-Length: 500\r\n\r\n".encode()
    with serving(app, seconds=SHORT, bytes_per_second=1 << 20) as port:
        with connect(port) as slow:
            slow.sendall(head + b"{")
            assert answer(slow) == (408, {"detail": TooSlow.detail})
            assert ended(slow)
        with connect(port) as answered:
            answered.sendall(head.replace(b"POST", b"BREW") + b"{")
            assert answer(answered)[0] == 405
            answered.sendall(b" ")
            assert ended(answered)


def test_a_slow_body_holds_no_thread(app: Any) -> None:
    with serving(app) as port, ExitStack() as stack:
        slow = [stack.enter_context(connect(port)) for _ in range(50)]
        for connection in slow:
            connection.sendall(f"{HEAD}Content-Length: 70\r\n\r\n".encode() + b'{"phone_number":')
        assert Client(port).get("/centers/").status == 200
        slow[0].sendall(b'"+919848044444"'.ljust(53) + b"}")
        assert answer(slow[0])[1]["message"] == "Center/Location is required"


def test_an_upload_is_read_from_those_who_may(app: Any) -> None:
    sheet = b"player_name,phone,nearest_tofa\nAsha Rao,+919848011111,TOFA Tellapur\n"
    body = multipart(Upload("leads.csv", sheet + b"\n" * (1 << 20)))
    head = HEAD.replace("/leads/meta-webhook/", "/leads/upload/")
    with serving(app) as port:
        with connect(port) as stranger:
            stranger.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n".encode())
            assert answer(stranger)[0] == 401
        client = Client(port)
        told = client.post("/token", form={"username": LEAD, "password": PASSWORD})
        client.token = told.json()["access_token"]
        form = {"Content-Type": "multipart/form-data; boundary=frontier"}
        assert client.post("/leads/upload/", body=body, headers=form).json()["leads_added"] == 1
        assert b"Asha Rao" in client.get("/leads/my_leads").body


def test_a_request_with_a_body_is_received_once(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    received: list[bytes] = []
    receive = Application.receive

    def noted(self: Application, head: Head) -> Exchange | Settled:
        received.append(head.path)
        return receive(self, head)

    monkeypatch.setattr(Application, "receive", noted)
    with serving(app) as port:
        assert Client(port).post("/token", form={"username": LEAD, "password": "x"}).status == 400
    assert received == [b"/token"]


def test_many_idle_connections(app: Any) -> None:
    """The one that has kept the server waiting longest makes room."""
    with serving(app, connections=10) as port, ExitStack() as stack:
        idle = [stack.enter_context(connect(port)) for _ in range(10)]
        idle[9].sendall(b"GET /centers/ HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer(idle[9])[0] == 200
        idle += [stack.enter_context(connect(port)) for _ in range(40)]
        assert Client(port).get("/centers/").status == 200
        assert all(ended(connection) for connection in idle[:40])


@pytest.mark.parametrize(
    "lines",
    ["X-Large: " + "x" * (1 << 20) + "\r\n", "X-Many: x\r\n" * 5000],
    ids=["a line of 1 MB", "5000 lines"],
)
def test_a_head_that_is_too_large(app: Any, lines: str) -> None:
    large = f"GET /centers/ HTTP/1.1\r\nHost: x\r\n{lines}\r\n".encode()
    with serving(app) as port:
        with connect(port) as first:
            with suppress(ConnectionError):
                first.sendall(large)
            assert answer(first) == (431, {"detail": HeadTooLarge.detail})
            assert ended(first)
        with connect(port) as second:
            second.sendall(b"GET /centers/ HTTP/1.1\r\nHost: x\r\n\r\n")
            assert answer(second)[0] == 200
            with suppress(ConnectionError):
                second.sendall(large)
            assert ended(second)


def test_a_long_comment(app: Any) -> None:
    """10,000 letters of an Indian script, 9 bytes each, are in the request line."""
    with serving(app) as port:
        client = Client(port)
        told = client.post("/token", form={"username": LEAD, "password": PASSWORD})
        client.token = told.json()["access_token"]
        target = "/leads/1?status=Called&comment=" + "%E0%A4%95" * 10_000
        assert client.put(target).json() == {"status": "updated"}


def test_what_is_no_http(app: Any) -> None:
    with serving(app) as port:
        for sent in (b"\x16\x03\x01\r\n\r\n", b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n"):
            with connect(port) as connection:
                connection.sendall(sent)
                assert answer(connection)[0] == 400
        with connect(port) as connection:
            connection.sendall(f"{HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n".encode())
            status, told = answer(connection)
            assert (status, "Content-Length" in told["detail"]) == (400, True)


def test_a_body_with_two_lengths(app: Any) -> None:
    """A proxy that believes the other one may have let a request through that it didn't check."""
    hidden = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    lengths = f"Content-Length: {3 + len(hidden)}\r\nTransfer-Encoding: chunked\r\n\r\n"
    with serving(app) as port, connect(port) as connection:
        connection.sendall(f"{HEAD}{lengths}".encode() + b"0\r\n\r\n" + hidden)
        response = http.client.HTTPResponse(connection)
        response.begin()
        assert response.status < 500
        assert response.getheader("connection") == "close"
        response.read()
        assert connection.recv(1 << 16) == b""


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("http://localhost/healthz", 200),
        ("HTTPS://crm.example:8443/healthz?x=1", 200),
        ("http://localhost", 200),
        ("http://localhost?x=1", 200),
        ("http://localhost/nothing", 404),
    ],
)
def test_a_target_in_absolute_form(app: Any, target: str, status: int) -> None:
    with serving(app) as port, connect(port) as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        response = http.client.HTTPResponse(connection)
        response.begin()
        assert response.status == status


def test_a_client_that_does_not_read() -> None:
    """It is dropped, and the app learns of that."""
    over = threading.Event()

    async def endless(_scope: Any, receive: Any, send: Any) -> None:
        await receive()  # there is no body
        gone = asyncio.ensure_future(receive())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while not gone.done():
            await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
            await checkpoint()
        over.set()

    with serving(endless, seconds=SHORT, bytes_per_second=1 << 30) as port, connect(port) as deaf:
        deaf.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert over.wait(PATIENCE)


@given(seconds=st.integers(1, 100_000))
def test_how_long_a_body_may_take(seconds: int) -> None:
    """A phone on 2G may stall for most of the time; a byte a minute is soon over."""
    limits = replace(LIMITS, seconds=20.0)
    assert limits.ends(0.0, sent=10_000 * seconds) > 20 * seconds
    assert limits.ends(0.0, sent=seconds) < 60 * seconds


@given(lines=st.integers(0, 2 * HEADER_LINES), newline=st.sampled_from([b"\r\n", b"\n"]))
def test_header_lines(lines: int, newline: bytes) -> None:
    limits = replace(LIMITS, head_bytes=1 << 20)
    head = newline.join([b"GET / HTTP/1.1", *[b"A: b"] * lines])
    assert limits.refuse(head) == (lines > HEADER_LINES)
    assert limits.refuse(head + newline * 2 + b"\n" * 1000) == (lines > HEADER_LINES)
