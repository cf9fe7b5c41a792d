"""Consent boxes: what Meta says of them, and what is kept with the lead."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from backend.core.access import Person
from backend.core.database.bulk_insert import sqlite_time
from backend.core.intake import center_aliases
from backend.core.intake.meta import consent_boxes, form_list
from backend.core.leads import consents
from backend.models import Consent, Form
from tests.core.intake.arrivals import events, leads, make_due, notify, with_token, work_off
from tests.graph_host import GraphHost
from tests.told import FORM, FakeGraph, lead
from tests.world import World, settings_for

CASE = Path(__file__).parents[3] / "samples" / "graph-lead-with-disclaimer.json"
AT = datetime(2026, 8, 20, 8, 49, 14, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["checkbox_key", "is_checked", "key", "text", "data", "checkboxes"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def boxes(*answers: Any) -> list[tuple[str, bool]]:
    told = {"custom_disclaimer_responses": list(answers)}
    return [(box.key, box.granted) for box in consent_boxes.read(told, "meta", AT, "7", {})]


@pytest.mark.parametrize("value", ["1", 1, True, "true", " TRUE ", "on", "yes"])
def test_ticked(value: object) -> None:
    assert boxes({"checkbox_key": "a", "is_checked": value}) == [("a", True)]


@pytest.mark.parametrize(
    "value", ["", " ", "0", 0, False, None, "false", "no", "off", 2, 1.0, [], ["1"], {"1": "1"}]
)
def test_not_ticked(value: object) -> None:
    """What isn't clearly a yes is no consent."""
    assert boxes({"checkbox_key": "a", "is_checked": value}) == [("a", False)]


def test_odd_answers() -> None:
    assert boxes({"checkbox_key": "a"}) == [("a", False)]
    assert boxes({"checkbox_key": 7, "is_checked": "1"}) == [("7", True)]
    assert boxes({"is_checked": "1"}, {"checkbox_key": ""}, {"checkbox_key": None}, "x", None) == []
    twice = [{"checkbox_key": "a", "is_checked": value} for value in ("1", "")]
    assert boxes(*twice) == [("a", False)]
    many = boxes(*({"checkbox_key": str(number)} for number in range(1000)))
    assert len(many) == consent_boxes.MOST_BOXES


@given(JSON, JSON)
def test_nothing_that_meta_may_send_is_an_error(answers: Any, form: Any) -> None:
    consent_boxes.read({"custom_disclaimer_responses": answers}, "meta", AT, None, {})
    consent_boxes.texts_of({"legal_content": form})
    consent_boxes.texts_of({"legal_content": {"custom_disclaimer": form}})


def definition(boxes: Any) -> dict[str, Any]:
    return {
        "id": FORM,
        "name": "Trial class",
        "status": "ACTIVE",
        "created_time": "2026-08-01T08:00:00+0000",
        "page_id": "153125381133",
        "legal_content": {"id": "1", "custom_disclaimer": {"checkboxes": boxes}},
    }


def test_texts_of_a_form() -> None:
    listed = [
        {"key": "a", "text": "Call me", "is_required": False},
        {"key": "b", "text": " On WhatsApp "},
        {"key": "c"},
        {"text": "no key"},
        7,
    ]
    expected = {"a": "Call me", "b": "On WhatsApp"}
    assert consent_boxes.texts_of(definition(listed)) == expected
    assert consent_boxes.texts_of(definition({"data": listed})) == expected
    assert consent_boxes.texts_of({}) == {}


# With the lead


def with_boxes(id: str, form_id: str = FORM, **answers: Any) -> dict[str, Any]:
    told = [{"checkbox_key": key, "is_checked": value} for key, value in answers.items()]
    return lead(id) | {"form_id": form_id, "custom_disclaimer_responses": told}


def kept(world: World, lead_id: int) -> list[tuple[str, bool, str | None]]:
    with world.db.read() as session:
        found = consents.of_lead(session, lead_id)
    return [(one["key"], one["granted"], one["text"]) for one in reversed(found)]


def test_the_case(world: World) -> None:
    told = json.loads(CASE.read_text())
    notify(world.db, told["id"], form_id=told["form_id"])
    assert work_off(world.db, with_token(world), FakeGraph({told["id"]: told})) == 2
    (made,) = leads(world.db)
    assert made.id is not None
    with world.db.read() as session:
        found = consents.of_lead(session, made.id)
    assert [(one["key"], one["granted"], one["form_id"], one["source"]) for one in found] == [
        ("marketing", False, "771", "meta"),
        ("whatsapp_ok", True, "771", "meta"),
    ]


