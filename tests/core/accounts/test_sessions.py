"""What a session is good for, and when it ends."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from backend.core import auth, times, users
from backend.core.access import Person
from backend.core.accounts import sessions
from backend.core.accounts.sessions import LastUses, Origin
from backend.core.auth import Claims
from backend.core.errors import Invalid, SessionNotFound, Unauthenticated
from backend.models import UserSession
from backend.schemas.users import NewPassword, UserChange
from tests.world import DISABLED, LEAD, MEMBER, PASSWORD, World, settings_for

START = datetime(2026, 11, 28, 10, tzinfo=UTC)
HERE = Origin("203.0.113.7", "curl/8.9")
IDLE = timedelta(minutes=720)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def go(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(times, "now", lambda: made.now)
    return made


def start(world: World, email: str = MEMBER) -> Claims:
    with world.db.write() as session:
        user = auth.find(session, email)
        assert user is not None
        made = sessions.start(session, world.settings, user, HERE)
        return Claims(email, user.token_version, made.jti)


def who(world: World, claims: Claims, last_uses: LastUses | None = None) -> Person:
    uses = last_uses or LastUses(world.db, world.settings)
    with world.db.read() as session:
        return auth.identify(session, claims, uses, used_from="198.51.100.2")


def is_in(world: World, claims: Claims) -> bool:
    try:
        who(world, claims)
    except Unauthenticated:
        return False
    return True


def row_of(world: World, claims: Claims) -> UserSession:
    with world.db.read() as session:
        return session.exec(select(UserSession).where(col(UserSession.jti) == claims.jti)).one()


def lead(world: World) -> Person:
    return Person(1, LEAD, "team_lead")


def change(world: World, user_id: int, **given: object) -> None:
    hashed = "x" if "password" in given else None
    with world.db.write() as session:
        users.change(session, world.settings, lead(world), user_id, UserChange(**given), hashed)  # type: ignore[arg-type]


def test_a_token_names_its_session(world: World) -> None:
    with world.db.write() as session:
        user = auth.find(session, MEMBER)
        assert user is not None
        made = sessions.start(session, world.settings, user, HERE)
        answer = auth.signed_in(world.settings, user, made)
    claims = auth.read_token(world.settings, f"Bearer {answer['access_token']}")
    assert claims == Claims(MEMBER, 0, made.jti)
    person = who(world, claims)
    assert (person.email, person.centers) == (MEMBER, (1,))
    row = row_of(world, claims)
    assert person.session_id == row.id
    assert (row.device, row.address) == ("curl", "203.0.113.7")
    assert row.ends_at - row.created_at == timedelta(minutes=1440)


def test_a_session_ends_by_its_times(world: World, clock: Clock) -> None:
    unused, used = start(world), start(world)
    last_uses = LastUses(world.db, world.settings)
    clock.go(minutes=719)
    assert is_in(world, unused)
    who(world, used, last_uses)
    last_uses.write()
    clock.go(minutes=1)
    assert not is_in(world, unused)
    assert is_in(world, used)
    clock.go(minutes=719.5)
    assert not is_in(world, used), "a day is the most"
    with world.db.read() as session:
        assert sessions.list_of(session, world.settings, 2) == []


def test_a_clock_that_ran_ahead_ends_nothing(world: World, clock: Clock) -> None:
    claims = start(world)
    clock.go(days=20)
    assert not is_in(world, claims)
    start(world)  # which removes what is long over
    ahead = start(world)
    clock.go(days=-20)
    assert is_in(world, claims)
    assert is_in(world, ahead)
    last_uses = LastUses(world.db, world.settings)
    who(world, ahead, last_uses)
    last_uses.write()
    assert row_of(world, ahead).last_used_at == START, "the last use is corrected"


@pytest.mark.parametrize("minutes", [1, 5, 15])
def test_nobody_is_signed_out_while_they_work(world: World, clock: Clock, minutes: int) -> None:
    strict = settings_for(world.settings.database_url, session_idle_minutes=minutes)
    claims = start(world)
    uses = LastUses(world.db, strict)
    for _ in range(20):
        clock.go(minutes=minutes * 0.85)
        who(world, claims, uses)
        uses.write()
    clock.go(minutes=minutes)
    with pytest.raises(Unauthenticated):
        who(world, claims, uses)


def test_what_is_long_over_is_removed(world: World, clock: Clock) -> None:
    old = [start(world) for _ in range(3)]
    clock.go(days=40)
    start(world)
    with world.db.read() as session:
        assert session.scalar(select(func.count(col(UserSession.id)))) == 1
    assert not any(is_in(world, one) for one in old)


def test_the_list(world: World, clock: Clock) -> None:
    first, _, other = start(world), start(world), start(world, LEAD)
    clock.go(minutes=10)
    uses = LastUses(world.db, world.settings)
    me = who(world, first, uses)
    uses.write()
    with world.db.read() as session:
        found = sessions.list_of(session, world.settings, 2, me.session_id)
    assert [one["current"] for one in found] == [True, False]
    assert found[0] == {
        "id": me.session_id, "device": "curl", "address": "198.51.100.2", "created_at": START,
        "last_used_at": clock.now, "ends_at": START + timedelta(minutes=1440), "current": True,
            "passkey": False,
    }  # fmt: skip
    assert found[1]["address"] == "203.0.113.7"
    assert is_in(world, other)


def test_ending_one(world: World) -> None:
    first, second, other = start(world), start(world), start(world, LEAD)
    id = row_of(world, first).id
    assert id is not None
    with world.db.write() as session:
        with pytest.raises(SessionNotFound):
            sessions.end(session, Person(3, "other@tofa.example", "team_member"), id)
        sessions.end(session, Person(2, MEMBER, "team_member"), id)
        for by in (Person(2, MEMBER, "team_member"), lead(world)):
            with pytest.raises(SessionNotFound):
                sessions.end(session, by, id)
    assert [is_in(world, one) for one in (first, second, other)] == [False, True, True]


def test_ending_all_others(world: World) -> None:
    first, second, other = start(world), start(world), start(world, LEAD)
    script = Claims(MEMBER, 0)
    assert is_in(world, script)
    with world.db.write() as session:
        sessions.sign_out_everywhere(session, 2, row_of(world, second).id)
    assert [is_in(world, one) for one in (first, second, other, script)] == [
        False, True, True, False,
    ]  # fmt: skip
    with world.db.write() as session:
        sessions.sign_out_everywhere(session, 2)
    assert [is_in(world, one) for one in (second, other)] == [False, True]


def test_a_new_role_ends_sessions(world: World) -> None:
    claims, script = start(world), Claims(MEMBER, 0)
    change(world, 2, role="team_member", full_name="Same role", center_ids=[1])
    assert is_in(world, claims)
    change(world, 2, role="observer")
    assert not is_in(world, claims)
    assert is_in(world, script), "its role is read from the database"


def test_a_new_password_and_a_disabled_account_end_sessions(world: World) -> None:
    claims = start(world)
    change(world, 2, password="three green hills")
    assert not is_in(world, claims)
    again = start(world)
    change(world, 2, disabled=True)
    assert not is_in(world, again)
    change(world, 2, disabled=False)
    assert not is_in(world, again), "it came back to life"
    assert not is_in(world, start(world, DISABLED))


@pytest.mark.parametrize("has_session", [True, False])
def test_a_new_password_of_ones_own(world: World, has_session: bool) -> None:
    mine, other = start(world), start(world)
    me = who(world, mine if has_session else Claims(MEMBER, 0))
    new = NewPassword(current_password=PASSWORD, password="three green hills")
    answer = users.change_own_password(world.db, world.settings, me, new, HERE)
    renewed = auth.read_token(world.settings, f"Bearer {answer['access_token']}")
    assert is_in(world, renewed)
    assert not any(is_in(world, one) for one in (mine, other, Claims(MEMBER, 0)))
    if has_session:
        assert who(world, renewed).session_id == me.session_id
    with pytest.raises(Invalid):
        users.change_own_password(world.db, world.settings, me, new, HERE)


# The last use


def is_due(uses: LastUses) -> bool:
    return uses.is_due


def test_the_last_use_is_written_once_in_some_minutes(world: World, clock: Clock) -> None:
    claims, uses = start(world), LastUses(world.db, world.settings)
    clock.go(minutes=4)
    who(world, claims, uses)
    assert not is_due(uses)
    clock.go(minutes=1)
    who(world, claims, uses)
    assert is_due(uses)
    assert row_of(world, claims).last_used_at == START, "nothing is written by the request itself"
    uses.write()
    assert not is_due(uses)
    assert row_of(world, claims).last_used_at == clock.now
    who(world, claims, uses)
    assert not is_due(uses)


def test_looking_is_no_use(world: World, clock: Clock) -> None:
    claims, uses = start(world), LastUses(world.db, world.settings)
    clock.go(minutes=6)
    with world.db.read() as session:
        auth.identify(session, claims, uses)
    assert not is_due(uses)


def test_two_servers_write_a_last_use_once(world: World, clock: Clock) -> None:
    claims = start(world)
    here, there = (LastUses(world.db, world.settings) for _ in range(2))
    clock.go(minutes=6)
    who(world, claims, here)
    clock.go(seconds=1)
    who(world, claims, there)
    for uses in (here, there):
        uses.write()
        assert not is_due(uses)
    assert row_of(world, claims).last_used_at == START + timedelta(minutes=6)


def test_a_last_use_waits_for_nobody(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another one writes it is left for later; the session is good all the same."""
    monkeypatch.setattr(sessions, "AFTER_BUSY", 0.0)
    claims, uses = start(world), LastUses(world.db, world.settings)
    clock.go(minutes=6)
    who(world, claims, uses)
    with world.db.write() as session:
        row = session.exec(select(UserSession).with_for_update()).one()
        row.device = "curl 2"
        session.flush()
        uses.write()  # returns at once, although this thread keeps the turn and the row
    assert row_of(world, claims).last_used_at == START
    assert is_in(world, claims)
    who(world, claims, uses)
    uses.write()
    assert row_of(world, claims).last_used_at == clock.now
    assert not is_due(uses)


def test_a_last_use_that_fails_hurts_nobody(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    claims, uses = start(world), LastUses(world.db, world.settings)
    clock.go(minutes=6)
    who(world, claims, uses)

    def fail() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(world.db.__class__, "write_if_free", lambda _db: fail())
    uses.write()
    assert "The last use of sessions wasn't written" in caplog.text
    assert is_in(world, claims)


def test_an_idle_limit_of_the_settings(world: World, clock: Clock) -> None:
    strict = LastUses(world.db, settings_for(world.settings.database_url, session_idle_minutes=15))
    claims = start(world)
    clock.go(minutes=14)
    who(world, claims, strict)
    clock.go(minutes=1)
    with pytest.raises(Unauthenticated):
        who(world, claims, strict)
