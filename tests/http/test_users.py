"""Users: listing, adding and changing them, and changing your own password."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from backend.models import User
from tests.dump import dump
from tests.servers import Client
from tests.shape import check_error
from tests.world import LEAD, MEMBER, OBSERVER, PASSWORD, TELLAPUR, World

NEW: dict[str, Any] = {
    "email": "Coach@Tofa.Example",
    "password": "a passphrase of the coach",
    "full_name": "Anjali O'Brien-Śmigły 🏆",
    "role": "team_member",
    "center_ids": [TELLAPUR],
}
CREATED = b'{"status":"User created successfully"}'
TAKEN = b'{"detail":"Email already registered"}'


def test_list(lead: Client) -> None:
    answer = lead.get("/users/")
    assert answer.status == 200
    assert answer.body == (
        b'[{"id":1,"email":"lead@tofa.example","full_name":"Admin","role":"team_lead",'
        b'"disabled":false,"center_ids":[]},'
        b'{"id":2,"email":"tellapur@tofa.example","full_name":"Tellapur","role":"team_member",'
        b'"disabled":false,"center_ids":[1]},'
        b'{"id":3,"email":"gachibowli@tofa.example","full_name":"Gachibowli","role":"team_member",'
        b'"disabled":false,"center_ids":[2]},'
        b'{"id":4,"email":"observer@tofa.example","full_name":"Observer","role":"observer",'
        b'"disabled":false,"center_ids":[1]},'
        b'{"id":5,"email":"gone@tofa.example","full_name":"Gone","role":"team_lead",'
        b'"disabled":true,"center_ids":[]}]'
    )


def test_me(client: Client, world: World) -> None:
    answer = client.get("/users/me", token=world.token(OBSERVER))
    expected = (
        b'{"id":4,"email":"observer@tofa.example","full_name":"Observer","role":"observer",'
        b'"disabled":false,"center_ids":[1],"may_export":false,"timezone":"Asia/Kolkata"}'
    )
    assert (answer.status, answer.body) == (200, expected)


def test_add(lead: Client) -> None:
    answer = lead.post("/users/", json=NEW)
    assert (answer.status, answer.body) == (200, CREATED)
    assert lead.get("/users/").json()[-1] == {
        "id": 6,
        "email": "Coach@Tofa.Example",
        "full_name": NEW["full_name"],
        "role": "team_member",
        "disabled": False,
        "center_ids": NEW["center_ids"],
    }
    typed = {"username": "coach@tofa.example", "password": NEW["password"]}
    token = lead.post("/token", form=typed).json()["access_token"]
    assert [one["id"] for one in lead.get("/leads/my_leads", token=token).json()] == [1]


def test_emails_are_unique(lead: Client, world: World) -> None:
    before = dump(world.db)
    for email in (MEMBER, MEMBER.upper(), MEMBER.title(), f"  {MEMBER}\n", "gone@TOFA.example"):
        answer = lead.post("/users/", json={**NEW, "email": email})
        assert (answer.status, answer.body) == (400, TAKEN), email
    assert dump(world.db) == before
    assert lead.post("/users/", json={**NEW, "email": "STRASSE@x.example"}).status == 200
    assert lead.post("/users/", json={**NEW, "email": "straße@x.example"}).body == TAKEN


def wide(text: str) -> str:
    """The same in letters of full width, which look alike."""
    return "".join(chr(ord(char) + 0xFEE0) for char in text)


@pytest.mark.parametrize(
    "email",
    [wide("t") + MEMBER[1:], wide(MEMBER), MEMBER.replace("e", "e\ufe0f", 1)],
    ids=["one letter", "all", "a variation selector"],
)
def test_an_email_that_only_looks_different(lead: Client, email: str) -> None:
    assert lead.post("/users/", json={**NEW, "email": email}).body == TAKEN
    change = {"email": email, "current_password": PASSWORD}
    assert lead.patch("/users/3", json=change).body == TAKEN
    typed = {"username": email.upper(), "password": PASSWORD}
    assert lead.post("/token", form=typed).status == 200


def test_an_email_is_stored_in_plain_letters(lead: Client) -> None:
    assert lead.post("/users/", json={**NEW, "email": wide("New@tofa.example")}).body == CREATED
    assert lead.get("/users/").json()[-1]["email"] == "New@tofa.example"


def test_accounts_that_look_the_same_from_before_both_sign_in(lead: Client, world: World) -> None:
    """Their keys were made without a look at that."""
    other = wide("T") + MEMBER[1:]
    with world.db.write() as session:
        user = session.get_one(User, 3)
        user.email, user.email_key = other, other.casefold()
    typed = {other: 3, other.swapcase(): 3, MEMBER: 2, MEMBER.upper(): 2}
    for email, id in typed.items():
        answer = lead.post("/token", form={"username": email, "password": PASSWORD})
        token = answer.json()["access_token"]
        assert lead.get("/users/me", token=token).json()["id"] == id, email


def test_adding_the_same_user_at_once(lead: Client) -> None:
    def create(number: int) -> tuple[int, bytes]:
        email = NEW["email"].upper() if number % 2 else NEW["email"]
        answer = lead.post("/users/", json={**NEW, "email": email})
        return answer.status, answer.body

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(create, range(8)))
    assert answers == [(200, CREATED)] + [(400, TAKEN)] * 7
    assert len(lead.get("/users/").json()) == 6


def test_unknown_and_repeated_centers(lead: Client, world: World) -> None:
    before = dump(world.db)
    for center_ids in ([1, 77], [77], [2**31 - 1]):
        answer = lead.post("/users/", json={**NEW, "center_ids": center_ids})
        check_error(answer)
        assert answer.status == 422
        assert answer.json()["errors"][0]["loc"] == ["body", "center_ids"]
        assert (
            answer.json()["detail"] == f"Centers: choose centers that exist, not {center_ids[-1]}"
        )
    assert dump(world.db) == before, "part of the user was added"
    assert lead.post("/users/", json={**NEW, "center_ids": [2, 1, 2, 1, 1]}).body == CREATED
    made = lead.get("/users/").json()[-1]["id"]
    links = [row for row in dump(world.db)["usercenterlink"] if row[0] == made]
    assert links == [(made, 1), (made, 2)]
    assert (
        lead.post("/users/", json={**NEW, "email": "b@x.example", "center_ids": []}).status == 200
    )


WEAK = {
    "too_short": ["Password: use at least 8 characters"],
    "too_long": ["Password: use at most 1,024 characters"],
    "too_common": [
        "Password: choose a password that is harder to guess",
        "Password: choose a password that isn't the email",
    ],
}


def test_weak_passwords(lead: Client, world: World) -> None:
    before = dump(world.db)
    for password, kind in (
        ("", "too_short"),
        ("x7!Qk2#", "too_short"),
        ("日本語日本語日", "too_short"),
        ("zzzzzzzzzzzz", "too_common"),
        ("ZzZzZzZzZzZz", "too_common"),
        ("password123", "too_common"),
        ("PASSWORD123", "too_common"),
        ("iloveyou123", "too_common"),
        (LEAD.title(), "too_common"),
        ("long-" * 300, "too_long"),
    ):
        own = {"current_password": PASSWORD, "password": password}
        for answer in (
            lead.post("/users/", json={**NEW, "email": LEAD, "password": password}),
            lead.patch("/users/1", json=own),
            lead.put("/users/me/password", json=own),
        ):
            check_error(answer, *([password] if password else []))
            (fault,) = answer.json()["errors"]
            assert (fault["type"], fault["loc"]) == (f"password_{kind}", ["body", "password"])
            assert answer.json()["detail"] in WEAK[kind]
    assert dump(world.db) == before


def test_long_passwords(lead: Client) -> None:
    """All 1,024 characters count. bcrypt would stop after 72 bytes."""
    password = "ü" * 1023 + "b"
    assert lead.post("/users/", json={**NEW, "password": password}).body == CREATED
    typed = {"username": NEW["email"], "password": password}
    assert lead.post("/token", json=typed).status == 200
    assert lead.post("/token", json={**typed, "password": "ü" * 1023 + "c"}).status == 400


BAD_FIELDS: list[tuple[str, list[Any]]] = [
    (
        "email",
        [
            "",
            "x",
            "@",
            "a@",
            "@b",
            "a b@c",
            "a@b\u0000.c",
            "a" * 251 + "@b.c",
            "a@b\u200bc",
            1,
            None,
        ],
    ),
    ("password", [None, 12345678, ["a passphrase"], "x" * 5000, {}]),
    ("full_name", ["", "   ", "x" * 501, "a\u0000b", 7, None]),
    ("role", ["", "admin", "Team_Lead", "TEAM_LEAD", "team_lead ", 1, None, True]),
    ("center_ids", [None, 1, "1", [0], [-1], [2**31], ["x"], [1.5], {}, [[1]]]),
]


MESSAGES = {
    "email": [
        "Email: enter an email",
        "Email: enter an email such as name@example.com",
        "Email: enter text",
        "Email: use at most 254 characters",
    ],
    "password": [
        "Password: enter a password",
        "Password: enter text",
        "Password: use at most 4,096 characters",
    ],
    "full_name": [
        "Name: enter a name",
        "Name: enter text",
        "Name: remove the NUL character",
        "Name: use at most 500 characters",
    ],
    "role": ["Role: choose a role", "Role: choose team_lead, team_member or observer"],
    "center_ids": ["Centers: choose from the list of centers"],
}


@pytest.mark.parametrize(("name", "values"), BAD_FIELDS, ids=[name for name, _ in BAD_FIELDS])
def test_invalid_fields(lead: Client, world: World, name: str, values: list[Any]) -> None:
    before = dump(world.db)
    for value in values:
        answer = lead.post("/users/", json={**NEW, name: value})
        check_error(answer, NEW["password"], "x" * 400)
        assert answer.status == 422
        assert all(fault["loc"][:2] == ["body", name] for fault in answer.json()["errors"]), value
        assert answer.json()["detail"] in MESSAGES[name], value
    assert dump(world.db) == before


@pytest.mark.parametrize("wrong", [True, "1", 1.0, 0, 2**31])
def test_an_id_is_a_whole_number(lead: Client, world: World, wrong: object) -> None:
    before = dump(world.db)
    for answer in (
        lead.post("/users/", json=NEW | {"center_ids": [wrong]}),
        lead.patch("/leads/1", json={"center_id": wrong}),
        lead.post("/leads/bulk", json={"ids": [wrong], "status": "Called"}),
        lead.post("/leads/1/merge", json={"other_id": wrong}),
    ):
        check_error(answer)
        assert answer.status == 422
    assert dump(world.db) == before


def test_missing_fields(lead: Client) -> None:
    answer = lead.post("/users/", json={"unknown": 1})
    assert answer.status == 422
    assert [fault["loc"] for fault in answer.json()["errors"]] == [["body", name] for name in NEW]
    assert {fault["type"] for fault in answer.json()["errors"]} == {"missing"}
    assert answer.json()["detail"] == (
        "Email: enter an email. Password: enter a password. Name: enter a name. 2 more to fix."
    )


def test_change(lead: Client, world: World) -> None:
    shown = {"id": 2, "email": MEMBER, "full_name": "Tellapur", "role": "team_member"}
    shown |= {"disabled": False, "center_ids": [1], "released": None}
    assert lead.patch("/users/2", json={}).json() == shown
    nulls = dict.fromkeys(("full_name", "role", "center_ids", "disabled", "password"))
    assert lead.patch("/users/2", json=nulls).json() == shown
    assert lead.patch("/users/2", json={"full_name": " Zoë "}).json() == shown | {
        "full_name": "Zoë"
    }
    changed = lead.patch(
        "/users/2",
        json={"role": "observer", "nickname": "Zo", "current_password": PASSWORD},
    ).json()
    assert changed == shown | {"full_name": "Zoë", "role": "observer"}
    assert lead.patch("/users/2", json={"center_ids": [2, 2]}).status == 200
    assert [row for row in dump(world.db)["usercenterlink"] if row[0] == 2] == [(2, 2)]


def test_refused_changes(lead: Client, world: World) -> None:
    before = dump(world.db)
    gone = lead.patch("/users/99", json={"full_name": "x"})
    assert (gone.status, gone.body) == (404, b'{"detail":"User not found"}')
    changes: list[dict[str, Any]] = [
        {"full_name": "New", "center_ids": [1, 77]},
        {"full_name": "New", "password": "short"},
        {"role": "admin"},
        {"full_name": " "},
        {"disabled": "maybe"},
        {"center_ids": [0]},
    ]
    for change in changes:
        check_error(lead.patch("/users/2", json=change))
    for own in ({"disabled": True}, {"role": "observer"}):
        answer = lead.patch("/users/1", json=own)
        assert answer.status == 422, "no one could restore their access"
    assert lead.patch("/users/2147483648", json={}).json()["errors"][0]["loc"] == ["path", "id"]
    assert dump(world.db) == before
    assert lead.patch("/users/1", json={"role": "team_lead", "disabled": False}).status == 200


def test_two_team_leads_disable_each_other(lead: Client, world: World) -> None:
    """The second request fails, so that one team lead is left."""
    assert (
        lead.patch("/users/2", json={"role": "team_lead", "current_password": PASSWORD}).status
        == 200
    )
    tokens = {1: world.token(MEMBER), 2: world.token(LEAD)}
    for _ in range(4):

        def disable(other: int) -> int:
            json = {"disabled": True}
            return lead.patch(f"/users/{other}", json=json, token=tokens[other]).status

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(disable, (1, 2)))
        left = [id for id, status in zip((2, 1), answers, strict=True) if status == 200]
        assert len(left) == 1, answers
        with world.db.write() as session:
            session.connection().execute(
                text('UPDATE "user" SET disabled = :no, token_version = 0 WHERE id < 3'),
                {"no": False},
            )


def test_change_own_password(client: Client, world: World) -> None:
    client.token = world.token(MEMBER)
    wrong = client.put(
        "/users/me/password", json={"current_password": "wrong", "password": "a new passphrase"}
    )
    check_error(wrong, "a new passphrase")
    assert wrong.json()["errors"][0]["loc"] == ["body", "current_password"]
    assert wrong.json()["detail"] == "Current password: enter the correct password"
    assert client.get("/users/me").status == 200, "a typo must not end the session"

    right = {"current_password": PASSWORD, "password": "a new passphrase"}
    answer = client.put("/users/me/password", json=right)
    assert (answer.status, list(answer.json())) == (200, ["access_token", "token_type", "role"])
    assert client.get("/users/me", token=answer.json()["access_token"]).json()["email"] == MEMBER
    assert client.post("/token", form={"username": MEMBER, "password": PASSWORD}).status == 400
    typed = {"username": MEMBER, "password": "a new passphrase"}
    assert client.post("/token", form=typed).status == 200


def test_an_unknown_role(client: Client, world: World) -> None:
    """An older installation can have any role. Such a user only sees the leads of their centers."""
    with world.db.write() as session:
        session.connection().execute(
            text("UPDATE \"user\" SET role = 'Admin' WHERE email = :email"), {"email": MEMBER}
        )
    client.token = world.token(MEMBER)
    assert client.get("/users/me").json()["role"] == "Admin"
    assert [one["id"] for one in client.get("/leads/my_leads").json()] == [1]
    assert client.get("/users/").status == 403
    assert client.put("/leads/1?status=Called").status == 403
    assert client.get("/users/", token=world.token(LEAD)).status == 200


def test_another_role_email_or_password_needs_ones_own_password(
    serve: Callable[..., Client], world: World
) -> None:
    client = serve(login_failures_per_minute=2)
    client.token = world.token(LEAD)
    before = dump(world.db)
    changes: list[dict[str, str]] = [
        *({"role": "observer"}, {"password": "a passphrase of the coach"}),
        {"email": "new@tofa.example"},
    ]
    for change in changes:
        missing = client.patch("/users/2", json=change)
        check_error(missing)
        assert missing.json()["detail"] == "Current password: enter your current password"
        for typed in ("", None):
            answer = client.patch("/users/2", json={**change, "current_password": typed})
            assert answer.body == missing.body
    statuses = [
        client.patch("/users/2", json={"role": "observer", "current_password": typed}).status
        for typed in ("wrong", "wrong", PASSWORD)
    ]
    assert statuses == [422, 422, 429], "throttled like a sign-in"
    assert dump(world.db) == before
    own = {"current_password": PASSWORD, "password": "a passphrase of the coach"}
    assert client.put("/users/me/password", json=own).status == 429
    assert client.post("/token", form={"username": LEAD, "password": PASSWORD}).status == 200
    assert client.post("/users/1/unlock").status == 200
    # What isn't changed needs no password.
    same = {"role": "team_member", "full_name": "Renamed", "center_ids": [1, 2], "email": MEMBER}
    assert client.patch("/users/2", json=same).status == 200
    change = {"role": "observer", "current_password": PASSWORD}
    assert client.patch("/users/2", json=change).json()["role"] == "observer"
