"""Your own routes next to the table, and the signed-in person there, with one connection."""

import threading
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI, HTTPException
from flask import abort
from sqlmodel import select
from starlette.routing import Route, Router
from werkzeug.routing import BaseConverter

from backend import fastapi_app, flask_app
from backend.core import auth
from backend.core.access import Person
from backend.core.errors import BadRequest, Invalid, NotFound
from backend.core.settings import Settings
from backend.fastapi_auth import get_current_user
from backend.models import Center
from tests.servers import ADAPTERS, ASGIServer, Client
from tests.shape import check_error
from tests.world import DISABLED, LEAD, MEMBER, World, settings_for

pytestmark = pytest.mark.every_adapter


class Capitals(BaseConverter):
    """Your own converter."""

    regex = "[A-Z]+"


def _fastapi(settings: Settings) -> FastAPI:
    app = fastapi_app.create_app(settings)

    @app.get("/mine/whoami")
    def whoami(person: Annotated[Person, Depends(get_current_user)]) -> dict[str, object]:
        # There is only one connection: identifying the person must have released it.
        with fastapi_app.tofa(app).db.read() as session:
            centers = len(session.exec(select(Center)).all())
        told = {"email": person.email, "role": person.role, "full_name": person.full_name}
        return told | {"centers": centers}

    @app.get("/centers/")
    def centers() -> str:
        return "mine"

    @app.get("/mine/refuses")
    def refuses() -> str:
        raise BadRequest("Not like this")

    @app.get("/mine/finds-faults")
    def finds_faults() -> str:
        raise Invalid.at("query", "limit", msg="Use 200 or less")

    @app.get("/mine/405")
    def not_allowed() -> str:
        raise HTTPException(405)

    # Like a directory of static files, it refuses all methods but GET.
    app.mount("/mine/mount", Router([Route("/{rest:path}", refuses)]))
    return app


def _flask(settings: Settings) -> Any:
    app = flask_app.create_app(settings)
    app.url_map.converters["capitals"] = Capitals

    @app.get("/mine/whoami")
    def whoami() -> dict[str, object]:
        person = flask_app.get_current_user_from_token()
        with flask_app.tofa().db.read() as session:
            centers = len(session.exec(select(Center)).all())
        told = {"email": person.email, "role": person.role, "full_name": person.full_name}
        return told | {"centers": centers}

    @app.get("/centers/")
    def centers() -> str:
        return '"mine"'

    @app.get("/mine/refuses")
    def refuses() -> str:
        raise BadRequest("Not like this")

    @app.get("/mine/finds-faults")
    def finds_faults() -> str:
        raise Invalid.at("query", "limit", msg="Use 200 or less")

    @app.get("/mine/405")
    def not_allowed() -> str:
        abort(405)

    @app.get("/leads/<capitals:word>")
    def capitals(word: str) -> str:
        return word

    return app


MAKE: dict[str, Callable[[Settings], Any]] = {"fastapi": _fastapi, "flask": _flask}


def serve(name: str, app: Any, request: pytest.FixtureRequest) -> Client:
    kind = "asgi_server" if ADAPTERS[name].server is ASGIServer else "wsgi_server"
    server = request.getfixturevalue(kind)
    server.app = app
    return Client(server.port)


@pytest.fixture(params=MAKE)
def mine(world: World, request: pytest.FixtureRequest) -> Iterator[Client]:
    """A client of a server with routes of its own."""
    name: str = request.param
    app = MAKE[name](world.settings.model_copy(update={"db_pool_size": 1}))
    yield serve(name, app, request)
    ADAPTERS[name].close(app)


@pytest.mark.parametrize("email", [LEAD, MEMBER])
def test_who_is_signed_in(mine: Client, world: World, email: str) -> None:
    answer = mine.get("/mine/whoami", token=world.token(email))
    assert answer.status == 200
    me = mine.get("/users/me", token=world.token(email)).json()
    told = {name: me[name] for name in ("email", "role", "full_name")}
    assert answer.json() == told | {"centers": 2}


def no_token(_world: World) -> dict[str, str]:
    return {}


def expired(world: World) -> dict[str, str]:
    past = world.settings.model_copy(update={"access_token_expire_minutes": -1})
    return bearer(auth.issue_token(past, LEAD, "team_lead", 0))


def disabled(world: World) -> dict[str, str]:
    return bearer(world.token(DISABLED))


