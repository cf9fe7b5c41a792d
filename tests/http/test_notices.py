"""What a person is told by email when something changes by which they sign in."""

from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pyotp
import pytest
from sqlalchemy import func, select
from sqlmodel import col

from backend.core.accounts import notices
from backend.core.jobs import CHANNELS
from backend.core.outbox import sending
from backend.models import OutboxMessage, User
from tests.authenticator import Authenticator
from tests.mail_server import MailServer
from tests.servers import Client
from tests.world import LEAD, MEMBER, PASSWORD, World, settings_for

ADDRESS = "http://localhost:8000"
NEW = "priya.new@elsewhere.example"
OWN = {"current_password": PASSWORD}
BETTER = "another seven hills"

Serve = Callable[..., Client]


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


def given(mail: MailServer) -> dict[str, Any]:
    return {"smtp_url": mail.url, "public_url": ADDRESS, "mail_from": "crm@tofa.example"}


@pytest.fixture
def client(serve: Serve, mail: MailServer) -> Client:
    return serve(**given(mail))


def sent(world: World, mail: MailServer) -> list[EmailMessage]:
    """Return what has come since the last time, once the outbox is empty."""
    settings = settings_for(world.settings.database_url, **given(mail))
    while sending.run_once(world.db, settings, CHANNELS, at_once=1):
        pass
    found = mail.messages[:]
    mail.messages.clear()
    return found


def text_of(message: EmailMessage) -> str:
    text: str = message.get_content()
    return text.replace("\r\n", "\n")


def sign_in(client: Client, email: str, **more: str) -> str:
    form = {"username": email, "password": PASSWORD, **more}
    token: str = client.post("/token", form=form).json()["access_token"]
    return token


def test_both_addresses_are_told_of_a_new_one(
    client: Client, world: World, mail: MailServer
) -> None:
    leads = world.token(LEAD)
    assert client.patch("/users/2", json={"email": NEW, **OWN}, token=leads).status == 200
    old, new = sent(world, mail)
    assert [one["To"] for one in (old, new)] == [MEMBER, NEW]
    assert {one["Subject"] for one in (old, new)} == {notices.SUBJECT}
    told = text_of(old)
    assert "was changed to p***@e***.example. You can no longer sign in" in told
    assert "tell another team lead at once" in told
    assert NEW not in str(old)
    assert "You now sign in to TOFA CRM with this email address" in text_of(new)
    assert MEMBER not in str(new)
    with world.db.read() as session:
        member, leader = session.get_one(User, 2), session.get_one(User, 1)
    for one in (old, new):
        assert f"Hello {member.full_name}," in text_of(one)
        assert f"\nBy: {leader.full_name}\n" in text_of(one)
        assert "(Asia/Kolkata)\n" in text_of(one)
        assert ADDRESS in text_of(one)
    shown = client.get("/outbox/", token=leads).body.decode()
    assert MEMBER not in shown
    assert NEW not in shown


def test_an_address_that_changes_twice_at_once(
    client: Client, world: World, mail: MailServer
) -> None:
    """Each is told of its own change, although the account has a third one by now."""
    leads = world.token(LEAD)
    for email in (NEW, "third@tofa.example"):
        assert client.patch("/users/2", json={"email": email, **OWN}, token=leads).status == 200
    to = [one["To"] for one in sent(world, mail)]
    assert to == [MEMBER, NEW, NEW, "third@tofa.example"]


def test_a_password_that_someone_else_changes(
    client: Client, world: World, mail: MailServer
) -> None:
    """Also if they change the address in the same moment."""
    change = {"password": BETTER, "email": NEW, **OWN}
    assert client.patch("/users/2", json=change, token=world.token(LEAD)).status == 200
    told = [(one["To"], text_of(one)) for one in sent(world, mail)]
    assert [to for to, _ in told] == [MEMBER, MEMBER, NEW]
    assert "The password of your account was changed." in told[0][1]
    assert BETTER not in str(told)


def test_ones_own_password(client: Client, world: World, mail: MailServer) -> None:
    token = sign_in(client, MEMBER)
    new = {"password": BETTER, **OWN}
    assert client.put("/users/me/password", json=new, token=token).status == 200
    (told,) = sent(world, mail)
    assert told["To"] == MEMBER
    assert "By: your own account" in text_of(told)
    assert "If this was you, there's nothing to do." in text_of(told)


def test_links(client: Client, world: World, mail: MailServer) -> None:
    """Anyone who has the link can use it; the first password is no news."""
    leads = world.token(LEAD)
    person = {"email": NEW, "full_name": "Priya", "role": "team_member", "center_ids": []}
    links = [
        client.post("/users/invitations", json=person, token=leads).json(),
        client.post("/users/2/password-link", json=OWN, token=leads).json(),
    ]
    mail.messages.clear()
    for made in links:
        used = {"link": made["path"].rpartition("/")[2], "password": BETTER}
        assert client.post("/password-links/use", json=used).status == 200
    (told,) = sent(world, mail)
    assert told["To"] == MEMBER
    assert "A new password was set with a one-time link." in text_of(told)


