"""The same requests to both servers, on equal databases, get the same bytes, and never a 5xx.

The requests are generated: from the OpenAPI document, valid ones and broken ones, and from pieces
of HTTP that no document describes. The seed is fixed. `--requests 50000` sends more, and from
10,000 on also to Flask as `serve --wsgi` has it.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from backend.api import routes
from backend.api.operation import Operation
from backend.api.routes import OPERATIONS
from backend.core import times
from backend.core.db import Database
from backend.serving.wsgi import FlaskOnASGI
from tests.differential import pieces
from tests.limited import serving
from tests.servers import ADAPTERS, Answer, ASGIServer, Client, WSGIServer
from tests.world import LEAD, MEMBER, OBSERVER, World, settings_for

DOCUMENT = schemathesis.openapi.from_dict(orjson.loads(routes.document()))
DOCUMENTED = [operation for operation in OPERATIONS if operation.documented]
# Valid requests of each operation, and broken ones of each that takes anything.
CASES = [(operation, GenerationMode.POSITIVE) for operation in DOCUMENTED] + [
    (operation, GenerationMode.NEGATIVE)
    for operation in DOCUMENTED
    if operation.access.signed_in or operation.body_model or operation.query_model
]
WHO = st.sampled_from([LEAD, LEAD, LEAD, MEMBER, OBSERVER, "no token at all", "bm8=.bm8=.bm8="])

TRAIL = "/audit"

# The challenge of a passkey, and the token of a one-time link.
RANDOM = re.compile(rb'(?<="challenge":")[\w-]+|(?<="path":"#/set-password/)[\w-]+')
# From so many requests on, the servers of `serve` take part.
AT_LENGTH = 10_000

# A request line beyond 64 KB is refused by the servers themselves, each in its own words.
LONGEST_TARGET = 60_000


class Pair:
    """The servers, each on its copy of the same academy."""

    def __init__(self, clients: dict[str, Client], world: World) -> None:
        self._clients = clients
        self._world = world

    def send(
        self, who: str, method: str, target: str, headers: dict[str, str], body: bytes | None
    ) -> None:
        """Sends a request to each, and compares what comes back."""
        assume(len(target) < LONGEST_TARGET)
        token = self._world.token(who) if "@" in who else who
        sent = {**headers, "Authorization": f"Bearer {token}"}
        one, *others = (
            client.request(method, target, headers=sent, body=body)
            for client in self._clients.values()
        )
        path = urlsplit(target).path.rstrip("/")
        for other in others:
            # What the trail says of openings and strangers depends on each server's own clock.
            if path != TRAIL:
                assert _comparable(one) == _comparable(other)
            assert one.status == other.status < 500


def _comparable(answer: Answer) -> Answer:
    """Return an answer without what is never the same twice."""
    return replace(answer, body=RANDOM.sub(b"", answer.body))


@pytest.fixture(scope="module")
def pair(
    sqlite_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
    asgi_server: ASGIServer,
    wsgi_server: WSGIServer,
    pytestconfig: pytest.Config,
) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("pair")
    # One clock for both: what they write must not differ by when they came to it.
    now = datetime.now(UTC)
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setattr(times, "now", lambda: now)
        clients: dict[str, Client] = {}
        worlds: list[World] = []
        servers: dict[str, ASGIServer | WSGIServer] = {"fastapi": asgi_server, "flask": wsgi_server}
        names = [
            *servers,
            *(["served"] if pytestconfig.getoption("--requests") >= AT_LENGTH else []),
        ]
        for name in names:
            path = folder / f"{name}.db"
            shutil.copy(sqlite_template, path)
            made = settings_for(f"sqlite:///{path}", max_upload_mb=1, files_per_hour=1_000_000)
            adapter = ADAPTERS["flask" if name == "served" else name]
            app = adapter.make(made)
            stack.callback(adapter.close, app)
            if name == "served":
                clients[name] = Client(stack.enter_context(serving(FlaskOnASGI(app))))
            else:
                servers[name].app = app
                clients[name] = Client(servers[name].port)
            worlds.append(World(made, Database(made.url)))
            stack.callback(worlds[-1].db.close)
        yield Pair(clients, worlds[0])


def examples(number: int) -> settings:
    """Settings for so many requests, always the same ones."""
    return settings(
        max_examples=number,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
        derandomize=True,
        database=None,
    )


@pytest.mark.parametrize(
    ("operation", "mode"), CASES, ids=[f"{mode.value}-{made.name}" for made, mode in CASES]
)
def test_what_the_document_describes(
    pair: Pair, operation: Operation, mode: GenerationMode, pytestconfig: pytest.Config
) -> None:
    number = pytestconfig.getoption("--requests") // 2 // len(CASES)
    cases = DOCUMENT[operation.path][operation.method].as_strategy(generation_mode=mode)

    @examples(max(1, number))
    @given(case=cases, who=WHO)
    def send(case: Any, who: str) -> None:
        pair.send(who, *_prepared(case))

    send()


def test_what_no_document_describes(pair: Pair, pytestconfig: pytest.Config) -> None:
    @examples(pytestconfig.getoption("--requests") // 2)
    @given(
        who=WHO,
        method=pieces.METHODS,
        target=pieces.TARGETS,
        headers=pieces.headers(),
        body=pieces.BODIES,
    )
    def send(
        who: str, method: str, target: str, headers: dict[str, str], body: bytes | None
    ) -> None:
        pair.send(who, method, target, headers, body)

    send()


def _prepared(case: Any) -> tuple[str, str, dict[str, str], bytes | None]:
    """A case as the bytes that it would be sent as."""
    given = case.as_transport_kwargs(base_url="http://localhost")
    own = {
        name: value
        for name, value in given["headers"].items()
        if name.lower() in ("content-type", "x-request-id")
    }
    sent = requests.Request(**{**given, "headers": own, "cookies": None}).prepare()
    parts = urlsplit(sent.url or "")
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    headers = {
        name: value
        for name, value in sent.headers.items()
        if name != "Content-Length" and isinstance(value, str)
    }
    body = sent.body.encode() if isinstance(sent.body, str) else sent.body
    assert body is None or isinstance(body, bytes)
    return sent.method or "GET", target, headers, body
