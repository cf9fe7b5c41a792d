"""Another email for a person: they sign in with it, and nothing of the one before is good."""

from collections.abc import Callable
from typing import Any

from sqlmodel import select

from backend.core import auth
from backend.models import User
from tests.dump import dump
from tests.servers import Answer, Client
from tests.shape import check_error
from tests.world import LEAD, MEMBER, OBSERVER, OTHER_MEMBER, PASSWORD, World

NEW = "new@tofa.example"
CHANGE = {"email": NEW, "current_password": PASSWORD}


def sign_in(client: Client, email: str, password: str = PASSWORD) -> Answer:
    return client.post("/token", form={"username": email, "password": password})


def status_of(client: Client, token: str) -> int:
    return client.get("/users/me", token=token).status


def test_the_person_signs_in_with_the_new_one(lead: Client, world: World) -> None:
    session, script = sign_in(lead, MEMBER).json()["access_token"], world.token(MEMBER)
    assert (status_of(lead, session), status_of(lead, script)) == (200, 200)
    changed = lead.patch("/users/2", json={**CHANGE, "email": " New@Tofa.Example "})
    assert (changed.status, changed.json()["email"]) == (200, "New@Tofa.Example")
    assert (status_of(lead, session), status_of(lead, script)) == (401, 401)
    assert sign_in(lead, MEMBER).status == 400
    again = sign_in(lead, NEW)
    assert status_of(lead, again.json()["access_token"]) == 200
    (event,) = lead.get("/audit/?event=user_changed").json()
    assert (event["user_id"], event["subject_id"], event["data"]) == (1, 2, {"fields": ["email"]})
    assert "new@tofa" not in str(lead.get("/audit/").json()).lower()


def test_no_token_of_the_one_before_is_good_for_the_next_holder(lead: Client, world: World) -> None:
    """Tokens without a session, which scripts make, have only the address in them."""
    script = world.token(MEMBER)
    lead.patch("/users/2", json=CHANGE)
    new = {"password": "another seven hills", "full_name": "Next", "role": "team_lead"}
    assert lead.post("/users/", json={**new, "email": MEMBER, "center_ids": []}).status == 200
    assert status_of(lead, script) == 401
    assert status_of(lead, world.token(MEMBER)) == 200
    # The same for an address that goes from one account to another, and back.
    others = world.token(OTHER_MEMBER)
    lead.patch("/users/3", json={**CHANGE, "email": "elsewhere@tofa.example"})
    observers = world.token(OBSERVER)
    assert lead.patch("/users/4", json={**CHANGE, "email": OTHER_MEMBER}).status == 200
    assert lead.patch("/users/3", json={**CHANGE, "email": OBSERVER}).status == 200
    assert [status_of(lead, one) for one in (others, observers)] == [401, 401]
    assert lead.patch("/users/3", json={**CHANGE, "email": "x@tofa.example"}).status == 200
    assert lead.patch("/users/4", json={**CHANGE, "email": OBSERVER}).status == 200
    assert lead.patch("/users/3", json={**CHANGE, "email": OTHER_MEMBER}).status == 200
    assert [status_of(lead, one) for one in (others, observers)] == [401, 401]


def test_a_link_to_the_address_before_is_gone(lead: Client) -> None:
    made = lead.post("/users/2/password-link", json={"current_password": PASSWORD}).json()
    link = made["path"].rpartition("/")[2]
    assert lead.post("/password-links/show", json={"link": link}).status == 200
    lead.patch("/users/2", json=CHANGE)
    used = {"link": link, "password": "another seven hills"}
    assert lead.post("/password-links/use", json=used).status == 404
    assert sign_in(lead, NEW).status == 200, "the password stays"


def test_what_is_refused_changes_nothing(lead: Client, world: World) -> None:
    before = dump(world.db)
    refused: list[tuple[dict[str, Any], int]] = [
        ({"email": NEW}, 422),
        ({"email": NEW, "current_password": "wrong"}, 422),
        ({**CHANGE, "email": "no address"}, 422),
        ({**CHANGE, "email": ""}, 422),
        ({**CHANGE, "email": 7}, 422),
        ({**CHANGE, "email": OTHER_MEMBER.upper(), "full_name": "Zo"}, 400),
        ({**CHANGE, "password": "new@tofa.example"}, 422),
    ]
    for change, status in refused:
        answer = lead.patch("/users/2", json=change)
        check_error(answer)
        assert answer.status == status, change
    for email in (MEMBER, OBSERVER):
        answer = lead.patch("/users/2", json=CHANGE, token=world.token(email))
        assert answer.status == 403
    assert dump(world.db) == before


def test_the_same_one_is_no_change(lead: Client, world: World) -> None:
    token, before = world.token(MEMBER), dump(world.db)
    for same in ({"email": MEMBER}, {"email": None}):
        assert lead.patch("/users/2", json=same).json()["email"] == MEMBER
    assert dump(world.db) == before
    assert status_of(lead, token) == 200


def test_ones_own_and_another_case(serve: Callable[..., Client], world: World) -> None:
    client = serve()
    client.token = sign_in(client, LEAD).json()["access_token"]
    assert client.patch("/users/1", json={**CHANGE, "email": LEAD.upper()}).status == 200
    assert client.get("/users/").status == 401
    client.token = sign_in(client, LEAD).json()["access_token"]
    assert client.get("/users/me").json()["email"] == LEAD.upper()


def test_strangers_have_used_up_no_attempt_of_the_new_one(
    serve: Callable[..., Client], world: World
) -> None:
    client = serve(login_failures_per_minute=1)
    assert [sign_in(client, NEW, "wrong").status for _ in range(2)] == [400, 429]
    assert client.patch("/users/2", json=CHANGE, token=world.token(LEAD)).status == 200
    assert sign_in(client, NEW).status == 200


def test_accounts_begin_as_before_while_no_address_was_freed(lead: Client, world: World) -> None:
    new = {"password": "another seven hills", "full_name": "Next", "role": "team_lead"}
    for number in (1, 2):
        email = f"next{number}@tofa.example"
        lead.post("/users/", json={**new, "email": email, "center_ids": []})
        with world.db.read() as session:
            user = session.scalars(select(User).where(User.email == email)).one()
        assert (user.token_version == 0) is (number == 1)
        assert auth.email_key(email) == user.email_key
        lead.patch("/users/2", json=CHANGE)