def test_an_authenticator_app(client: Client, world: World, mail: MailServer) -> None:
    token = sign_in(client, MEMBER)
    secret = client.post("/users/me/second-factor", json=OWN, token=token).json()["secret"]
    code = {"code": pyotp.TOTP(secret).now()}
    codes = client.post("/users/me/second-factor/confirm", json=code, token=token).json()
    renewed = client.post("/users/me/second-factor/recovery-codes", json=OWN, token=token)
    removed = client.post("/users/me/second-factor/remove", json=OWN, token=token)
    again = client.post("/users/me/second-factor/remove", json=OWN, token=token)
    assert [one.status for one in (renewed, removed, again)] == [200, 200, 200]
    told = sent(world, mail)
    assert {one["To"] for one in told} == {MEMBER}
    said = ("app was added", "codes were replaced", "app of your account was removed")
    for one, expected in zip(told, said, strict=True):
        assert expected in text_of(one)
    assert not any(secret in str(one) or codes["recovery_codes"][0] in str(one) for one in told)


def test_passkeys(client: Client, world: World, mail: MailServer) -> None:
    token, phone = sign_in(client, MEMBER), Authenticator()
    for label in ("Phone", "Laptop"):
        phone = Authenticator()
        options = client.post("/users/me/passkeys/options", json=OWN, token=token).json()
        new = {"label": label, "credential": phone.make(options)}
        assert client.post("/users/me/passkeys", json=new, token=token).status == 200
    one, _ = client.get("/users/me/passkeys", token=token).json()["passkeys"]
    gone = client.post(f"/users/me/passkeys/{one['id']}/remove", json=OWN, token=token)
    assert gone.status == 200
    lost = client.post("/users/2/second-factor/remove", json=OWN, token=world.token(LEAD))
    assert lost.status == 200
    told = [text_of(one) for one in sent(world, mail)]
    said = ["A passkey was added"] * 2 + ["A passkey of your account was removed"] * 2
    for text, expected in zip(told, said, strict=True):
        assert expected in text
    assert "By: your own account" in told[2]
    assert "By: your own account" not in told[3]
    assert "Laptop" not in str(told)


def test_what_is_refused_tells_nobody(client: Client, world: World, mail: MailServer) -> None:
    leads = world.token(LEAD)
    for change, status in (
        ({"email": NEW, "current_password": "wrong"}, 422),
        ({"email": LEAD, **OWN}, 400),
        ({"email": MEMBER, **OWN}, 200),
        ({"full_name": "Priya"}, 200),
    ):
        assert client.patch("/users/2", json=change, token=leads).status == status
    taken = {"email": NEW, **OWN}
    assert client.patch("/users/2", json=taken, token=world.token(MEMBER)).status == 403
    assert sent(world, mail) == []


def test_nothing_without_a_mail_server(serve: Serve, world: World) -> None:
    client, leads = serve(), world.token(LEAD)
    change = {"email": NEW, "password": BETTER, **OWN}
    assert client.patch("/users/2", json=change, token=leads).status == 200
    with world.db.read() as session:
        assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 0


def test_an_address_that_is_gone_is_no_trouble(serve: Serve, world: World) -> None:
    """That's mostly why it was changed. One that is refused otherwise is left to a person."""
    with MailServer("RCPT") as refusing:
        client = serve(**given(refusing))
        change = {"email": NEW, **OWN}
        assert client.patch("/users/2", json=change, token=world.token(LEAD)).status == 200
        assert sent(world, refusing) == []
    with world.db.read() as session:
        query = select(col(OutboxMessage.kind), col(OutboxMessage.state))
        found = session.execute(query.order_by(col(OutboxMessage.id))).all()
    assert found == [("email_left", "dismissed"), ("email_given", "failed")]


@pytest.mark.parametrize(
    ("by", "who"),
    [(None, "the administrator of the server"), (99, "someone who is no longer here")],
)
def test_a_change_on_the_server(
    world: World, mail: MailServer, client: Client, by: int | None, who: str
) -> None:
    settings = settings_for(world.settings.database_url, **given(mail))
    with world.db.write() as session:
        user = session.get_one(User, 2)
        notices.put(session, settings, notices.Notice.PASSWORD_CHANGED, user, by)
    (told,) = sent(world, mail)
    assert f"\nBy: {who}\n" in text_of(told)


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("priya@tofa.example", "p***@t***.example"),
        ("po@x.example", "***@***.example"),
        ("me@localhost", "***@l***"),
        ('"a@b"@mail.tofa.example', '"***@m***.example'),
        ("प्रिया@उदाहरण.भारत", "प***@उ***.भारत"),
    ],
)
def test_a_masked_address(email: str, shown: str) -> None:
    assert notices.masked(email) == shown
