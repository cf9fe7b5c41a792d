"""The check of the connection to Meta: each permission by its name, and how to get it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backend.cli import main
from backend.core.intake.meta import permissions
from tests import graph_host
from tests.graph_host import GraphHost
from tests.servers import Client
from tests.world import LEAD, PASSWORD, SECRET_KEY, World

TOKEN = "EAAtoken-of-the-page"
PAGE = "153125381133"
SET = {"meta_access_token": TOKEN, "meta_app_secret": "app-secret", "meta_verify_token": "v"}


@pytest.fixture
def host() -> Iterator[GraphHost]:
    with GraphHost() as started:
        started.objects = {
            "me": {"id": PAGE},
            "me/permissions": granted(*permissions.NEEDED),
            "me/accounts": [{"id": PAGE, "name": "TOFA", "access_token": "EAApage-token"}],
            f"{PAGE}/leadgen_forms": [{"id": "771", "name": "Trials"}, {"id": "772"}],
        }
        yield started


@pytest.fixture
def check(
    host: GraphHost, serve: Callable[..., Client], world: World
) -> Callable[..., tuple[bool, dict[str, dict[str, Any]]]]:
    def ask(**given: str) -> tuple[bool, dict[str, dict[str, Any]]]:
        client = serve(meta_graph_url=host.url, **(SET | given))
        answer = client.post("/onboarding/meta-check", token=world.token(LEAD))
        assert answer.status == 200
        assert TOKEN not in answer.body.decode()
        told = answer.json()
        return told["ok"], {one["name"]: one for one in told["checks"]}

    return ask


def granted(*names: str, **others: str) -> dict[str, Any]:
    states = dict.fromkeys(names, "granted") | others
    return {"data": [{"permission": name, "status": state} for name, state in states.items()]}


Check = Callable[..., tuple[bool, dict[str, dict[str, Any]]]]


def test_all_is_well(check: Check) -> None:
    ok, found = check()
    assert ok
    assert list(found) == [
        "verify_token",
        "app_secret",
        "access_token",
        "graph",
        *permissions.NEEDED,
        "forms",
        "graph_version",
    ]
    for name in permissions.NEEDED:
        assert found[name]["message"] == f"The permission {name} is granted"
    assert found["forms"]["message"] == "Forms found: Trials, 772"
    assert found["graph_version"]["message"] == "Version v26.0 of Meta's Graph API is up to date"


@pytest.mark.parametrize("name", permissions.NEEDED)
@pytest.mark.parametrize(
    ("state", "why"),
    [(None, "is missing"), ("declined", "was declined"), ("expired", "has expired")],
)
def test_a_permission_that_is_not_granted(
    check: Check, host: GraphHost, name: str, state: str | None, why: str
) -> None:
    others = [one for one in permissions.NEEDED if one != name]
    host.objects["me/permissions"] = granted(*others, **({name: state} if state else {}))
    ok, found = check()
    assert not ok
    assert [one["name"] for one in found.values() if not one["ok"]] == [name]
    assert found[name]["message"] == (
        f"The permission {name}, which {permissions.NEEDED[name]}, {why}: in Meta's Business "
        "settings, System users, generate a new token with it, set META_ACCESS_TOKEN and restart "
        "the server"
    )


def test_the_token_of_a_page_is_inspected(check: Check, host: GraphHost) -> None:
    del host.objects["me/permissions"]
    scopes = [name for name in permissions.NEEDED if name != "leads_retrieval"]
    host.objects["debug_token"] = {"data": {"type": "PAGE", "is_valid": True, "scopes": scopes}}
    ok, found = check()
    assert not ok
    assert [one["name"] for one in found.values() if not one["ok"]] == ["leads_retrieval"]
    (asked,) = [one for one in host.asked if one.path.endswith("debug_token")]
    assert asked.query["input_token"] == asked.query["access_token"] == TOKEN


@pytest.mark.parametrize("odd", [{}, {"data": 7}, {"data": {"scopes": 7}}, {"data": []}])
def test_permissions_that_cannot_be_tested(check: Check, host: GraphHost, odd: Any) -> None:
    del host.objects["me/permissions"]
    host.objects["debug_token"] = odd
    ok, found = check()
    assert not ok
    for name in permissions.NEEDED:
        assert found[name]["message"] == (
            f"The permission {name}, which {permissions.NEEDED[name]}, couldn't be tested. "
            "Meta answered with error 100: told"
        )


@pytest.mark.parametrize("odd", [[], {}, {"data": None}, {"data": [7, {"permission": []}]}])
def test_an_odd_list_of_permissions(check: Check, host: GraphHost, odd: Any) -> None:
    host.behaviour = lambda asked: (
        graph_host.answer(odd) if asked.path.endswith("permissions") else None
    )
    ok, found = check()
    assert not ok
    assert not found["leads_retrieval"]["ok"]


def test_a_token_that_has_expired(check: Check, host: GraphHost) -> None:
    host.always(graph_host.error(190))
    ok, found = check()
    assert not ok
    assert list(found)[3:] == ["graph", "graph_version"]
    assert found["graph"]["message"] == "Meta answered with error 190: told"


def test_forms_that_are_not_found(check: Check, host: GraphHost) -> None:
    host.objects[f"{PAGE}/leadgen_forms"] = []
    ok, found = check()
    assert (ok, found["forms"]["ok"]) == (False, False)
    host.behaviour = lambda asked: graph_host.error(200) if "forms" in asked.path else None
    ok, found = check()
    assert (ok, found["forms"]["message"]) == (
        False,
        "Meta's forms can't be listed. Meta answered with error 200: told",
    )


def test_a_version_that_ends(check: Check, host: GraphHost) -> None:
    ok, found = check(meta_graph_version="v18.0")
    assert not ok
    assert found["graph_version"]["message"] == (
        "Version v18.0 of Meta's Graph API has ended: set META_GRAPH_VERSION to v27.0"
    )
    warned = graph_host.answer(
        {"id": PAGE, "data": []}, X_Ad_Api_Version_Warning="It will be deprecated"
    )
    host.always(warned)
    assert check()[1]["graph_version"]["message"] == (
        "Meta warns about the version of its Graph API: It will be deprecated"
    )


def test_on_the_command_line(
    host: GraphHost,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)
    monkeypatch.setenv("META_GRAPH_URL", host.url)
    for name, value in SET.items():
        monkeypatch.setenv(name.upper(), value)
    assert main(["meta", "check"]) == 0
    out = capsys.readouterr().out
    assert "ok       The permission leads_retrieval is granted.\n" in out
    host.objects["me/permissions"] = granted()
    assert main(["meta", "check"]) == 1
    out = capsys.readouterr().out
    assert "problem  The permission leads_retrieval, which reads the leads, is missing: in" in out
    assert TOKEN not in out
