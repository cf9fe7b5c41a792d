"""What all routes have in common: slashes, methods, headers, and the shape of an error."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from backend.api.operation import Body, Operation
from backend.api.routes import OPERATIONS
from backend.core.db import Database
from tests.dump import dump
from tests.operations import SENDERS, kind_of, may_call
from tests.servers import ADAPTERS, Answer, ASGIServer, Client, WSGIServer, make_again
from tests.shape import check_error
from tests.world import PASSWORD, World, build, settings_for

pytestmark = pytest.mark.every_adapter
# For what doesn't follow from what the database answers.
before_the_database = pytest.mark.every_adapter(database="sqlite")

ORIGIN = "http://localhost:3000"
FOREIGN = ("http://localhost:3001", "https://localhost:3000", "http://localhost:3000.evil.example")
# It must not come back, wherever it is put.
CANARY = "canary7f3a"
JSON = {"Content-Type": "application/json"}
NOT_FOUND = "Nothing was found at this address. Check it and try again."
WRONG_METHOD = "This address doesn't accept this kind of request. Check the method."

SECURITY = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-site",
}


# It keeps whatever it gets.
WEBHOOK = "receive_lead"
# What the webhook keeps and what the audit trail tells have times of their own, and the next try
# of a call is in a minute that may be over: see their tests.
TIMED = {WEBHOOK, "list_audit_events", "list_calls"}


def fill(path: str, text: str = "1") -> str:
    """A path with something in place of its parameters."""
    return re.sub(r"\{\w+(:path)?\}", text, path)


PATHS = sorted({operation.path for operation in OPERATIONS})
METHODS = {
    path: {operation.method for operation in OPERATIONS if operation.path == path} for path in PATHS
}


@before_the_database
@pytest.mark.slow
def test_slashes(client: Client) -> None:
    host = {"Host": "evil.example"}
    methods = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
    queries = ("", "?a=1&b=%2F%C3%A9&a=2", "?next=//evil.example")
    for place, path in enumerate(PATHS):
        right = fill(path)
        wrong = right[:-1] if right.endswith("/") else f"{right}/"
        if not wrong:
            continue
        for number, method in enumerate(methods):
            # Each path with each method and each query, and each method with each query.
            query = queries[(place + number) % len(queries)]
            answer = client.request(method, wrong + query, headers=host)
            assert answer.status == 307, (method, wrong)
            assert answer.headers["location"] == right + query
            assert answer.body == b""


@before_the_database
def test_a_redirect_stays_on_this_host(client: Client) -> None:
    for target in ("/docs/%5Cevil.example/", "/docs/a%0D%0ASet-Cookie%3Ab/", "/leads/%C3%A9%3F/"):
        answer = client.get(target)
        assert (answer.status, answer.headers["location"]) == (307, target[:-1])
        assert "set-cookie" not in answer.headers
    for target in (
        "//evil.example/users",
        "//users",
        "/users//",
        "//",
        "/%2Fevil.example/",
        "/.//",
    ):
        answer = client.get(target)
        # Some servers take the first of two slashes away.
        to = answer.headers.get("location")
        assert answer.status in (200, 404) if to is None else re.match(r"/(\w|$)", to), target


@before_the_database
def test_what_is_not_there(lead: Client) -> None:
    for target in ("/nope", "/users/me/x", "/lead", "/token/x", "/Users/",
                   "/%75sers/x/y", "/leads/1/2", "/robots.txt"):  # fmt: skip
        for method in ("GET", "POST", "DELETE", "OPTIONS", "REPORT"):
            answer = lead.request(method, target)
            assert (answer.status, answer.json()) == (404, {"detail": NOT_FOUND}), target
            check_error(answer)


@before_the_database
def test_methods(lead: Client) -> None:
    for path in PATHS:
        allow = METHODS[path] | {"OPTIONS"} | ({"HEAD"} if "GET" in METHODS[path] else set())
        options = lead.request("OPTIONS", fill(path))
        assert (options.status, options.body) == (204, b"")
        assert options.headers["allow"] == ", ".join(sorted(allow))
        for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - allow:
            answer = lead.request(method, fill(path))
            assert answer.status == 405, (method, path)
            assert answer.headers["allow"] == options.headers["allow"]
            if method != "HEAD":
                assert answer.json() == {"detail": WRONG_METHOD}


# What a HEAD leaves out of the answer to a GET, no database decides.
@before_the_database
@pytest.mark.slow
def test_head(lead: Client) -> None:
    for path in [*map(fill, PATHS), "/nope", "/users", "/docs/start.js"]:
        head, get = lead.request("HEAD", path), lead.get(path)
        assert (head.status, head.body) == (get.status, b""), path
        assert head.headers == get.headers, path


def test_a_path_is_decoded_once(lead: Client) -> None:
    assert lead.get("/%75sers/%6De").status == 200
    assert lead.get("/users%2Fme").status == 200
    assert lead.get("/%2575sers/").status == 404


@before_the_database
def test_preflights(client: Client) -> None:
    asked = {
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    for path in (*map(fill, PATHS), "/users", "/nope"):
        answer = client.request("OPTIONS", path, headers={"Origin": ORIGIN, **asked})
        assert (answer.status, answer.body) == (204, b"")
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert answer.headers["access-control-allow-headers"] == "authorization, content-type"
        methods = answer.headers["access-control-allow-methods"].split(", ")
        assert {"GET", "POST", "PUT", "PATCH", "DELETE"} <= set(methods)
    odd = {**asked, "Access-Control-Request-Headers": "a\x0b, <b>"}
    answer = client.request("OPTIONS", "/users/", headers={"Origin": ORIGIN, **odd})
    assert "access-control-allow-headers" not in answer.headers
    for origin in (*FOREIGN, "null"):
        answer = client.request("OPTIONS", "/users/", headers={"Origin": origin, **asked})
        assert answer.status == 204
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_requests_of_other_origins(lead: Client) -> None:
    """Errors too: else the page is told nothing but that something failed."""
    for path in ("/users/", "/nope", "/users", "/docs", "/leads/x?status=New"):
        answer = lead.get(path, headers={"Origin": ORIGIN})
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["access-control-allow-credentials"] == "true"
        # Without the last one, a page can't know that it has to ask for a code.
        for name in ("Retry-After", "Link", "ETag", "X-Second-Factor"):
            assert name in answer.headers["access-control-expose-headers"].split(", ")
        for origin in (*FOREIGN, "null", "*", f"{ORIGIN}, {ORIGIN}"):
            other = lead.get(path, headers={"Origin": origin})
            assert other.status == answer.status
            assert not [name for name in other.headers if name.startswith("access-control")]


@before_the_database
def test_other_origins_are_a_setting(serve: Callable[..., Client]) -> None:
    client = serve(cors_origins="https://crm.example")
    for origin, allowed in (("https://crm.example", True), (ORIGIN, False)):
        answer = client.get("/centers/", headers={"Origin": origin})
        assert ("access-control-allow-origin" in answer.headers) == allowed


def spoilt(operation: Operation) -> Iterator[tuple[str, dict[str, Any]]]:
    """Requests of an operation that can't be right: the target, and what else is sent."""
    path = fill(operation.path)
    if operation.path_model is not None:
        yield fill(operation.path, CANARY), {"json": {}}
    if operation.query_model is not None:
        for query in (f"?{CANARY}=1", f"?status={CANARY}", f"?status=%00{CANARY}"):
            yield path + query, {}
    if operation.body is not Body.NONE:
        text = CANARY.encode()
        for body in (b"", b"{", b"[]", b'{"a":"%s"}' % text, text):
            for kind in ("application/json", "text/plain", f"multipart/{CANARY}"):
                # An odd object is taken in good faith there.
                if operation.name != WEBHOOK or kind != "application/json":
                    yield path, {"body": body, "headers": {"Content-Type": kind}}
        yield path, {"headers": {**JSON, "Content-Length": str(1 << 40)}}


