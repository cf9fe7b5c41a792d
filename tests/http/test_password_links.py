"""Invitations and resets: a link that works once, for one person, for a day."""

import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from backend.cli import main
from backend.core import mail, times
from tests.dump import dump
from tests.mail_server import MailServer
from tests.servers import Answer, Client
from tests.shape import check_error
from tests.world import LEAD, MEMBER, PASSWORD, SECRET_KEY, TELLAPUR, World

NEW: dict[str, Any] = {
    "email": "Coach@Tofa.Example",
    "full_name": "Anjali O'Brien",
    "role": "team_member",
    "center_ids": [TELLAPUR],
}
CHOSEN = "nine green hills"
GONE = b'{"detail":"This link has expired or was already used. Ask a team lead for a new one"}'


def sign_in(client: Client, email: str, password: str) -> int:
    return client.post("/token", form={"username": email, "password": password}).status


def invite(lead: Client, **changed: object) -> str:
    answer = lead.post("/users/invitations", json=NEW | changed)
    assert answer.status == 200, answer.body
    return token_of(answer)


def reset(lead: Client, user_id: int = 2) -> str:
    own = {"current_password": PASSWORD}
    return token_of(lead.post(f"/users/{user_id}/password-link", json=own))


def token_of(answer: Answer) -> str:
    start, found, token = answer.json()["path"].partition("#/set-password/")
    assert (start, found) == ("", "#/set-password/")
    assert len(token) >= 40
    return str(token)


def use(client: Client, token: str, password: str = CHOSEN) -> Answer:
    return client.post("/password-links/use", json={"link": token, "password": password})


@pytest.fixture
def stranger(lead: Client) -> Client:
    return Client(lead.port)


def test_an_invitation(lead: Client, stranger: Client, world: World) -> None:
    answer = lead.post("/users/invitations", json=NEW)
    assert list(answer.json()) == ["user_id", "path", "expires_at", "sent", "problem"]
    assert (answer.json()["sent"], answer.json()["problem"]) == (False, None)
    token = token_of(answer)
    assert token not in repr(dump(world.db)), "there is only its hash"
    made = lead.get("/users/").json()[-1]
    assert (made["email"], made["role"], made["center_ids"]) == (NEW["email"], NEW["role"], [1])
    for password in ("", "!", CHOSEN):
        assert sign_in(stranger, NEW["email"], password) == 400, "there is no password yet"
    shown = stranger.post("/password-links/show", json={"link": token})
    assert (shown.status, shown.json()["email"]) == (200, NEW["email"])
    assert shown.json()["full_name"] == NEW["full_name"]
    for weak in ("abc", "Anjali2026", "password123"):
        check_error(use(stranger, token, weak), weak)
    assert use(stranger, token).status == 200
    assert sign_in(stranger, NEW["email"], CHOSEN) == 200
    for again in (
        use(stranger, token),
        stranger.post("/password-links/show", json={"link": token}),
    ):
        assert (again.status, again.body) == (404, GONE)
    taken = lead.post("/users/invitations", json=NEW)
    assert (taken.status, taken.json()) == (400, {"detail": "Email already registered"})


def test_a_reset(lead: Client, stranger: Client, world: World) -> None:
    session = stranger.post("/token", form={"username": MEMBER, "password": PASSWORD}).json()
    for own in ({}, {"current_password": "wrong"}):
        check_error(lead.post("/users/2/password-link", json=own))
    older, token = reset(lead), reset(lead)
    assert sign_in(stranger, MEMBER, PASSWORD) == 200, "the password stays until the link is used"
    assert use(stranger, older).body == GONE, "the newer one has taken its place"
    assert use(stranger, token).status == 200
    assert stranger.get("/users/me", token=session["access_token"]).status == 401
    assert stranger.get("/users/me", token=world.token(LEAD)).status == 200
    assert [sign_in(stranger, MEMBER, one) for one in (PASSWORD, CHOSEN)] == [400, 200]
    assert lead.post("/users/99/password-link", json={"current_password": PASSWORD}).status == 404


