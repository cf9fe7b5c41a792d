"""The demo academy: plausible, reproducible, and never mixed with real leads."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from itertools import groupby

import orjson
import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import auth, passwords
from backend.core.db import Database
from backend.core.demo import academy, arrivals, story
from backend.core.errors import BadRequest
from backend.core.imports import undo
from backend.core.imports.store import list_page
from backend.core.intake import center_aliases, forms, processing
from backend.core.leads import duplicates
from backend.core.leads.detail import show
from backend.core.leads.legacy_list import list_mine
from backend.core.settings import Settings
from backend.models import (
    Comment,
    Delivery,
    DeliveryState,
    EventKind,
    Lead,
    LeadEvent,
    Role,
    Status,
)
from backend.schemas.duplicates import DuplicateFilter
from backend.schemas.imports import ImportFilter
from tests.demo import NOW, make_demo
from tests.world import World, make_tables, settings_for

# When people look at what there is to call.
CALLING_HOURS = (1, 6, 14, 20)
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Copies = Callable[[Callable[[str], None]], str]
OPEN = (Status.NEW, Status.CALLED, Status.TRIAL_SCHEDULED)


def fill(settings: Settings, db: Database, now: datetime = NOW) -> list[academy.Login]:
    with db.write() as session:
        return academy.fill(session, settings.zone, now)


@pytest.fixture
def empty(copy_of: Copies) -> Iterator[tuple[Settings, Database]]:
    """A database with the tables and nothing else."""
    settings = settings_for(copy_of(make_tables))
    with closing(Database(settings.url)) as db:
        yield settings, db


@pytest.fixture
def filled(copy_of: Copies) -> Iterator[tuple[Settings, Database]]:
    """The demo as it is filled at `NOW`."""
    settings = settings_for(copy_of(make_demo))
    with closing(Database(settings.url)) as db:
        yield settings, db


def leads_of(session: Session) -> list[Lead]:
    return list(session.scalars(select(Lead).order_by(col(Lead.id))))


@pytest.mark.slow
def test_fill(empty: tuple[Settings, Database]) -> None:
    settings, db = empty
    logins = fill(settings, db)

    assert [login.role for login in logins] == ["team_lead", *["team_member"] * 4, "observer"]
    assert len({login.password for login in logins}) == len(logins)
    with db.read() as session:
        leads = leads_of(session)
        for login in logins:
            user = auth.find(session, login.email)
            assert user is not None
            assert user.id is not None
            assert passwords.verify(login.password, user.hashed_password) == (True, None)
            whole, _ = list_mine(db, session, auth.person_of(session, user), settings.zone)
            seen = len(orjson.loads(whole))
            if user.role == Role.TEAM_LEAD:
                assert seen == academy.LEADS
            else:
                assert 30 < seen < academy.LEADS / 2

    assert len(leads) == academy.LEADS
    assert [lead.created_time for lead in leads] == sorted(lead.created_time for lead in leads)
    for lead in leads:
        age = NOW - lead.created_time
        assert timedelta() <= age <= timedelta(days=story.DAYS + 2)
        assert lead.phone is not None
        assert lead.phone.startswith("+91 98480 ")
        assert lead.email is None or lead.email.endswith("@example.com")
    assert 5 < academy.LEADS - len({lead.phone for lead in leads}) < 60
    with db.read() as session:
        page = duplicates.list_page(session, academy.team_lead(session), DuplicateFilter())
    assert {one["code"] for pair in page.pairs for one in pair["reasons"]} == {
        "same_phone_similar_name", "same_email", "same_name_other_age",
        "same_name_birth_date_center",
    }  # fmt: skip

    shares = {status: sum(lead.status == status for lead in leads) for status in Status}
    assert all(share >= 15 for share in shares.values())
    assert shares[Status.DEAD] > shares[Status.JOINED] > shares[Status.TRIAL_SCHEDULED]
    today = NOW.astimezone(settings.zone).date()
    due = [
        lead.next_followup_date.astimezone(settings.zone).date()
        for lead in leads
        if lead.next_followup_date and lead.status in OPEN
    ]
    assert sum(day < today for day in due) > 5
    assert sum(day == today for day in due) > 0
    assert sum(day > today for day in due) > 20


@pytest.mark.slow
def test_the_history_matches_each_lead(
    filled: tuple[Settings, Database],
) -> None:
    _, db = filled
    with db.read() as session:
        leads = {lead.id: lead for lead in leads_of(session)}
        comments = {comment.id: comment for comment in session.scalars(select(Comment))}
        query = select(LeadEvent).order_by(col(LeadEvent.lead_id), col(LeadEvent.id))
        history = {
            id: list(events) for id, events in groupby(session.scalars(query), lambda e: e.lead_id)
        }
    assert history.keys() == leads.keys()
    for id, events in history.items():
        lead, status, follow_up = leads[id], str(Status.NEW), None
        moments = [lead.created_time, *(event.at for event in events), NOW]
        assert moments == sorted(moments)
        assert [event.kind for event in events].index(EventKind.CREATED) == 0
        for event in events[1:]:
            data = orjson.loads(event.data)
            if event.kind == EventKind.STATUS:
                assert data["from"] == status
                status = data["to"]
            elif event.kind == EventKind.FOLLOW_UP:
                assert data["from"] == follow_up
                follow_up = data["to"]
            else:
                comment = comments.pop(data["comment_id"])
                assert (comment.lead_id, comment.user_id) == (id, event.user_id)
                assert comment.timestamp == event.at
        assert status == lead.status
        kept = lead.next_followup_date
        assert (follow_up and datetime.fromisoformat(follow_up)) == kept
    assert not comments


@ON_SQLITE
@pytest.mark.slow
def test_the_data_is_reproducible(
    filled: tuple[Settings, Database], empty: tuple[Settings, Database]
) -> None:
    logins = fill(*empty)
    assert logins[0].email == academy.TEAM_LEAD
    fills = []
    for _, db in (filled, empty):
        with db.read() as session:
            rows = (*leads_of(session), *session.scalars(select(Delivery)))
            fills.append([row.model_dump() for row in rows])
    assert fills[0] == fills[1]


@ON_SQLITE
@pytest.mark.parametrize("hour", sorted({*range(0, 24, 3), *CALLING_HOURS}))
@pytest.mark.slow
def test_fill_at_any_time_of_day(empty: tuple[Settings, Database], hour: int) -> None:
    settings, db = empty
    now = NOW.replace(hour=hour)
    fill(settings, db, now)
    with db.read() as session:
        leads = leads_of(session)
        last = max(session.scalars(select(col(LeadEvent.at))))
    assert max(lead.created_time for lead in leads) <= now
    assert now - timedelta(days=2) < last <= now
    if hour in CALLING_HOURS:
        check_there_are_calls_to_make(leads, settings, now)


def check_there_are_calls_to_make(all_leads: list[Lead], settings: Settings, now: datetime) -> None:
    """Some leads are overdue, but not too many."""
    leads = [lead for lead in all_leads if lead.status in OPEN]
    today = now.astimezone(settings.zone).date()
    late = [
        (today - lead.next_followup_date.astimezone(settings.zone).date()).days
        for lead in leads
        if lead.next_followup_date
    ]
    assert 2 < sum(days > 0 for days in late) < 25
    assert max(late) < 7
    trials = [lead.trial_at for lead in leads if lead.status == Status.TRIAL_SCHEDULED]
    assert all(trials)
    days = [at.astimezone(settings.zone).date() for at in trials if at]
    assert days.count(today) >= 3
    assert all(
        now - lead.created_time < timedelta(days=9) for lead in leads if lead.status == "New"
    )


@pytest.mark.slow
def test_every_page_has_something_to_show(filled: tuple[Settings, Database]) -> None:
    settings, db = filled
    academy.plan_a_spreadsheet(db, settings, NOW)
    # There is nothing for a worker to do.
    assert processing.run_once(db, settings) == 0
    with db.read() as session:
        states = {
            state: session.scalars(select(Delivery).where(col(Delivery.state) == state)).all()
            for state in DeliveryState
        }
        (unknown,) = center_aliases.unknown(session)
        (form,) = forms.list_all(session)
        imports = list_page(session, ImportFilter())
        person = academy.team_lead(session)
        shown = [show(session, person, lead.id or 0) for lead in leads_of(session)[-200:]]
    assert len(states[DeliveryState.PROCESSED]) > 30
    assert (unknown["text"], unknown["count"]) == (arrivals.UNKNOWN_CENTER, 6)
    for state in (DeliveryState.RETRYING, DeliveryState.FAILED, DeliveryState.DISMISSED):
        assert len(states[state]) == 1
    assert {question["field"] for question in form["questions"]} >= {"phone", "center", None}
    assert imports[0]["state"] == "planned"
    assert imports[0]["totals"] == {
        "create": 5, "sibling": 1, "join": 0, "known": 0, "waiting": 1, "reject": 1,
    }  # fmt: skip
    assert {one["state"] for one in imports[1:]} == {"committed"}
    assert any(lead["household"] for lead in shown)
    of_meta = [lead for lead in shown if lead["source"] == "meta"]
    assert of_meta
    for lead in of_meta:
        assert lead["origin"] is not None
        assert lead["origin"]["campaign_name"] == lead["campaign"]
        assert lead["origin"]["ad_name"]
        assert len(lead["answers"]) == 2


@pytest.mark.slow
def test_a_demo_import_can_be_undone(filled: tuple[Settings, Database]) -> None:
    _, db = filled
    with db.write() as session:
        newest = list_page(session, ImportFilter())[0]
        leader = academy.team_lead(session)
    undone = undo.undo(db, leader, newest["id"])
    assert undone["leads_removed"] + len(undone["kept"]) == sum(newest["totals"].values())


def test_fill_needs_an_empty_database(world: World) -> None:
    with pytest.raises(BadRequest, match="already has leads or centers"):
        fill(world.settings, world.db)
    with world.db.read() as session:
        assert len(leads_of(session)) == 2
        assert not academy.is_filled(session)


@pytest.mark.slow
def test_is_filled(empty: tuple[Settings, Database], filled: tuple[Settings, Database]) -> None:
    for found, (_, db) in ((False, empty), (True, filled)):
        with db.read() as session:
            assert academy.is_filled(session) is found
    with pytest.raises(BadRequest):
        fill(*filled)
