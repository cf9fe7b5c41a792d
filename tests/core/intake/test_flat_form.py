"""Flat deliveries that come at once: each is kept once, as what it is, whatever the others are."""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlmodel import col

from backend.core import phones, times
from backend.core.access import Person
from backend.core.db import Database
from backend.core.errors import Problem, TooManyAttempts
from backend.core.intake import center_aliases, flat_body, flat_form, forms, webhook, webhook_access
from backend.core.leads import adding, match_keys, match_locks, matching
from backend.core.rate_limits import Throttle
from backend.core.settings import Settings
from backend.models import Lead, LeadOrigin, RateCount, Status
from tests import forking
from tests.core.intake.arrivals import (
    all_deliveries,
    delivery,
    events,
    leads,
    make_due,
    states,
    work_off,
)
from tests.waiting import wait_until
from tests.world import TELLAPUR, World, build, settings_for

ROOT = Path(__file__).resolve().parents[3]
THREADS = 8
PHONE = "9849000000"


def form(number: int = 0, **said: Any) -> dict[str, Any]:
    return {
        "phone_number": f"98490{number:05}",
        "full_name": f"Child {number}",
        "nearest_center": "TOFA Tellapur",
    } | said


def send(
    db: Database, settings: Settings, said: dict[str, Any], token: str | None = None
) -> dict[str, Any]:
    """Send a form, with the webhook's token unless another one is given."""
    token = webhook_access.token(settings) if token is None else token
    delivery = webhook.Posted(orjson.dumps(said), {}, token, "192.0.2.1")
    return dict(webhook.receive(db, settings, Throttle(db), delivery))


def send_all(
    db: Database,
    settings: Settings,
    forms: Sequence[dict[str, Any]],
    token: str | None = None,
) -> list[dict[str, Any] | Exception]:
    """Send forms from several threads. Returns the answer or the error of each."""

    def one(said: dict[str, Any]) -> dict[str, Any] | Exception:
        try:
            return send(db, settings, said, token)
        except Exception as error:  # noqa: BLE001  it is compared
            return error

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(one, forms))


