"""Summaries by email: once for each person and part of a day, with numbers alone."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from backend.core import summaries, times
from backend.core.access import Person
from backend.core.outbox import sending
from backend.core.settings import Settings
from backend.models import AlertPreference, Holiday, Lead, OutboxMessage, User
from backend.schemas.alerts import AlertSettingsChange
from tests.mail_server import MailServer
from tests.world import LEAD, LEAD_OF_TELLAPUR, MEMBER, World, settings_for

LEAD_ID, MEMBER_ID = 1, 2
ADDRESS = "https://crm.example.com"


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def settings(world: World, mail: MailServer) -> Settings:
    given = {"smtp_url": mail.url, "public_url": ADDRESS, "mail_from": "crm@tofa.example"}
    return settings_for(world.settings.database_url, **given)


@pytest.fixture
def clock(world: World, monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Five past ten on the academy's clocks, tomorrow."""
    day = times.now().astimezone(world.settings.zone).date() + timedelta(days=1)
    now = [times.to_utc(datetime.combine(day, time(10, 5)), world.settings.zone)]
    monkeypatch.setattr(times, "now", lambda: now[0])
    return now


def choose(world: World, user_id: int, wanted: bool | None) -> None:
    person = Person(user_id, "", "team_member")
    with world.db.write() as session:
        summaries.change_settings(session, person, AlertSettingsChange(summaries=wanted))


def planned(world: World) -> list[tuple[int | None, str]]:
    with world.db.read() as session:
        found = session.scalars(select(OutboxMessage).order_by(col(OutboxMessage.id)))
        return [(one.user_id, one.kind) for one in found]


def send(world: World, settings: Settings) -> None:
    channels = {summaries.CHANNEL: summaries.send}
    while sending.run_once(world.db, settings, channels, at_once=1):
        pass


def test_a_day(world: World, settings: Settings, clock: list[datetime], mail: MailServer) -> None:
    with world.db.write() as session:
        due = clock[0] + timedelta(hours=4)
        change = update(Lead).where(col(Lead.id) == LEAD_OF_TELLAPUR)
        session.connection().execute(change.values(next_followup_date=due, status="Called"))
    clock[0] -= timedelta(minutes=10)
    assert summaries.plan(world.db, settings) == 0
    clock[0] += timedelta(minutes=10)
    assert summaries.plan(world.db, settings) == 1
    clock[0] += timedelta(minutes=30)
    assert summaries.plan(world.db, settings) == 0
    send(world, settings)
    (email,) = mail.messages
    assert (email["To"], email["Subject"]) == (LEAD, "This morning in TOFA CRM")
    text = email.get_content().replace("\r\n", "\n")
    assert "Follow-ups planned for today: 1\n" in text
    assert "New: 1\n" in text
    assert f"{ADDRESS}/#/next" in text
    for personal in ("Zoë", "Arjun", "98480", "parent"):
        assert personal not in text
    clock[0] += timedelta(hours=9, minutes=30)
    assert summaries.plan(world.db, settings) == 1
    assert planned(world) == [(LEAD_ID, "morning_summary"), (LEAD_ID, "evening_summary")]


def test_one_that_is_sent_twice_is_the_same_email(
    world: World, settings: Settings, clock: list[datetime], mail: MailServer
) -> None:
    """A worker may die before it has noted what the mail server took: mailboxes show it once."""
    summaries.plan(world.db, settings)
    send(world, settings)
    with world.db.write() as session:
        session.connection().execute(update(OutboxMessage).values(state="waiting"))
    send(world, settings)
    first, second = mail.messages
    day = clock[0].astimezone(settings.zone).date()
    assert first["Message-ID"] == f"<summary.{LEAD_ID}.{day}.morning@crm.example.com>"
    assert second["Message-ID"] == first["Message-ID"]
    assert first["Date"].datetime == clock[0].replace(microsecond=0)
    assert first["Auto-Submitted"] == "auto-generated"


def test_people_choose(
    world: World, settings: Settings, clock: list[datetime], mail: MailServer
) -> None:
    choose(world, LEAD_ID, wanted=False)
    choose(world, MEMBER_ID, wanted=True)
    assert summaries.plan(world.db, settings) == 1
    send(world, settings)
    (email,) = mail.messages
    assert email["To"] == MEMBER
    # The lead of the other center isn't counted.
    assert "New: 1" in email.get_content().splitlines()
    choose(world, LEAD_ID, wanted=None)
    assert summaries.plan(world.db, settings) == 1


def test_someone_who_has_left_or_says_no_gets_none(
    world: World, settings: Settings, clock: list[datetime], mail: MailServer
) -> None:
    choose(world, MEMBER_ID, wanted=True)
    assert summaries.plan(world.db, settings) == 2
    with world.db.write() as session:
        session.get_one(User, MEMBER_ID).disabled = True
        session.add(AlertPreference(user_id=LEAD_ID, summaries=False))
    send(world, settings)
    assert mail.messages == []


def test_nothing_on_a_holiday_or_without_a_mail_server(
    world: World, settings: Settings, clock: list[datetime]
) -> None:
    today = clock[0].astimezone(settings.zone).date()
    with world.db.write() as session:
        session.add(Holiday(first_day=today, last_day=today, label="Diwali"))
    assert summaries.plan(world.db, settings) == 0
    with world.db.read() as session:
        leader = Person(LEAD_ID, LEAD, "team_lead")
        assert summaries.show_settings(session, leader, world.settings) == {
            "summaries": True,
            "can_email": False,
        }


@pytest.mark.parametrize(("says", "state"), [("450 later", "waiting"), ("550 no", "failed")])
def test_a_mail_server_that_refuses_is_tried_again_unless_it_is_of_no_use(
    world: World, settings: Settings, clock: list[datetime], says: str, state: str
) -> None:
    summaries.plan(world.db, settings)
    with MailServer(refuses="RCPT", says=says) as refusing:
        given = {"smtp_url": refusing.url, "public_url": ADDRESS, "mail_from": "crm@tofa.example"}
        send(world, settings_for(world.settings.database_url, **given))
    with world.db.read() as session:
        one = session.scalars(select(OutboxMessage)).one()
    assert (one.state, one.attempts, one.reason) == (state, 1, "email_not_sent")