def test_a_repeat_enquiry_brings_its_own(world: World) -> None:
    first, again = with_boxes("11", whatsapp="1", offers="1"), with_boxes("12", whatsapp="")
    again |= {"field_data": first["field_data"], "created_time": "2026-08-21T08:49:14+0000"}
    graph = FakeGraph({"11": first, "12": again})
    notify(world.db, 11)
    work_off(world.db, with_token(world), graph)
    notify(world.db, 12)
    work_off(world.db, with_token(world), graph)
    (made,) = leads(world.db)
    assert made.id is not None
    assert [event.kind for event in events(world.db, made.id)] == ["created", "repeat_enquiry"]
    assert kept(world, made.id) == [
        ("whatsapp", True, None),
        ("offers", True, None),
        ("whatsapp", False, None),
    ]
    with world.db.read() as session:
        newest = consents.of_lead(session, made.id)[0]
    assert (newest["key"], newest["granted"]) == ("whatsapp", False)


def test_boxes_of_an_enquiry_that_a_spreadsheet_has_brought_before(world: World) -> None:
    """It is the same enquiry, and adds nothing but its boxes, once."""
    told = with_boxes("11", whatsapp="1")
    notify(world.db, 11)
    work_off(world.db, with_token(world), FakeGraph({"11": lead("11")}))
    (made,) = leads(world.db)
    assert made.id is not None
    assert kept(world, made.id) == []
    for id in ("12", "13"):
        same = told | {"id": id}
        notify(world.db, id)
        work_off(world.db, with_token(world), FakeGraph({id: same}))
        assert kept(world, made.id) == [("whatsapp", True, None)]
        assert [event.kind for event in events(world.db, made.id)] == ["created"]


def test_the_times_are_those_of_the_form(world: World) -> None:
    notify(world.db, 11)
    work_off(world.db, with_token(world), FakeGraph({"11": with_boxes("11", a="1")}))
    (made,) = leads(world.db)
    with world.db.read() as session:
        assert made.id is not None
        (found,) = consents.of_lead(session, made.id)
        stored = session.scalars(select(Consent)).one()
    assert stored.at == AT == made.created_time
    assert str(found["at"]).startswith("2026-08-20")
    assert sqlite_time(stored.at).startswith("2026-08-20 08:49:14")


def test_texts_come_with_the_form(world: World) -> None:
    """A lead doesn't wait for them; the boxes of later leads have them at once."""
    with GraphHost() as host:
        host.objects[FORM] = definition([{"key": "a", "text": "Call me"}])
        settings = settings_for(
            world.settings.database_url, meta_access_token="token", meta_graph_url=host.url
        )
        notify(world.db, 11)
        work_off(world.db, settings, FakeGraph({"11": with_boxes("11", a="1", b="1")}))
        first, *_ = leads(world.db)
        assert first.id is not None
        assert kept(world, first.id) == [("b", True, None), ("a", True, None)]
        form_list.run_if_due(world.db, settings)
        assert kept(world, first.id) == [("b", True, None), ("a", True, "Call me")]
        with world.db.read() as session:
            form = session.get_one(Form, FORM)
        assert (form.name, form.status, form.page_id) == ("Trial class", "ACTIVE", "153125381133")
        assert form.boxes == {"a": "Call me"}
        notify(world.db, 12)
        work_off(world.db, settings, FakeGraph({"12": with_boxes("12", a="")}))
        last = leads(world.db)[-1]
        assert last.id is not None
        assert kept(world, last.id) == [("a", False, "Call me")]


def test_boxes_of_a_lead_that_waits_for_its_center(world: World) -> None:
    told = with_boxes("11", a="1")
    told["field_data"][-1]["values"] = ["Mars"]
    notify(world.db, 11)
    work_off(world.db, with_token(world), FakeGraph({"11": told}))
    assert leads(world.db) == []
    make_due(world.db)
    with world.db.write() as session:
        center_aliases.add(session, Person(1, "lead@tofa.example", "team_lead"), "Mars", 1)
    work_off(world.db, with_token(world))
    (made,) = leads(world.db)
    assert made.id is not None
    assert kept(world, made.id) == [("a", True, None)]
