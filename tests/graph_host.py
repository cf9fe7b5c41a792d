"""A graph host for the tests, on 127.0.0.1: it can be as slow, large, wrong and hostile as any.

In a thread: `with GraphHost() as host`. As a process, with made-up leads and faults by chance:
`python -m tests.graph_host --fail 0.1`; it prints its port, and `GET /asked` tells its counts.
"""

import argparse
import contextlib
import functools
import gzip
import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

FORM = "700000000000007"
FIRST_LEAD = 10**15
# 20 August 2026, in seconds.
FIRST_CREATED = 1_787_215_754
USAGE = "X-Business-Use-Case-Usage"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


class Handler(BaseHTTPRequestHandler):
    """Does what the host has been told to, and otherwise answers as Meta would."""

    protocol_version = "HTTP/1.1"
    server: "GraphServer"

    def do_GET(self) -> None:
        with contextlib.suppress(OSError):  # the other end has had enough
            self.server.host.serve(self)

    def say(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def say_json(self, value: object, status: int = 200, **headers: str) -> None:
        self.say(status, json.dumps(value).encode(), **headers)

    def say_error(self, code: object, subcode: object = None, **headers: str) -> None:
        error = {"message": "told", "type": "OAuthException", "code": code, "fbtrace_id": "A"}
        if subcode is not None:
            error["error_subcode"] = subcode
        self.say_json({"error": error}, 400, **headers)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


class GraphServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    host: "GraphHost"

    def handle_error(self, *_: Any) -> None:
        """Says nothing: the other end has hung up."""


Behaviour = Callable[[Handler], None]


@dataclass(slots=True)
class GraphHost:
    """The leads that it has, by form; what it does in place of an answer; what it was asked.

    `behaviour` is asked first; what it answers is done, and None is the usual answer.

    `objects` are other objects of the graph by their paths, such as a form's id; a list of them is
    answered page by page.
    """

    forms: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    objects: dict[str, Any] = field(default_factory=dict)
    behaviour: Callable[[Asked], Behaviour | None] = lambda _asked: None
    page: int = 100
    asked: list[Asked] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    # Whether a slow behaviour has come to its own end.
    finished: bool = False
    _server: GraphServer | None = None

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._server = GraphServer(("127.0.0.1", 0), Handler)
        self._server.host = self
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    def always(self, behaviour: Behaviour) -> None:
        self.behaviour = lambda _asked: behaviour

    def next(self, *behaviours: Behaviour) -> None:
        """Each once, in turn; then the usual answers."""
        left = list(behaviours)
        self.behaviour = lambda _asked: left.pop(0) if left else None

    def serve(self, handler: Handler) -> None:
        parts = urlsplit(handler.path)
        asked = Asked(parts.path, dict(parse_qsl(parts.query)), dict(handler.headers))
        if parts.path == "/asked":
            handler.say_json(dict(self.counts))
            return
        self.asked.append(asked)
        behaviour = self.behaviour(asked)
        self.counts[behaviour.__name__ if behaviour else "answered"] += 1
        (behaviour or self._answer)(handler)

    def _answer(self, handler: Handler) -> None:
        parts = urlsplit(handler.path)
        query = dict(parse_qsl(parts.query))
        _version, id, *edge = parts.path.strip("/").split("/")
        if (known := self.objects.get("/".join([id, *edge]))) is not None:
            if isinstance(known, list):
                self._answer_list(handler, known, query)
            else:
                handler.say_json(known)
            return
        if edge == ["leads"] and id in self.forms:
            self._answer_page(handler, id, query)
            return
        lead = next((one for of in self.forms.values() for one in of if one["id"] == id), None)
        if lead is None and is_made(id):
            lead = make_lead(int(id) - FIRST_LEAD)
        if lead is None or edge:
            handler.say_error(100, 33)
        else:
            handler.say_json(lead)

    def _answer_page(self, handler: Handler, form: str, query: dict[str, str]) -> None:
        """The newest first, as Meta does; the next page is an address with all parameters in it."""
        since = json.loads(query["filtering"])[0]["value"]
        found = [lead for lead in self.forms[form] if seconds(lead) > since]
        found.sort(key=seconds, reverse=True)
        self._answer_list(handler, found, query)

    def _answer_list(
        self, handler: Handler, found: list[dict[str, Any]], query: dict[str, str]
    ) -> None:
        start = int(query.get("after", 0))
        end = start + min(self.page, int(query.get("limit", 25)))
        answer: dict[str, Any] = {"data": found[start:end], "paging": {"cursors": {}}}
        if end < len(found):
            path = urlsplit(handler.path).path
            answer["paging"]["next"] = f"{self.url}{path}?{urlencode(query | {'after': str(end)})}"
        handler.say_json(answer)


def make_lead(number: int, created: float = FIRST_CREATED, **answers: str) -> dict[str, Any]:
    """A lead that no other is like; `number` seconds after `created`."""
    asked = {
        "full_name": f"Child {number}",
        "phone_number": f"+9198{number:08}",
        "email": f"parent{number}@example.com",
        "nearest_center": ("TOFA Tellapur", "TOFA Gachibowli")[number % 2],
    } | answers
    at = time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime(created + number))
    return {
        "id": str(FIRST_LEAD + number),
        "created_time": at,
        "ad_id": "120000000000000001",
        "form_id": FORM,
        "platform": "ig",
        "is_organic": False,
        "field_data": [{"name": name, "values": [value]} for name, value in asked.items()],
    }