@pytest.mark.parametrize(
    ("text", "born"),
    [
        ("2015-05-25", "2015-05-25"),
        ("25/05/2015", "2015-05-25"),
        ("05/25/2015", "2015-05-25"),
        ("25 May 2015", "2015-05-25"),
        ("25-May-15", "2015-05-25"),
        ("May 25th, 2015", "2015-05-25"),
        ("२५/०५/२०१५", "2015-05-25"),
        # One that may be another day, or isn't one
        ("05/06/2015", None),
        ("2015", None),
        ("42149", None),
        ("25 May", None),
        ("2195-05-25", None),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_date_of_birth(world: World, text: str, born: str | None) -> None:
    made = send(world.db, world.settings, form(9, date_of_birth=text))
    with world.db.read() as session:
        lead = session.get_one(Lead, made["lead_id"])
        origin = session.get(LeadOrigin, made["lead_id"])
    assert (lead.birth_date and str(lead.birth_date)) == born
    assert (origin.answers if origin else {}) == ({} if born else {"date_of_birth": text})


def test_what_a_tool_says_of_metas_ad_is_the_origin(world: World) -> None:
    said = form(
        7,
        campaign_name="Diwali",
        adId="120",
        platform="ig",
        adset_name="x" * 501,
        form_name="Trial",
    )
    made = send(world.db, world.settings, said)
    other = send(world.db, world.settings, form(8, platform="web", **{"Ad Name": "Boys"}))
    with world.db.read() as session:
        origin = session.get_one(LeadOrigin, made["lead_id"])
        assert session.get_one(Lead, made["lead_id"]).campaign == "Diwali"
        second = session.get_one(LeadOrigin, other["lead_id"])
    assert (origin.campaign_name, origin.ad_id, origin.platform) == ("Diwali", "120", "ig")
    assert origin.answers == {"adset_name": "x" * 501, "form_name": "Trial"}
    assert (second.ad_name, second.platform, second.answers) == ("Boys", None, {"platform": "web"})


def test_each_is_answered_with_its_own_lead(world: World) -> None:
    answers = send_all(world.db, world.settings, [form(number) for number in range(60)])
    names = {one.id: one.player_name for one in leads(world.db)}
    assert [names[answer["lead_id"]] for answer in answers if isinstance(answer, dict)] == [
        f"Child {number}" for number in range(60)
    ]
    assert states(world.db) == {"processed": 60}
    for one in all_deliveries(world.db):
        assert orjson.loads(one.body)["full_name"] == names[one.lead_id]
        assert (one.reason, one.attempts, one.due_at, one.held_by) == ("create", 1, None, None)
        assert [line.kind for line in events(world.db, one.lead_id or 0)] == ["created"]


def test_many_deliveries_with_one_phone(world: World) -> None:
    """As from two processes: one lead for each name, and a line of history for each delivery."""
    forms = [form(7, full_name=name) for name in ("Zoë", "ZOE ", "Arjun") for _ in range(16)]
    with closing(Database(world.settings.url)) as second, ThreadPoolExecutor(2) as threads:
        halves = threads.map(
            lambda half: send_all(half[0], world.settings, half[1]),
            [(world.db, forms[::2]), (second, forms[1::2])],
        )
        answers = [answer for half in halves for answer in half]
    assert {answer["status"] for answer in answers if isinstance(answer, dict)} == {"success"}
    zoe, arjun = leads(world.db)
    kinds = {
        one.name_key: sorted(line.kind for line in events(world.db, one.id or 0))
        for one in (zoe, arjun)
    }
    assert kinds == {
        "zoe": ["created"] + ["repeat_enquiry"] * 31,
        "arjun": ["created"] + ["repeat_enquiry"] * 15,
    }
    assert states(world.db) == {"processed": 48}
    reasons = [str(one.reason) for one in all_deliveries(world.db)]
    assert sorted(reasons) == ["create", *["join"] * 46, "sibling"]


def arrival(said: dict[str, Any]) -> flat_form.Arrival:
    return flat_form.Arrival(orjson.dumps(said).decode(), flat_body.single(said), times.now(), "IN")


def test_a_group_with_all_kinds(world: World) -> None:
    """In one transaction."""
    with world.db.write() as session:
        center_aliases.add(session, Person(1, "", "team_lead"), "the lake", TELLAPUR)
    arrivals = [
        arrival(form(1)),
        arrival(form(1, full_name="A sibling")),
        arrival(form(1, full_name="a SIBLING")),
        arrival(form(1)),
        arrival(form(2, nearest_center=" the  LAKE")),
        arrival(form(3, nearest_center="Mars")),
        arrival(form(4, phone_number=" ")),
        arrival(form(5, nearest_center=None)),
        arrival(form(6, phone_number="none")),
        arrival(form(6, phone_number="none")),
        arrival(form(7, full_name="<test lead: x>", nearest_center="Mars")),
    ]
    with world.db.write() as session:
        outcomes = flat_form.store(session, arrivals)
    assert [(one["state"], one["reason"]) for one in outcomes if isinstance(one, dict)] == [
        ("processed", "create"),
        ("processed", "sibling"),
        ("processed", "join"),
        ("processed", "join"),
        ("processed", "create"),
        ("waiting", "unknown_center"),
        ("waiting", "no_phone"),
        ("waiting", "no_center"),
        ("processed", "create"),
        ("processed", "create"),
        ("processed", "create"),
    ]
    ids = [one.get("lead_id") for one in outcomes if isinstance(one, dict)]
    assert ids[:2] == [ids[3], ids[2]]
    assert ids[8] != ids[9], "a phone that can't be read matches nothing"
    # Each is kept as what it is said to be, once.
    kept = sorted(
        (one.body, one.state, str(one.reason), one.lead_id) for one in all_deliveries(world.db)
    )
    assert kept == sorted(
        (one.body, noted["state"], noted["reason"], noted.get("lead_id"))
        for one, noted in zip(arrivals, outcomes, strict=True)
        if isinstance(noted, dict)
    )
    assert len(leads(world.db)) == 6
    assert [(one.center_id, one.is_test) for one in leads(world.db)][-1] == (None, True)


def test_repeat_enquiries(world: World) -> None:
    """The same child, a sibling, another center, an unknown one, a test lead."""
    send(world.db, world.settings, form(1))
    answers = [
        send(world.db, world.settings, form(1, **said))
        for said in (
            {"full_name": "CHILD 1", "shoe_size": 4},
            {"full_name": "A sibling"},
            {"nearest_center": "TOFA Gachibowli"},
            {"nearest_center": "Mars"},
            {"nearest_center": "tofa  TELLAPUR"},
            {"full_name": "<test lead: x>"},
        )
    ]
    assert [answer.get("lead_id") for answer in answers] == [3, 4, 3, None, 3, 5]
    assert [str(one.reason) for one in all_deliveries(world.db)] == [
        *("create", "join", "sibling", "join", "unknown_center", "join", "create")
    ]
    lines = events(world.db, 3)
    assert [line.kind for line in lines] == ["created", *["repeat_enquiry"] * 3]
    assert orjson.loads(lines[1].data)["answers"] == {"shoe_size": "4"}
    assert leads(world.db)[0].center_id == TELLAPUR
    with world.db.write() as session:
        session.execute(update(Lead).values(status=Status.DEAD))
    assert send(world.db, world.settings, form(1))["lead_id"] == 3
    assert [line.kind for line in events(world.db, 3)[4:]] == ["repeat_enquiry", "status"]
    assert leads(world.db)[0].status == "New"


def test_a_mapped_form_among_others(world: World) -> None:
    """At once: each is read with the mapping of its own form."""
    with world.db.write() as session:
        forms.set_mapping(session, "webhook:7", {"whose": "player_name", "mobile no": "phone"})
    sent = [
        {"whose": f"Mapped {number}", "mobile no": f"98490{number:05}", "form_id": 7}
        if number % 2
        else {"phone_number": f"98490{number:05}", "whose": f"Not mapped {number}", "form_id": 8}
        for number in range(24)
    ]
    center = {"nearest_center": "TOFA Tellapur"}
    answers = send_all(world.db, world.settings, [one | center for one in sent])
    answers += send_all(world.db, world.settings, [sent[1] | center])
    names = {one.id: one.player_name for one in leads(world.db)}
    found = [names[one["lead_id"]] for one in answers if isinstance(one, dict)]
    assert found == [*(f"Mapped {n}" if n % 2 else None for n in range(24)), "Mapped 1"]
    assert states(world.db) == {"processed": 25}
    assert len(names) == 24


def test_a_delivery_that_fails_does_not_affect_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    right = phones.read

    def read(text: str | None, region: str) -> phones.Phone:
        if text == "666":
            raise LookupError("the moon")
        return right(text, region)

    forms = [form(number) for number in range(24)]
    forms[5::8] = [form(number, phone_number="666") for number in (5, 13, 21)]
    with monkeypatch.context() as patch:
        patch.setattr(phones, "read", read)
        answers = send_all(world.db, world.settings, forms)
    failed = [number for number, one in enumerate(answers) if isinstance(one, Problem)]
    assert failed == [5, 13, 21]
    assert {one["status"] for one in answers if isinstance(one, dict)} == {"success"}
    assert states(world.db) == {"processed": 21, "retrying": 3}
    assert "can't be processed" in caplog.text
    make_due(world.db)
    assert work_off(world.db, world.settings) == 3
    assert states(world.db) == {"processed": 24}
    assert len(leads(world.db)) == 24


def test_the_limit_holds_for_all_ways_together(world: World) -> None:
    """And not one more, even of those that come at once."""
    limited = world.settings.model_copy(update={"webhook_per_minute": 10})
    with closing(Database(world.settings.url)) as second:
        forms = [form(number) for number in range(16)]
        answers = send_all(world.db, limited, forms, "")
        answers += send_all(second, limited, [form(number) for number in range(16, 20)], "")
    refused = [one for one in answers if isinstance(one, TooManyAttempts)]
    assert len(refused) == 10
    assert all(1 <= int(one.headers["retry-after"]) <= 60 for one in refused)
    assert states(world.db) == {"processed": 10}
    assert len(leads(world.db)) == 10
    with world.db.read() as session:
        (attempt,) = session.scalars(select(RateCount))
    assert attempt.count == 20


def test_a_delivery_that_is_stored_first_is_counted_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise LookupError

    monkeypatch.setattr(phones, "read", fail)
    with pytest.raises(Problem):
        send(world.db, world.settings, form(), token="")
    with world.db.read() as session:
        assert [one.count for one in session.scalars(select(RateCount))] == [1]


def in_a_thread(do: Callable[[], object]) -> tuple[threading.Thread, list[Any]]:
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(do()))
    thread.start()
    return thread, answers


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("by", ["phone", "many"])
def test_a_delivery_is_stored_even_if_another_is_in_its_way(world: World, by: str) -> None:
    """It is stored before it waits, and others go on. On SQLite all writers wait for any other."""
    with world.db.write() as session:
        if by == "phone":
            candidate = matching.Candidate(times.now(), TELLAPUR, "manual", "Child 0", phone=PHONE)
            adding.add(session, candidate, "IN")
        else:
            match_locks.keep_others_out(session)
        thread, answers = in_a_thread(lambda: send(world.db, world.settings, form()))
        wait_until(lambda: states(world.db) == {"received": 1})
        if by == "phone":
            assert send(world.db, world.settings, form(1))["status"] == "success"
        assert answers == []
    thread.join(120)
    assert answers[0]["status"] == "success"
    assert (delivery(world.db, 1).state, delivery(world.db, 1).reason) == (
        *("processed", "join" if by == "phone" else "create"),
    )


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_an_edit_of_a_lead_comes_before_its_repeat_enquiry(world: World) -> None:
    send(world.db, world.settings, form())
    with world.db.write() as session:
        session.execute(update(Lead).where(col(Lead.id) == 3).values(status=Status.DEAD))
        thread, answers = in_a_thread(lambda: send(world.db, world.settings, form()))
        wait_until(lambda: states(world.db) == {"processed": 1, "received": 1})
        assert send(world.db, world.settings, form(1))["status"] == "success"
    thread.join(120)
    assert answers[0]["lead_id"] == 3
    assert [line.kind for line in events(world.db, 3)] == ["created", "repeat_enquiry", "status"]
    assert leads(world.db)[0].status == "New"


@settings(max_examples=40)
@given(
    text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40),
    tag=st.sampled_from(["TOFA Tellapur", "tofa  TELLAPUR ", "Mars'; --", "%s", "\\"]),
)
def test_texts_are_stored_as_they_are(world: World, text: str, tag: str) -> None:
    """Whatever they hold that has a meaning in SQL, a driver or a format."""
    said = form(8, full_name=text, address_and_pincode=text, nearest_center=tag)
    said |= {"%s": text, "utm\\'\"": text}
    answer = send(world.db, world.settings, said)
    newest = all_deliveries(world.db)[-1]
    assert orjson.loads(newest.body) == said
    if answer["status"] == "error":
        assert newest.center_text == tag.strip()
        return
    lead = next(one for one in leads(world.db) if one.id == answer["lead_id"])
    assert (lead.name_key, lead.center_id) == (match_keys.name_key(text.strip()), TELLAPUR)
    if newest.reason != "join":
        assert (lead.player_name, lead.address) == (text.strip() or None, text.strip() or None)
        with world.db.read() as session:
            origin = session.get(LeadOrigin, lead.id)
        kept = {"%s": text.strip(), "utm\\'\"": text.strip()} if text.strip() else {}
        assert (origin.answers if origin else {}) == kept


