"""Lists come compressed to a client that takes them so, and as they are to any other."""

import gzip
import importlib.util
import random
import sys
import zlib
from collections.abc import Iterator

import pytest

from backend.api.compression import LARGE, LEAST, pack
from backend.api.messages import Response
from backend.core import times
from backend.models import Lead
from tests.servers import Client
from tests.world import LEAD, World

pytestmark = pytest.mark.every_adapter

TAKES = {"accept-encoding": "gzip, deflate, br"}


@pytest.fixture(autouse=True)
def leads(world: World) -> None:
    with world.db.write() as session:
        for number in range(20):
            session.add(Lead(created_time=times.now(), player_name=f"Player {number}", center_id=1))


def test_a_list_is_compressed(client: Client, world: World) -> None:
    token = world.token(LEAD)
    plain = client.get("/leads/?limit=50", token=token)
    packed = client.get("/leads/?limit=50", token=token, headers=TAKES)
    assert len(plain.body) > LEAST
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["content-length"] == str(len(packed.body))
    for answer in (plain, packed):
        assert answer.headers["vary"] == "Origin, Accept-Encoding"


def test_head_says_what_get_would(client: Client, world: World) -> None:
    token = world.token(LEAD)
    told = [
        client.request(method, "/leads/?limit=50", token=token, headers=TAKES)
        for method in ("GET", "HEAD")
    ]
    assert told[0].headers["content-length"] == told[1].headers["content-length"]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"x" * (LEAST - 1), {}),
        (b"x" * LEAST, {"etag": '"1"'}),
        (b"x" * LEAST, {"content-type": "text/csv; charset=utf-8"}),
    ],
    ids=["small", "tagged", "a file"],
)
def test_what_stays_as_it_is(body: bytes, headers: dict[str, str]) -> None:
    response = Response(200, body, {"content-type": "application/json", **headers})
    assert pack(response, TAKES) is response


@pytest.mark.parametrize("size", [LEAST, LARGE, LARGE + 1, 8 * LARGE])
def test_every_size_is_compressed(size: int) -> None:
    body = bytes(number * number % 251 for number in range(1000)) * (size // 1000 + 1)
    packed = pack(Response(200, body[:size], {"content-type": "application/json"}), TAKES)
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == body[:size]


def test_zlib_stands_in_where_isal_has_no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("isal", "isal.isal_zlib"):
        monkeypatch.setitem(sys.modules, name, None)
    spec = importlib.util.find_spec("backend.api.compression")
    assert spec is not None
    assert spec.loader is not None
    without = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(without)
    assert without.compressobj is zlib.compressobj
    body = b"lead " * LARGE
    packed = without.pack(Response(200, body, {"content-type": "application/json"}), TAKES)
    assert gzip.decompress(packed.body) == body


def test_what_is_made_while_it_is_sent_is_compressed_so() -> None:
    made: list[int] = []

    def rest() -> Iterator[bytes]:
        for number in range(5):
            made.append(number)
            yield bytes(chance.randrange(256) for _ in range(LARGE))

    chance = random.Random(3)
    answer = pack(Response(200, b"first", {"content-type": "application/json"}, rest()), TAKES)
    chunks = answer.chunks()
    assert made == []
    start = next(chunks)
    assert made[-1:] != [4]
    text = gzip.decompress(b"".join([start, *chunks]))
    assert text.startswith(b"first")
    assert len(text) == len(b"first") + 5 * LARGE
    assert answer.headers["vary"] == "Accept-Encoding"
