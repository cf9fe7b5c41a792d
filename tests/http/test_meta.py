"""Meta's own protocol: the handshake, the signature, and notifications that are kept at once."""

import hmac
import json
from collections.abc import Callable
from hashlib import sha256

import pytest

from backend.core.intake import processing
from backend.core.intake.bodies import stored_text
from tests.core.intake.arrivals import all_deliveries, leads, states, with_token, work_off
from tests.core.intake.meta.test_notifications import BODY, SIGNATURE
from tests.dump import dump
from tests.servers import Answer, Client
from tests.shape import check_error
from tests.told import FakeGraph, notification
from tests.world import World

PATH = "/leads/meta-webhook/"
SECRET = "app_secret_demo"
SHAKE = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="


@pytest.fixture
def meta(serve: Callable[..., Client]) -> Client:
    """A client of a server that knows the app's secret and the token of the handshake."""
    return serve(meta_app_secret=SECRET, meta_verify_token="a token/é")


def send(client: Client, body: bytes, signature: str | None = None, query: str = "") -> Answer:
    """A body, signed well unless another signature is given; an empty one is left out."""
    if signature is None:
        signature = f"sha256={hmac.new(SECRET.encode(), body, sha256).hexdigest()}"
    headers = {"Content-Type": "application/json"}
    if signature:
        headers["X-Hub-Signature-256"] = signature
    return client.post(f"{PATH}{query}", body=body, headers=headers)


def encoded(*leadgen_ids: str | int) -> bytes:
    return json.dumps(notification(*leadgen_ids)).encode()


def test_the_handshake(meta: Client) -> None:
    answer = meta.get(f"{PATH}?{SHAKE}a%20token%2F%C3%A9")
    assert (answer.status, answer.body) == (200, b"1158201444")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_handshake_with_another_token(meta: Client, serve: Callable[..., Client]) -> None:
    for query in (
        f"{SHAKE}a%20token",
        SHAKE,
        "hub.mode=subscribe&hub.challenge=1",
        f"{SHAKE}a%20token%2F%C3%A9".replace("subscribe", "unsubscribe"),
        "",
    ):
        answer = meta.get(f"{PATH}?{query}")
        check_error(answer, "1158201444")
        assert answer.status == 403
    # Where no token is set, none is right.
    assert serve().get(f"{PATH}?{SHAKE}").status == 403


def test_guessing_the_token_of_the_handshake_is_limited(serve: Callable[..., Client]) -> None:
    """Twelve wrong ones in a minute; then not even the right one is told apart, only there."""
    client = serve(meta_verify_token="t", login_failures_per_minute=1, trusted_proxies=1)
    here, there = {"X-Forwarded-For": "203.0.113.1"}, {"X-Forwarded-For": "203.0.113.2"}

    def shake(token: str, headers: dict[str, str]) -> int:
        return client.get(f"{PATH}?{SHAKE}{token}", headers=headers).status

    assert [shake("t", here), *(shake("", here) for _ in range(3))] == [200, 403, 403, 403]
    assert [shake(f"guess{number}", here) for number in range(14)] == [403] * 12 + [429] * 2
    assert (shake("t", here), shake("t", there)) == (429, 200)


def test_the_vector_of_the_signature(meta: Client, world: World) -> None:
    answer = send(meta, BODY, SIGNATURE)
    assert (answer.status, answer.body) == (200, b'{"status":"success"}')
    (kept,) = all_deliveries(world.db)
    assert kept.body.encode() == BODY
    assert (kept.source, kept.state) == ("meta", "received")
    assert kept.due_at == kept.received_at


def test_unsigned_notifications_are_refused(meta: Client, world: World) -> None:
    before = dump(world.db)
    sha1 = f"sha1={hmac.new(SECRET.encode(), BODY, 'sha1').hexdigest()}"
    for signature in ("", "sha256=", SIGNATURE[:-1], SIGNATURE.upper(), sha1, "sha256=é"):
        answer = send(meta, BODY, signature.encode().decode("latin-1"))
        check_error(answer)
        assert answer.status == 403, signature
        assert answer.json() == {"detail": "The signature is missing or wrong"}
    assert send(meta, BODY + b" ", SIGNATURE).status == 403
    old = {"X-Hub-Signature": sha1, "Content-Type": "application/json"}
    assert meta.post(PATH, body=BODY, headers=old).status == 403
    assert dump(world.db) == before


def test_a_token_is_no_signature(serve: Callable[..., Client], world: World) -> None:
    both = serve(meta_app_secret=SECRET, webhook_token="sesame")
    assert send(both, BODY, "", "?token=sesame").status == 403
    assert send(both, BODY).status == 200
    # Without the app secret, nothing shows that a notification is Meta's.
    token = serve(webhook_token="sesame")
    assert send(token, BODY, "", "?token=sesame").status == 403
    assert send(token, BODY).status == 403
    assert len(all_deliveries(world.db)) == 1


@pytest.mark.slow
def test_a_thousand_changes_in_one(meta: Client, world: World, database: str) -> None:
    body = encoded(*range(10**15, 10**15 + 1000))
    assert send(meta, body).status == 200
    if database == "postgresql":
        # What is large are the statements that note them. Each is processed as any other one.
        for _ in range(2):
            processing.run_once(world.db, with_token(world), FakeGraph())
        made = leads(world.db)
        assert len({lead.leadgen_id for lead in made}) == len(made) > 0
        assert sum(states(world.db).values()) == 1001
        return
    assert work_off(world.db, with_token(world)) == 1001
    assert len({lead.leadgen_id for lead in leads(world.db)}) == 1000


def test_everything_that_meta_signs_is_stored(meta: Client, world: World) -> None:
    """It can't be asked for again: Meta drops what is refused for 36 hours."""
    bodies = [b"", b"not JSON", b"\xff\0", b'{"object":"user","entry":[]}', b"[1]", b'{"a":"\xed"}']
    for body in bodies:
        assert send(meta, body).body == b'{"status":"success"}', body
    assert [stored_text.decode(one.body) for one in all_deliveries(world.db)] == bodies
    work_off(world.db, with_token(world))
    assert [one.state for one in all_deliveries(world.db)] == [
        "failed", "failed", "failed", "processed", "failed", "failed",
    ]  # fmt: skip


def test_a_notification_that_is_too_large(meta: Client, world: World) -> None:
    answer = send(meta, encoded("1" * (1 << 20)))
    check_error(answer)
    assert answer.status == 413
    assert all_deliveries(world.db) == []


def test_it_is_answered_once_it_is_stored(
    meta: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it is interpreted: an error in that can't change the answer."""

    def fail(*_: object, **__: object) -> None:
        raise LookupError("the moon")

    for name in (
        *("meta.notifications.read", "parsing.read", "deliveries.announce", "processing.settle"),
    ):
        monkeypatch.setattr(f"backend.core.intake.{name}", fail)
    assert send(meta, encoded(11)).status == 200
    assert len(all_deliveries(world.db)) == 1


def test_an_open_webhook_accepts_no_unsigned_notifications(
    serve: Callable[..., Client], world: World
) -> None:
    assert send(serve(webhook_open=True), BODY, "").status == 403
    assert all_deliveries(world.db) == []