def test_a_link_that_is_over(
    lead: Client, stranger: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, real = invite(lead), times.now()
    monkeypatch.setattr(times, "now", lambda: real + timedelta(hours=24, seconds=1))
    assert use(stranger, token).body == GONE
    monkeypatch.setattr(times, "now", lambda: real)
    token = reset(lead)
    assert lead.patch("/users/2", json={"disabled": True}).status == 200
    assert use(stranger, token).body == GONE
    for wrong in ("", "x", token[:-1], token + "x", "\ud800"):
        answer = use(stranger, wrong)
        assert answer.status in (404, 422), wrong


@pytest.mark.parametrize("how", ["by the person", "by a team lead", "on the server"])
def test_a_new_password_ends_a_link(
    lead: Client, stranger: Client, world: World, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    token = reset(lead)
    if how == "by the person":
        own = {"current_password": PASSWORD, "password": CHOSEN}
        answer = stranger.put("/users/me/password", json=own, token=world.token(MEMBER))
        assert answer.status == 200
    elif how == "by a team lead":
        change = {"password": CHOSEN, "current_password": PASSWORD}
        assert lead.patch("/users/2", json=change).status == 200
    else:
        monkeypatch.setenv("DATABASE_URL", world.settings.database_url)
        monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{CHOSEN}\n"))
        assert main(["set-password", MEMBER, "--password-stdin"]) == 0
    assert use(stranger, token, "seven brown hills").body == GONE
    assert sign_in(stranger, MEMBER, CHOSEN) == 200


def test_a_link_does_not_come_back_with_a_disabled_account(
    lead: Client, stranger: Client, world: World
) -> None:
    """Its sessions don't either."""
    token = reset(lead)
    for disabled in (True, False):
        assert lead.patch("/users/2", json={"disabled": disabled}).status == 200
        assert (use(stranger, token).status, use(stranger, token).body) == (404, GONE)
    assert use(stranger, reset(lead)).status == 200


def test_two_use_a_link_at_once(lead: Client, stranger: Client) -> None:
    token = invite(lead)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: use(stranger, token, f"{CHOSEN} {n}").status, range(4)))
    assert sorted(answers) == [200, 404, 404, 404]
    assert sign_in(stranger, NEW["email"], f"{CHOSEN} {answers.index(200)}") == 200


def test_guessing_links_is_limited(serve: Callable[..., Client], world: World) -> None:
    client = serve(login_failures_per_minute=1)
    assert [use(client, f"guess{number}").status for number in range(13)] == [404] * 12 + [429]


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as made:
        yield made


def test_a_link_is_sent(
    serve: Callable[..., Client], world: World, mail_server: MailServer
) -> None:
    client = serve(
        smtp_url=mail_server.url,
        mail_from="crm@tofa.example",
        public_url="https://crm.example.com/tofa/",
    )
    client.token = world.token(LEAD)
    answer = client.post("/users/invitations", json=NEW)
    assert (answer.json()["sent"], answer.json()["problem"]) == (True, None)
    (message,) = mail_server.messages
    assert (message["To"], message["From"]) == (NEW["email"], "crm@tofa.example")
    text = message.get_content()
    assert f"https://crm.example.com/tofa/#/set-password/{token_of(answer)}" in text.split()
    assert "Anjali O'Brien" in text
    assert use(client, token_of(answer)).status == 200


@pytest.mark.parametrize("refuses", ["RCPT", "MAIL", "DATA", ""])
def test_a_link_that_cannot_be_sent(
    serve: Callable[..., Client], world: World, refuses: str
) -> None:
    """The team lead reads why, and has the link nevertheless."""
    with MailServer(refuses) as server:
        url = server.url if refuses else "smtp://127.0.0.1:1"
        client = serve(smtp_url=url, mail_from="crm@tofa.example", public_url="https://x.example")
        client.token = world.token(LEAD)
        answer = client.post("/users/invitations", json=NEW)
    assert answer.json()["sent"] is False
    assert answer.json()["problem"].startswith("The mail server ")
    assert use(client, token_of(answer)).status == 200


def test_no_header_of_an_email_can_be_added(world: World) -> None:
    with MailServer() as server:
        settings = world.settings.model_copy(
            update={
                "smtp_url": type(world.settings.smtp_url)(server.url),
                "mail_from": "a@b.example",
            }
        )
        with pytest.raises(mail.NotSent):
            mail.send(settings, "x@example.com\r\nBcc: y@example.com", "Hello", "text")
    assert server.messages == []
