"""Accounts that a script has deleted: nothing that they have left is good for the next one."""

import sqlite3
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from backend.core import passwords, users
from backend.models import Role, User
from backend.schemas.users import NewUser
from tests.authenticator import Authenticator
from tests.servers import Client
from tests.world import LEAD, PASSWORD, World

GONE, NEXT = "left@tofa.example", "next@tofa.example"
OWN = {"current_password": PASSWORD}


def add(client: Client, email: str, centers: list[int], role: str = "team_member") -> int:
    new = {"email": email, "password": PASSWORD, "full_name": "Zo", "role": role}
    given = {**new, "center_ids": centers}
    assert client.post("/users/", json=given, token=client.token).status == 200
    listed: list[dict[str, Any]] = client.get("/users/").json()
    return next(int(one["id"]) for one in listed if one["email"] == email)


def delete(world: World, id: int) -> None:
    """Delete an account as a script does: SQLite's own tool doesn't check foreign keys."""
    if world.db.is_sqlite(world.db.url):
        connection = sqlite3.connect(world.db.url.database or "")
        with connection:
            connection.execute('DELETE FROM "user" WHERE id = ?', (id,))
        connection.close()
        return
    with world.db.write() as session:
        for statement in ("usercenterlink WHERE user_id", '"user" WHERE id'):
            session.connection().execute(text(f"DELETE FROM {statement} = :id"), {"id": id})


def insert(world: World, email: str) -> None:
    """Add an account with SQL."""
    row = {"email": email, "key": email, "role": "team_lead"}
    statement = text(
        'INSERT INTO "user" (email, email_key, hashed_password, full_name, role)'
        " VALUES (:email, :key, '!', 'Next', :role)"
    )
    with world.db.write() as session:
        session.connection().execute(statement, row)


def sign_in(client: Client, email: str) -> str:
    form = {"username": email, "password": PASSWORD}
    token: str = client.post("/token", form=form).json()["access_token"]
    return token


def status_of(client: Client, token: str) -> int:
    return client.get("/users/me", token=token).status


@pytest.mark.parametrize("email", [GONE, NEXT])
def test_what_is_left_is_good_for_nothing(lead: Client, world: World, email: str) -> None:
    id = add(lead, GONE, [1])
    session, script, phone = sign_in(lead, GONE), world.token(GONE), Authenticator()
    options = lead.post("/users/me/passkeys/options", json=OWN, token=session).json()
    new = {"label": "Phone", "credential": phone.make(options)}
    assert lead.post("/users/me/passkeys", json=new, token=session).status == 200
    made = lead.post(f"/users/{id}/password-link", json=OWN).json()
    assert [status_of(lead, one) for one in (session, script)] == [200, 200]
    delete(world, id)
    assert [status_of(lead, one) for one in (session, script)] == [401, 401]
    again = add(lead, email, [])
    assert again > id
    assert [status_of(lead, one) for one in (session, script)] == [401, 401]
    fresh = sign_in(lead, email)
    assert lead.get("/users/me", token=fresh).json()["center_ids"] == []
    assert lead.get("/users/me/passkeys", token=fresh).json()["passkeys"] == []
    assert status_of(lead, world.token(email)) == 200
    used = {"link": made["path"].rpartition("/")[2], "password": "another seven hills"}
    assert lead.post("/password-links/use", json=used).status == 404
    options = lead.post("/token/passkey/options").json()
    entered = lead.post("/token/passkey", json={"credential": phone.sign(options)})
    assert entered.status == 400


def test_one_that_a_script_adds(lead: Client, world: World) -> None:
    id = add(lead, GONE, [1])
    tokens = [sign_in(lead, GONE), world.token(GONE)]
    delete(world, id)
    new = NewUser(email=GONE, password=PASSWORD, full_name="Zo", role=Role.TEAM_LEAD, center_ids=[])
    with world.db.write() as session:
        again = users.create(session, new, passwords.hash(PASSWORD)).id
    assert again is not None
    assert again > id
    assert [status_of(lead, one) for one in tokens] == [401, 401]
    assert status_of(lead, world.token(GONE)) == 200


def test_one_that_is_added_with_sql_under_the_same_id(lead: Client, world: World) -> None:
    id = add(lead, GONE, [1])
    tokens = [sign_in(lead, GONE), world.token(GONE)]
    delete(world, id)
    insert(world, NEXT)
    assert [status_of(lead, one) for one in tokens] == [401, 401]
    assert status_of(lead, world.token(NEXT)) == 200


def test_the_address_of_a_session_in_another_case(lead: Client, world: World) -> None:
    add(lead, GONE, [1])
    token = sign_in(lead, GONE)
    with world.db.write() as session:
        user = session.scalars(select(User).where(User.email == GONE)).one()
        user.email = GONE.upper()
    assert status_of(lead, token) == 200
    assert status_of(lead, world.token(LEAD)) == 200