def is_made(id: str) -> bool:
    return id.isdigit() and FIRST_LEAD <= int(id) < 2 * FIRST_LEAD


def seconds(lead: Mapping[str, Any]) -> float:
    import calendar

    return calendar.timegm(time.strptime(lead["created_time"], "%Y-%m-%dT%H:%M:%S+0000"))


# What a host may do in place of an answer.


def error(code: object, subcode: object = None, **headers: str) -> Behaviour:
    def fail(handler: Handler) -> None:
        handler.say_error(code, subcode, **headers)

    fail.__name__ = f"error {code}"
    return fail


def throttle(minutes: float | None, code: int = 80005) -> Behaviour:
    """Refuses, and tells how many minutes it will go on to, or not."""
    if minutes is None:
        behaviour = error(code)
        behaviour.__name__ = "throttled"
        return behaviour
    usage = {"17841": [{"type": "leadgen", "estimated_time_to_regain_access": minutes}]}
    behaviour = error(code, **{USAGE: json.dumps(usage)})
    behaviour.__name__ = "throttled"
    return behaviour


def answer(value: object, status: int = 200, **headers: str) -> Behaviour:
    def say(handler: Handler) -> None:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        handler.say(status, body, **headers)

    return say


def redirect(to: str) -> Behaviour:
    return answer({}, 302, Location=to)


def hang(handler: Handler) -> None:
    """30 s of nothing."""
    time.sleep(30)
    _finish(handler)


def hang_up(handler: Handler) -> None:
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")


def drip(handler: Handler) -> None:
    """The body a byte at a time, for a minute."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n")
    _drip(handler)


def drip_head(handler: Handler) -> None:
    """A header that has no end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    _drip(handler)


def _drip(handler: Handler) -> None:
    handler.close_connection = True
    for _ in range(600):
        handler.wfile.write(b" ")
        time.sleep(0.1)
    _finish(handler)


def _finish(handler: Handler) -> None:
    assert isinstance(handler.server, GraphServer)
    handler.server.host.finished = True


def huge(handler: Handler) -> None:
    """50 MB of JSON."""
    handler.close_connection = True
    size = 50 << 20
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
    handler.wfile.write(b'["')
    for _ in range(size >> 20):
        handler.wfile.write(b"a" * (1 << 20))


def bomb(handler: Handler) -> None:
    """50 KB that unpack to 50 MB, though nobody has asked for what is packed."""
    handler.say(200, packed(), Content_Encoding="gzip")


@functools.cache
def packed() -> bytes:
    return gzip.compress(b'["' + b"a" * (50 << 20))


def broken(handler: Handler) -> None:
    handler.say(500, b"<html>Sorry, something went wrong.</html>")


@dataclass(slots=True)
class Chaos:
    """Faults by chance: the share of requests that hang, are throttled, and fail."""

    hang: float
    throttle: float
    fail: float
    random: random.Random
    # How many minutes a throttle names; None where it names none.
    minutes: float | None = 0.02
    # Never for the same request more often than this, so that a run has an end.
    most: int = 3
    _seen: Counter[str] = field(default_factory=Counter)

    def __call__(self, asked: Asked) -> Behaviour | None:
        draw = self.random.random()
        if self._seen[asked.path] >= self.most:
            return None
        for share, behaviour in self._table():
            if draw < share:
                self._seen[asked.path] += 1
                return behaviour
            draw -= share
        return None

    def _table(self) -> Iterator[tuple[float, Behaviour]]:
        yield self.hang, hang
        yield (
            self.throttle,
            throttle(self.minutes, self.random.choice((4, 17, 32, 613, 80001, 80005))),
        )
        for behaviour in (broken, hang_up, error(2), answer([]), answer(b"{")):
            yield self.fail / 5, behaviour


def main() -> None:
    parser = argparse.ArgumentParser("python -m tests.graph_host")
    parser.add_argument("--hang", type=float, default=0.0)
    parser.add_argument("--throttle", type=float, default=0.0)
    parser.add_argument("--fail", type=float, default=0.0)
    parser.add_argument("--throttles-name-no-time", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chaos = Chaos(given.hang, given.throttle, given.fail, random.Random(given.seed))
    if given.throttles_name_no_time:
        chaos.minutes = None
    with GraphHost(behaviour=chaos) as host:
        sys.stdout.write(f"{host.port}\n")
        sys.stdout.flush()
        sys.stdin.read()  # until the parent process ends


if __name__ == "__main__":
    main()