DIE = """
import os, sys
from sqlalchemy.orm import Session
from backend.core.database import pipeline
from backend.core.db import Database
from tests.core.intake.test_flat_form import form, send
from tests.waiting import wait_until
from tests.world import settings_for
settings = settings_for(sys.argv[1], webhook_token="sesame")
left = [int(sys.argv[2])]
def dies(module, name):
    call = getattr(module, name)
    def dying(*given):
        answer = call(*given)
        left[0] -= 1
        if not left[0]:
            os._exit(9)
        return answer
    setattr(module, name, dying)
db = Database(settings.url)
# Before each statement of SQLite's, or once PostgreSQL has answered; and before the answer.
dies(pipeline, "for_sqlite" if db.is_sqlite(db.url) else "run_postgresql")
dies(Session, "commit")
print(send(db, settings, form(), token="sesame")["lead_id"], flush=True)
"""


@pytest.mark.slow
def test_a_server_that_dies_has_stored_all_or_nothing(
    copy_of: Callable[[Callable[[str], None]], str], tmp_path: Path
) -> None:
    urls = {step: copy_of(build) for step in range(1, 10)}
    died = forking.run(
        [
            forking.Start(["-c", DIE, url, str(step)], str(tmp_path / f"{step}"), {**os.environ})
            for step, url in urls.items()
        ],
        ("tests.core.intake.test_flat_form", "sqlalchemy.dialects.postgresql.psycopg"),
    )
    for (step, url), code in zip(urls.items(), died, strict=True):
        ours = settings_for(url)
        with closing(Database(ours.url)) as db:
            found = all_deliveries(db)
            committed = 1 if db.sends else 8
            assert [one.state for one in found] == (["processed"] if step >= committed else [])
            assert [one.lead_id for one in found] == [one.id for one in leads(db)]
            said = (tmp_path / f"{step}").read_text()
            assert (code, said) == ((9, "") if step <= committed else (0, "3\n")), step
            # It is sent again by who had no answer: the same lead, once.
            assert send(db, ours, form())["lead_id"] == 3
            assert len(leads(db)) == 1
