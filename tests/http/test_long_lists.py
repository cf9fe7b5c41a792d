"""A legacy list that is sent while it is read: whole, or visibly broken, and no one waits."""

import gzip
import http.client
import json
import random
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import httpx
import pytest
import requests
from sqlalchemy import insert

from backend.core.access import Person
from backend.core.background import Worker
from backend.core.errors import Problem
from backend.core.leads import legacy_json, legacy_list
from backend.models import Lead
from tests.servers import Client
from tests.waiting import is_soon, wait_until
from tests.world import EPOCH, LEAD, MEMBER, World

PATH = "/leads/my_leads"
TAKES = {"Accept-Encoding": "gzip"}
# More than the buffers of a connection take, compressed too: 20 MB, in steps of half a MB.
LARGE, LONG = 2_000, 10_000
PATIENCE = 30


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Short steps, and the sizes of those that were read."""
    for name, value in {
        "FIRST_LEADS": 20, "FIRST_BYTES": 4_000, "STEP_FIRST": 5, "STEP_BYTES": 500_000,
        "STEP_LEAST": 10,
    }.items():  # fmt: skip
        monkeypatch.setattr(legacy_list, name, value)
    read, done = legacy_json.read, []

    def counted(*given: Any) -> Any:
        step = read(*given)
        done.append(step[0])
        return step

    monkeypatch.setattr(legacy_json, "read", counted)
    return done


def fill(world: World, leads: int = 300, length: int = 0) -> None:
    chance = random.Random(5)
    rows = [
        {
            "created_time": EPOCH,
            "player_name": f"Zoë {number}",
            "address": f"1 “Lake” Road {chance.randbytes(length // 2).hex()}",
            "center_id": 1,
        }
        for number in range(leads)
    ]
    with world.db.write() as session:
        session.connection().execute(insert(Lead), rows)


@pytest.fixture
def told(world: World, steps: list[int]) -> bytes:
    """The whole list of the team lead, as the core has it."""
    fill(world)
    with world.db.read() as session:
        person = Person(1, LEAD, "team_lead")
        first, rest = legacy_list.list_mine(world.db, session, person, world.settings.zone)
    assert rest is not None
    whole = b"".join([first, *rest])
    steps.clear()
    return whole


def test_the_list_is_whole(lead: Client, told: bytes) -> None:
    plain, packed = lead.get(PATH), lead.get(PATH, headers=TAKES)
    assert plain.body == told
    assert gzip.decompress(packed.body) == told
    assert packed.headers["content-encoding"] == "gzip"
    for answer in (plain, packed):
        assert answer.status == 200
        assert "content-length" not in answer.headers
        assert answer.headers["vary"] == "Origin, Accept-Encoding"
        assert answer.headers["cache-control"] == "no-store"
    assert len(lead.get("/leads/?limit=1").json()["leads"]) == 1


def test_others_get_their_own(client: Client, world: World, told: bytes) -> None:
    leads = client.get(PATH, token=world.token(MEMBER)).json()
    assert leads == [lead for lead in json.loads(told) if lead["center_id"] == 1]


def test_who_may_not_gets_no_byte_of_it(client: Client, told: bytes, steps: list[int]) -> None:
    assert client.get(PATH).status == client.get(PATH, token="a.b.c").status == 401
    assert steps == []


@pytest.mark.parametrize("sent", [{}, TAKES], ids=["plain", "gzip"])
def test_head(lead: Client, told: bytes, steps: list[int], sent: dict[str, str]) -> None:
    one = lead.get(PATH, headers=sent)
    steps.clear()
    other = lead.request("HEAD", PATH, headers=sent)
    assert (other.status, other.headers, other.body) == (one.status, one.headers, b"")
    assert sum(steps) < len(json.loads(told)) / 2


@contextmanager
def asked(
    client: Client, version: str = "1.1", **headers: str
) -> Iterator[tuple[socket.socket, http.client.HTTPResponse]]:
    """The answer to a request, its head read and its body not; small buffers on this side."""
    sent = {"Host": "localhost", "Authorization": f"Bearer {client.token}", **headers}
    lines = [f"GET {PATH} HTTP/{version}", *(f"{name}: {text}" for name, text in sent.items())]
    with closing(socket.socket()) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.settimeout(PATIENCE)
        connection.connect(("127.0.0.1", client.port))
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        with closing(http.client.HTTPResponse(connection)) as response:
            response.begin()
            yield connection, response


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_client_of_http_1_0(lead: Client, told: bytes, encoding: str) -> None:
    with asked(lead, "1.0", **{"Accept-Encoding": encoding}) as (_, response):
        body = response.read()
    assert response.getheader("transfer-encoding") is None
    assert response.getheader("content-length") == str(len(body))
    assert (gzip.decompress(body) if encoding == "gzip" else body) == told


@pytest.mark.parametrize("library", [httpx, requests])
def test_libraries_unpack_it(lead: Client, told: bytes, library: Any) -> None:
    given = {"Authorization": f"Bearer {lead.token}"}
    answer = library.get(f"http://127.0.0.1:{lead.port}{PATH}", headers=given, timeout=PATIENCE)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.content == told


def test_a_short_list_has_its_length(lead: Client) -> None:
    for version in ("1.0", "1.1"):
        with asked(lead, version) as (_, response):
            assert len(json.loads(response.read())) == 2
        assert response.getheader("content-length") is not None


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch, world: World, steps: list[int]) -> None:
    """The database goes away after more than a compressor keeps back."""
    fill(world, 100, LONG)
    read = legacy_json.read

    def fail(session: Any, wanted: Any, many: int, zone: Any) -> Any:
        if sum(steps) > 50:
            raise RuntimeError("the disk is on fire")
        return read(session, wanted, many, zone)

    monkeypatch.setattr(legacy_json, "read", fail)


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_an_error_after_the_first_byte_breaks_the_connection(
    lead: Client, encoding: str, caplog: pytest.LogCaptureFixture
) -> None:
    given = {"Accept-Encoding": encoding, "X-Request-ID": "abc-1"}
    with asked(lead, **given) as (_, response):
        assert response.status == 200
        with pytest.raises((http.client.IncompleteRead, ConnectionError)) as caught:
            response.read()
    if encoding == "identity" and isinstance(caught.value, http.client.IncompleteRead):
        with pytest.raises(json.JSONDecodeError):
            json.loads(caught.value.partial)
    (record,) = [one for one in caplog.records if (one.name, one.levelname) == ("tofa", "ERROR")]
    assert "abc-1" in record.getMessage()
    assert record.exc_info is not None
    assert lead.get("/centers/").status == 200


@pytest.mark.usefixtures("broken")
def test_to_http_1_0_an_error_is_an_answer(lead: Client) -> None:
    with asked(lead, "1.0") as (_, response):
        assert response.status == 500
        assert json.loads(response.read()) == {"detail": Problem.detail}


@pytest.mark.slow
def test_a_slow_reader_holds_no_connection(
    serve: Callable[..., Client], world: World, steps: list[int]
) -> None:
    fill(world, LARGE, LONG)
    client = serve(db_pool_size=1)
    client.token = world.token(LEAD)
    with asked(client) as (_, response):
        start = response.read(10)
        for _ in range(10):
            assert client.get("/centers/").status == 200
            assert client.get("/leads/?limit=1").status == 200
        assert sum(steps) < LARGE, "nobody reads on for one who does not"
        assert len(json.loads(start + response.read())) == LARGE + 2


@pytest.mark.parametrize("sent", [{}, TAKES], ids=["plain", "gzip"])
def test_for_one_who_has_gone_nothing_is_read(
    serve: Callable[..., Client], world: World, steps: list[int], sent: dict[str, str]
) -> None:
    fill(world, LARGE, LONG)
    client = serve(db_pool_size=1)
    client.token = world.token(LEAD)
    before = threading.active_count()
    with asked(client, **sent) as (_, response):
        response.read(10)

    def has_stopped() -> bool:
        seen = len(steps)
        for _ in range(20):
            assert client.get("/centers/").status == 200
        return len(steps) == seen

    wait_until(has_stopped)
    assert sum(steps) < LARGE
    is_soon(lambda: threading.active_count() <= before + 2, PATIENCE)
    assert client.get("/leads/?limit=1").status == 200


@pytest.mark.parametrize("adapter", ["flask", "django"])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_work_of_the_background_comes_after_the_list(
    lead: Client, told: bytes, steps: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []
    monkeypatch.setattr(Worker, "after_response", lambda worker: done.append(sum(steps)))
    assert lead.get(PATH).body == told
    wait_until(lambda: done)
    assert done == [len(json.loads(told))]


def test_a_file_for_http_1_0_is_gone_afterwards(
    lead: Client, told: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    temporary = tempfile.TemporaryFile

    def watched() -> Any:
        made.append(temporary())
        return made[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", watched)
    with asked(lead, "1.0") as (_, response):
        assert response.read() == told
    wait_until(lambda: made[0].closed)
    assert [file.closed for file in made] == [True]
