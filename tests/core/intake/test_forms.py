"""Forms: what their questions mean."""

import threading

import pytest

from backend.core.errors import FormNotFound, Invalid
from backend.core.intake import forms
from backend.models import Form, LeadOrigin
from tests.core.intake.arrivals import delivery, leads, notify, states, with_token, work_off
from tests.told import CENTER_QUESTION, FORM, FakeGraph, lead
from tests.waiting import PATIENCE, check_it_waits
from tests.world import World


def fetched(world: World, *told: dict[str, object]) -> None:
    notify(world.db, *(str(one["id"]) for one in told))
    work_off(world.db, with_token(world), FakeGraph({str(one["id"]): dict(one) for one in told}))


def test_a_form_is_known_from_its_first_lead_on(world: World) -> None:
    fetched(world, lead("11", Shoe_Size="4"), lead("12", created_time="2026-09-01T00:00:00+0000"))
    with world.db.read() as session:
        (form,) = forms.list_all(session)
    assert form["id"] == FORM
    assert form["mapping"] == {}
    assert {one["question"]: one["field"] for one in form["questions"]} == {
        "full_name": "player_name",
        "phone_number": "phone",
        "email": "email",
        "Shoe_Size": None,
        CENTER_QUESTION: "center",
    }
    assert form["newest_lead_at"] is not None
    assert form["newest_lead_at"].isoformat() == "2026-09-01T00:00:00+00:00"


def test_tests_and_future_times_do_not_make_a_form_look_alive(world: World) -> None:
    fetched(
        world,
        lead("11", created_time="2999-01-01T00:00:00+0000"),
        lead("12", full_name="<test lead: dummy data for full_name>"),
    )
    with world.db.read() as session:
        form = session.get_one(Form, FORM)
    assert form.newest_lead_at == delivery(world.db, 2).received_at
    assert form.backfilled_until is None


def test_a_mapping_processes_waiting_deliveries(world: World) -> None:
    fetched(
        world,
        lead("11", center=None, Where="TOFA Tellapur", full_name="The parent", Child="Zoë"),
        lead("12", center=None),
    )
    assert states(world.db) == {"processed": 1, "waiting": 2}
    wanted = {"WHERE ": "center", "child": "player_name", "Full_name": ""}
    with world.db.write() as session:
        form = forms.set_mapping(session, FORM, wanted)
    assert form["mapping"] == {"where": "center", "child": "player_name", "full_name": ""}
    assert {one["question"]: one["field"] for one in form["questions"]}["Where"] == "center"
    told = FakeGraph()
    work_off(world.db, with_token(world), told)
    assert told.asked == [], "what is here need not be fetched again"
    (made,) = leads(world.db)
    assert (made.player_name, made.center_id) == ("Zoë", 1)
    with world.db.read() as session:
        assert session.get_one(LeadOrigin, made.id).answers == {"full_name": "The parent"}
    assert states(world.db) == {"processed": 2, "waiting": 1}


def test_mappings_that_are_refused(world: World) -> None:
    with world.db.write() as session, pytest.raises(FormNotFound):
        forms.set_mapping(session, FORM, {})
    fetched(world, lead("11"))
    with world.db.write() as session, pytest.raises(Invalid):
        forms.set_mapping(session, FORM, {"child": "status"})


def test_a_mapping_does_not_miss_a_delivery_that_starts_to_wait(world: World) -> None:
    fetched(world, lead("11"))
    held, done = threading.Event(), threading.Event()

    def meanwhile() -> None:
        held.wait(PATIENCE)
        with world.db.write() as session:
            forms.set_mapping(session, FORM, {"where": "center"})
        done.set()

    thread = threading.Thread(target=meanwhile)
    thread.start()
    with world.db.write() as session:
        assert forms.own_mapping(session, FORM, [], hold=True) == {}
        check_it_waits(world.db, held.set, done.is_set)
    thread.join(PATIENCE)
    with world.db.write() as session:
        assert forms.own_mapping(session, FORM, [], hold=True) == {"where": "center"}


def test_a_form_keeps_a_limited_number_of_questions(world: World) -> None:
    fetched(world, lead("11", **{f"question {i}": "x" for i in range(500)}))
    with world.db.read() as session:
        assert len(session.get_one(Form, FORM).questions) == 200
    (made,) = leads(world.db)
    with world.db.read() as session:
        assert len(session.get_one(LeadOrigin, made.id).answers) == 500