def forged(world: World) -> dict[str, str]:
    theirs = settings_for(
        world.settings.database_url, secret_key="another installation's key, long"
    )
    return bearer(auth.issue_token(theirs, LEAD, "team_lead", 0))


def not_bearer(world: World) -> dict[str, str]:
    return {"Authorization": f"Basic {world.token(LEAD)}"}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("headers", [no_token, expired, disabled, forged, not_bearer])
def test_who_is_not_signed_in(
    mine: Client, world: World, headers: Callable[[World], dict[str, str]]
) -> None:
    answer = mine.get("/mine/whoami", headers=headers(world))
    of_the_table = mine.get("/users/me", headers=headers(world))
    assert answer.status == of_the_table.status == 401
    assert answer.body == of_the_table.body == b'{"detail":"Could not validate credentials"}'
    for name in ("www-authenticate", "content-type", "content-length"):
        assert answer.headers[name] == of_the_table.headers[name]


def test_many_at_once_share_one_connection(mine: Client, world: World) -> None:
    token = world.token(MEMBER)
    found: list[int] = []

    def ask() -> None:
        found.append(mine.get("/mine/whoami", token=token).status)

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [200] * 16


def test_a_route_of_ones_own_comes_first(mine: Client) -> None:
    assert mine.get("/centers/").json() == "mine"


def test_the_table_answers_everything_else(mine: Client, world: World) -> None:
    mine.token = world.token(LEAD)
    assert [lead["id"] for lead in mine.get("/leads/my_leads").json()] == [1, 2]
    assert mine.put("/leads/1?status=Called").json() == {"status": "updated"}
    assert mine.get("/nowhere").json() == {"detail": NotFound.detail}
    assert mine.get("/users").headers["location"] == "/users/"
    assert mine.request("DELETE", "/users/").headers["allow"] == "GET, HEAD, OPTIONS, POST"


def test_the_other_methods_of_a_path_stay_the_tables(mine: Client, world: World) -> None:
    center = {"display_name": "Kondapur", "meta_tag_name": "TOFA Kondapur", "city": "Hyderabad"}
    answer = mine.post("/centers/", json=center, token=world.token(LEAD))
    assert (answer.status, answer.json().get("id")) == (200, 3)


def test_the_options_of_a_path_stay_the_tables(mine: Client) -> None:
    answer = mine.request("OPTIONS", "/centers/")
    assert (answer.status, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    headers = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
    preflight = mine.request("OPTIONS", "/centers/", headers=headers)
    assert preflight.headers["access-control-allow-origin"] == "http://localhost:3000"


def test_a_405_from_your_own_route_stays_its_own(mine: Client) -> None:
    assert mine.get("/mine/405").status == 405
    # With another method, no route is found, and the table answers.
    answer = mine.request("DELETE", "/mine/405")
    assert (answer.status, answer.json()) == (404, {"detail": NotFound.detail})


@pytest.mark.parametrize("mine", ["fastapi"], indirect=True)
def test_a_mount_never_leads_to_the_table(mine: Client) -> None:
    assert mine.post("/mine/mount/token", json={}).status == 405
    assert mine.post("/mine/mount/leads/meta-webhook/", json={}).status == 405


@pytest.mark.parametrize("mine", ["flask"], indirect=True)
def test_your_own_converter(mine: Client) -> None:
    assert mine.get("/leads/ABC").body == b"ABC"
    assert mine.get("/leads/1").status == 401


def test_a_problem_that_leaves_a_route_of_ones_own(mine: Client) -> None:
    answer = mine.get("/mine/refuses")
    check_error(answer)
    assert (answer.status, answer.json()) == (400, {"detail": "Not like this"})
    invalid = mine.get("/mine/finds-faults")
    check_error(invalid)
    assert (invalid.status, invalid.json()) == (
        422,
        {
            "detail": "Limit: use 200 or less",
            "errors": [
                {"type": "value_error", "loc": ["query", "limit"], "msg": "Use 200 or less"}
            ],
        },
    )


def test_the_urls_of_a_django_site_come_first(world: World, request: pytest.FixtureRequest) -> None:
    app = ADAPTERS["django"].make(world.settings)
    client = serve("django", app, request)
    assert client.get("/hello/").body == b"Django is here too, at /hello/"
    assert client.get("/hello").json() == {"detail": NotFound.detail}
    assert len(client.get("/centers/").json()) == 2
    ADAPTERS["django"].close(app)
