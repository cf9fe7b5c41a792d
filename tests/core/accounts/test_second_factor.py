"""The codes of an authenticator app, and recovery codes: each is good once, and soon over."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from backend.core import auth, passwords, times
from backend.core.accounts import second_factor, sessions
from backend.core.accounts.sessions import Origin
from backend.core.errors import CodeNeeded, Conflict, Invalid
from tests.world import MEMBER, PASSWORD, World

START = datetime(2026, 11, 28, 10, 0, 10, tzinfo=UTC)


class Clock:
    now = START


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(times, "now", lambda: made.now)
    return made


def turn_on(world: World) -> tuple[pyotp.TOTP, list[str]]:
    with world.db.write() as session:
        fresh = second_factor.begin(session, 2)
    app = pyotp.TOTP(fresh["secret"])
    with world.db.write() as session:
        codes = second_factor.confirm(session, world.settings, 2, app.at(times.now()), None)
    return app, codes


def use(world: World, code: str, user_id: int = 2) -> bool:
    with world.db.write() as session:
        return second_factor.use(session, user_id, code) is not None


def is_on(world: World) -> bool:
    with world.db.read() as session:
        return second_factor.is_on(session, 2)


def test_setting_up(world: World, clock: Clock) -> None:
    with world.db.write() as session:
        fresh = second_factor.begin(session, 2)
        assert not second_factor.is_on(session, 2)
        assert fresh["uri"].startswith("otpauth://totp/TOFA%20CRM:tellapur%40tofa.example?secret=")
        assert len({len(row) for row in fresh["qr"]} | {len(fresh["qr"])}) == 1
        assert set("".join(fresh["qr"])) == {"0", "1"}
        with pytest.raises(Invalid):
            second_factor.confirm(session, world.settings, 2, "000000x", None)
        again = second_factor.begin(session, 2)
        assert again["secret"] != fresh["secret"]
    old, new = pyotp.TOTP(fresh["secret"]), pyotp.TOTP(again["secret"])
    with world.db.write() as session:
        with pytest.raises(Invalid):
            second_factor.confirm(session, world.settings, 2, old.at(clock.now), None)
        codes = second_factor.confirm(session, world.settings, 2, new.at(clock.now), None)
    assert is_on(world)
    assert len(set(codes)) == second_factor.CODES
    with world.db.write() as session:
        with pytest.raises(Conflict):
            second_factor.begin(session, 2)
        with pytest.raises(Conflict):
            second_factor.confirm(session, world.settings, 2, new.at(clock.now), None)
        second_factor.turn_off(session, world.settings, 2, None)
    assert not is_on(world)
    assert not use(world, codes[0])


def test_a_code_is_good_once(world: World, clock: Clock) -> None:
    app, _ = turn_on(world)
    assert not use(world, app.at(clock.now)), "that of the set-up was used"
    clock.now += timedelta(seconds=30)
    code = app.at(clock.now)
    assert use(world, f" {code[:3]} {code[3:]} ")
    assert not use(world, code)
    assert not use(world, app.at(clock.now - timedelta(seconds=30))), "an earlier one"


def test_how_long_a_code_is_good(world: World, clock: Clock) -> None:
    app, _ = turn_on(world)
    clock.now += timedelta(minutes=10)
    assert not use(world, app.at(clock.now - timedelta(seconds=60)))
    assert not use(world, app.at(clock.now + timedelta(seconds=60)))
    assert use(world, app.at(clock.now - timedelta(seconds=30)))
    assert use(world, app.at(clock.now + timedelta(seconds=30)))


def test_two_use_a_code_at_once(world: World, clock: Clock) -> None:
    app, codes = turn_on(world)
    clock.now += timedelta(minutes=1)
    for code in (app.at(clock.now), codes[0]):
        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(lambda _, code=code: use(world, code), range(4))) == 1


def test_recovery_codes(world: World, clock: Clock) -> None:
    _, codes = turn_on(world)
    assert use(world, codes[3])
    assert not use(world, codes[3])
    assert use(world, codes[4].lower().replace("-", " "))
    assert not use(world, codes[5], user_id=1), "another person's"
    with world.db.read() as session:
        state = second_factor.show(session, world.settings, 2, "team_member")
    assert state == {"enabled": True, "required": False, "recovery_codes": 8, "passkeys": 0}


@pytest.mark.parametrize(
    "code", ["", "000000", "12345", "1234567", "१२३४५६", "\0", "\ud800", "x" * 500]
)
def test_wrong_codes(world: World, clock: Clock, code: str) -> None:
    app, _ = turn_on(world)
    clock.now += timedelta(minutes=1)
    assert code != app.at(clock.now)
    assert not use(world, code)


def test_a_clock_that_ran_ahead(world: World, clock: Clock) -> None:
    """The code of a time that is still to come doesn't keep the owner out once it is right."""
    app, _ = turn_on(world)
    clock.now += timedelta(days=3)
    assert use(world, app.at(clock.now))
    clock.now -= timedelta(days=3) - timedelta(minutes=1)
    assert use(world, app.at(clock.now))
    assert not use(world, app.at(clock.now))


def test_one_that_is_turned_on_while_a_password_is_checked(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sign-in began without it, and must not end without it: it would outlast the change."""
    real = passwords.verify

    def verify(password: str, hashed: str | None) -> tuple[bool, str | None]:
        turn_on(world)
        return real(password, hashed)

    monkeypatch.setattr(passwords, "verify", verify)
    with pytest.raises(CodeNeeded):
        auth.sign_in(world.db, world.settings, MEMBER, PASSWORD, Origin("10.0.0.1"))
    with world.db.read() as session:
        assert sessions.list_of(session, world.settings, 2) == []


def test_a_secret_that_is_not_confirmed_signs_nobody_in(world: World, clock: Clock) -> None:
    """Nobody is told of it, and it may be there beside a passkey."""
    with world.db.write() as session:
        app = pyotp.TOTP(second_factor.begin(session, 2)["secret"])
    assert not use(world, app.at(clock.now))