# What is sent: the name of an operation, the target, the number of the sender, and its own.
Asked = tuple[str, str, int, int]


def assorted(client: Client, world: World, *, in_turn: bool) -> dict[Asked, Answer]:
    """An answer of each kind, by what was asked; only the last, the webhook's, keep any.

    Each request is sent by three people, or `in_turn`: by the first one, the next one by the second
    and so on. What follows from the sender is the core's, which is the same below all servers. Who
    may not call an operation sends in turn anyway: what they send is not looked at.

    In turn, one operation of each kind gets all bodies, and each other one a third of them: how a
    server reads a body doesn't depend on what the operation does with it.
    """
    known = set[tuple[object, ...]]()
    people = tuple(world.token(one.email) if one else None for one in SENDERS)
    token = people[-1]
    answers = [
        client.get("/users"),
        client.get("/nope"),
        client.request("OPTIONS", "/users/"),
        client.post("/token", form={"username": CANARY, "password": CANARY}),
        client.post("/token", form={"username": CANARY}),
        client.put("/leads/999?status=Called", token=token),
        client.patch("/users/999", json={}, token=token),
        client.post("/leads/upload/", body=b"--x--", token=token,
                    headers={"Content-Type": f"multipart/form-data; boundary={CANARY}"}),
    ]  # fmt: skip
    found = {("", "", 0, number): answer for number, answer in enumerate(answers)}
    in_order = sorted(OPERATIONS, key=lambda one: one.name == WEBHOOK)
    for place, operation in enumerate(in_order):
        path, name = fill(operation.path), operation.name
        found[name, "DELETE", 0, 0] = client.request("DELETE", path)
        found[name, "GET", 0, 0] = client.get(f"{path[:-1] or path}/x/")
        requests: list[tuple[str, dict[str, Any]]] = list(spoilt(operation))
        if operation.method == "GET":
            # Of all that is right, what the core says goes out by each server.
            for who, given in enumerate(people):
                found[name, path, who, -1] = client.get(path, token=given)
        kind = kind_of(operation)
        has_few = in_turn and kind in known
        known.add(kind)
        for number, (target, sent) in enumerate(requests):
            if has_few and "body" in sent and (place + number // len(people)) % 3:
                continue
            for who, given in enumerate(people):
                is_in_turn = in_turn or not may_call(operation, SENDERS[who])
                if is_in_turn and number % len(people) != who:
                    continue
                found[name, target, who, number] = client.request(
                    operation.method, target, token=given, **sent
                )
    return found


def check_answer(answer: Answer) -> None:
    """Check the shape of an error, the headers, and that it doesn't repeat what was sent."""
    assert SECURITY.items() <= answer.headers.items()
    assert "content-security-policy" in answer.headers
    assert "Origin" in answer.headers["vary"]
    assert not {"x-powered-by", "set-cookie"} & set(answer.headers)
    if answer.status >= 400:
        check_error(answer, CANARY)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    if answer.status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"
    if answer.status == 405:
        assert "OPTIONS" in answer.headers["allow"]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.core.auth.REFUSAL_TIME", 0.0)


@pytest.mark.usefixtures("quick")
@pytest.mark.slow
def test_all_servers_answer_in_the_same_bytes(
    copy_of: Callable[[Callable[[str], None]], str],
    asgi_server: ASGIServer,
    wsgi_server: WSGIServer,
    database: str,
) -> None:
    """And each answer has its shape and its headers, and nothing is written."""
    answered: dict[str, dict[Asked, Answer]] = {}
    # What PostgreSQL refuses, the core answers: below one server that is seen as well. What each
    # person is refused, SQLite shows.
    names = [*ADAPTERS] if database == "sqlite" else ["fastapi"]
    for name in names:
        adapter = ADAPTERS[name]
        made = settings_for(copy_of(build))
        with closing(Database(made.url)) as db:
            before = dump(db, "form", "delivery", "outboxmessage")
            server: ASGIServer | WSGIServer
            server = asgi_server if adapter.server is ASGIServer else wsgi_server
            server.app = make_again(name, made)
            in_turn = bool(answered) or database != "sqlite"
            answered[name] = assorted(Client(server.port), World(made, db), in_turn=in_turn)
            adapter.close(server.app)
            assert dump(db, "form", "delivery", "outboxmessage") == before
        for answer in answered[name].values():
            check_answer(answer)
        assert {answer.status for answer in answered[name].values()} >= {
            200, 204, 307, 400, 401, 403, 404, 405, 413, 422,
        }  # fmt: skip
    whole = next(iter(answered.values()))
    for name, answers in answered.items():
        for asked, answer in answers.items():
            assert asked[0] in TIMED or answer == whole[asked], (name, asked)


@before_the_database
def test_request_ids(client: Client) -> None:
    for path in ("/centers/", "/nope", "/users/", "/users"):
        for given in ("a", "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d", "A.b_c-1", "x" * 64):
            answer = client.get(path, headers={"X-Request-ID": given})
            assert answer.headers["x-request-id"] == given
        for given in ("", " ", "x" * 65, "a b", "<script>", "é", "a,b", "a;b", '"a"', "a\tb"):
            answer = client.get(path, headers={"X-Request-ID": given})
            assert "x-request-id" not in answer.headers, given
        assert "x-request-id" not in client.get(path).headers


def test_the_password_is_in_no_answer(lead: Client) -> None:
    """Nor a hash: over all that can be read."""
    for path in ("/users/", "/users/me", "/leads/my_leads", "/centers/", "/openapi.json"):
        body = lead.get(path).body.decode()
        assert PASSWORD not in body
        assert "$argon2" not in body
