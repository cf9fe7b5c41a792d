"""Meta's list of forms: new ones are found and named, and nothing of it holds up a lead."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from backend.core import times
from backend.core.intake.meta import circuit_breaker, form_list
from backend.core.intake.meta.graph_client import Client
from backend.core.settings import Settings
from backend.models import Form
from tests import graph_host
from tests.graph_host import FORM, GraphHost
from tests.world import World, settings_for

PAGE = "153125381133"
PAGE_TOKEN = "EAApage-token-of-the-page"
NOW = datetime(2026, 11, 28, 10, tzinfo=UTC)


@pytest.fixture
def host() -> Iterator[GraphHost]:
    with GraphHost() as started:
        started.objects = {
            "me/accounts": [{"id": PAGE, "name": "TOFA", "access_token": PAGE_TOKEN}],
            f"{PAGE}/leadgen_forms": [listed("771", "Trials"), listed("772", "Old", "ARCHIVED")],
            "771": listed("771", "Trials"),
        }
        yield started


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(times, "now", lambda: NOW)


def listed(id: str, name: str, status: str = "ACTIVE") -> dict[str, Any]:
    created = "2026-11-27T08:00:00+0000"
    return {"id": id, "name": name, "status": status, "created_time": created}


def settings(world: World, host: GraphHost, **given: Any) -> Settings:
    defaults = {"meta_access_token": "EAAtoken", "meta_graph_url": host.url}
    return settings_for(world.settings.database_url, **(defaults | given))


def know(world: World, *forms: str) -> None:
    with world.db.write() as session:
        session.add_all(Form(id=id, questions=[], mapping={}, seen_at=NOW) for id in forms)


def forms(world: World) -> dict[str, Form]:
    with world.db.read() as session:
        return {one.id: one for one in session.scalars(select(Form).order_by(col(Form.id)))}


def paths(host: GraphHost) -> list[str]:
    return [asked.path.removeprefix("/v26.0/") for asked in host.asked]


def new(world: World) -> list[tuple[str, str | None]]:
    with world.db.read() as session:
        return [(one["form_id"], one["name"]) for one in form_list.new_forms(session)]


def test_new_forms_are_found_and_named(
    world: World, host: GraphHost, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tofa.work")
    assert form_list.run_if_due(world.db, settings(world, host)) == 2
    (form,) = forms(world).values()
    assert (form.id, form.name, form.page_id, form.status) == ("771", "Trials", PAGE, "ACTIVE")
    assert (form.seen_at, form.read_at) == (NOW, NOW)
    assert form.created_at == datetime(2026, 11, 27, 8, tzinfo=UTC)
    assert new(world) == [("771", "Trials")]
    assert caplog.messages == ["New form of TOFA on Meta: Trials (771)"]
    assert paths(host) == ["me/accounts", f"{PAGE}/leadgen_forms", "771"]
    # A page lists its forms to its own token, and to no other.
    tokens = [asked.query["access_token"] for asked in host.asked]
    assert tokens == ["EAAtoken", PAGE_TOKEN, "EAAtoken"]


def test_it_is_listed_once_an_hour_by_all_processes(
    world: World, host: GraphHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = settings(world, host)
    form_list.run_if_due(world.db, made)
    asked = len(host.asked)
    for _ in range(3):
        assert form_list.run_if_due(world.db, made) == 0
    assert len(host.asked) == asked
    host.objects[f"{PAGE}/leadgen_forms"] = [listed("771", "Trials 2", "ARCHIVED")]
    monkeypatch.setattr(times, "now", lambda: NOW + form_list.EVERY)
    assert form_list.run_if_due(world.db, made) == 0
    form = forms(world)["771"]
    assert (form.name, form.status, form.seen_at) == ("Trials 2", "ARCHIVED", NOW)


def test_a_form_that_a_lead_names_is_read_at_once(world: World, host: GraphHost) -> None:
    made = settings(world, host)
    form_list.run_if_due(world.db, made)
    know(world, FORM)
    assert new(world) == [(FORM, None), ("771", "Trials")]
    host.objects[FORM] = listed(FORM, "Summer camp")
    host.asked.clear()
    assert form_list.run_if_due(world.db, made) == 1
    assert paths(host) == [FORM]
    assert "legal_content{custom_disclaimer{checkboxes}}" in host.asked[0].query["fields"]
    assert new(world) == [(FORM, "Summer camp"), ("771", "Trials")]


def test_a_form_is_new_for_a_week(
    world: World, host: GraphHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    form_list.run_if_due(world.db, settings(world, host))
    monkeypatch.setattr(times, "now", lambda: NOW + form_list.NEW)
    assert new(world) == [("771", "Trials")]
    later = NOW + form_list.NEW + timedelta(seconds=1)
    monkeypatch.setattr(times, "now", lambda: later)
    assert new(world) == []


def test_a_form_that_cannot_be_read_is_asked_for_again_tomorrow(
    world: World, host: GraphHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.objects.clear()
    know(world, FORM)
    made = settings(world, host)
    host.always(graph_host.error(200))
    assert form_list.run_if_due(world.db, made) == 1
    asked = len(host.asked)
    assert form_list.run_if_due(world.db, made) == 0
    assert len(host.asked) == asked
    host.behaviour = lambda _asked: None
    host.objects[FORM] = listed(FORM, "Summer camp")
    later = NOW + form_list.AGAIN + timedelta(seconds=1)
    monkeypatch.setattr(times, "now", lambda: later)
    form_list.run_if_due(world.db, made)
    assert forms(world)[FORM].name == "Summer camp"


def test_what_is_legal_may_be_hidden(world: World, host: GraphHost) -> None:
    know(world, "771")
    host.behaviour = lambda asked: (
        graph_host.error(100) if "legal_content" in asked.query.get("fields", "") else None
    )
    form_list.run_if_due(world.db, settings(world, host))
    assert forms(world)["771"].name == "Trials"


@pytest.mark.parametrize("code", [10, 100, 190, 200])
def test_only_a_throttle_pauses_what_is_for_leads(world: World, host: GraphHost, code: int) -> None:
    """A token that is right for leads may have no page: Meta calls that an invalid token."""
    know(world, FORM)
    made = settings(world, host)
    host.always(graph_host.error(code))
    form_list.run_if_due(world.db, made)
    with world.db.read() as session:
        assert circuit_breaker.is_open(session, made)
    host.always(graph_host.throttle(7))
    with world.db.write() as session:
        session.get_one(Form, FORM).read_at = None
    form_list.run_if_due(world.db, made)
    with world.db.read() as session:
        pause = circuit_breaker.current(session, made)
        assert pause is not None
        assert pause.until == NOW + timedelta(minutes=7)
    host.asked.clear()
    assert form_list.run_if_due(world.db, made) == 0
    assert host.asked == []


def test_without_a_token_nothing_is_asked(world: World, host: GraphHost) -> None:
    know(world, FORM)
    assert form_list.run_if_due(world.db, settings(world, host, meta_access_token="")) == 0
    assert host.asked == []


def test_the_token_of_a_page(world: World, host: GraphHost) -> None:
    """It has no list of pages, and is the page itself."""
    del host.objects["me/accounts"]
    host.objects["me"] = {"id": PAGE, "name": "TOFA"}
    form_list.run_if_due(world.db, settings(world, host))
    assert list(forms(world)) == ["771"]
    assert {asked.query["access_token"] for asked in host.asked} == {"EAAtoken"}


def test_more_pages_of_forms_than_one(world: World, host: GraphHost) -> None:
    host.page = 2
    found = [listed(str(number), f"Form {number}") for number in range(700, 705)]
    host.objects |= {f"{PAGE}/leadgen_forms": found} | {one["id"]: one for one in found}
    form_list.run_if_due(world.db, settings(world, host))
    assert [form.name for form in forms(world).values()] == [one["name"] for one in found]
    tokens = [asked.query["access_token"] for asked in host.asked]
    assert tokens[1:4] == [PAGE_TOKEN] * 3


@pytest.mark.parametrize(
    "odd",
    [
        {"id": "x"},
        {"id": None},
        {"id": "771", "name": 7, "status": "ACTIVE"},
        {"id": "771", "status": ["ACTIVE"]},
        {"id": 771, "name": "a\0b", "status": "ACTIVE", "created_time": "soon"},
    ],
)
def test_odd_forms(world: World, host: GraphHost, odd: dict[str, Any]) -> None:
    host.objects[f"{PAGE}/leadgen_forms"] = [odd]
    host.objects["771"] = odd | {"legal_content": 7, "page_id": {}}
    form_list.run_if_due(world.db, settings(world, host))
    assert set(forms(world)) <= {"771"}


def test_a_pages_token_is_in_no_error(
    world: World, host: GraphHost, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told = {"error": {"code": 200, "message": f"Not for {PAGE_TOKEN[:3]}-{PAGE_TOKEN} here"}}
    host.behaviour = lambda asked: (
        graph_host.answer(told, 400) if "leadgen_forms" in asked.path else None
    )
    form_list.run_if_due(world.db, settings(world, host))
    assert "Not for" in caplog.text
    assert PAGE_TOKEN not in caplog.text
    with_secret = Client(host.url, "v26.0", "EAAtoken", "app-secret")
    (page,) = form_list.pages(with_secret)
    assert isinstance(page, form_list.Page)
    list(form_list.forms_of(page))
    with_secret.close()
    assert host.asked[-1].query["appsecret_proof"] != host.asked[-2].query["appsecret_proof"]
