"""Who is present at a center: within their hours, and neither away nor on leave."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlmodel import col

from backend.core.calling import presence
from backend.core.calling.rules import Standard
from backend.core.leads import owners
from backend.models import (
    CallingRules,
    Center,
    Holiday,
    Leave,
    Presence,
    Role,
    User,
    UserCenterLink,
)
from tests import runs
from tests.world import GACHIBOWLI, TELLAPUR, World

ZONE = ZoneInfo("Asia/Kolkata")
STANDARD = Standard(("1h",), ZONE)
# A Monday at noon, by the academy's clocks.
NOON = datetime(2026, 11, 30, 12, 0, tzinfo=ZONE).astimezone(UTC)
TEAM_LEAD, MEMBER, OTHER, OBSERVER, DISABLED = range(1, 6)
EVENING: list[list[list[str]]] = [[["18:00", "22:00"]]] * 7


def there(world: World, at: datetime = NOON, **given: Any) -> dict[int, list[int]]:
    with world.db.read() as session:
        return presence.present(session, [TELLAPUR, GACHIBOWLI], at, STANDARD, **given)


def add(world: World, *rows: object) -> None:
    with world.db.write() as session:
        session.add_all(rows)


def test_members_are_present_while_their_center_is_open(world: World) -> None:
    assert there(world) == {TELLAPUR: [MEMBER], GACHIBOWLI: [OTHER]}
    assert there(world, with_team_leads=True) == {
        TELLAPUR: [TEAM_LEAD, MEMBER], GACHIBOWLI: [TEAM_LEAD, OTHER],
    }  # fmt: skip
    assert there(world, among=[OTHER]) == {TELLAPUR: [], GACHIBOWLI: [OTHER]}
    nobody: dict[int, list[int]] = {TELLAPUR: [], GACHIBOWLI: []}
    # From 10:00 on and until 20:00.
    for hours in (-3, 8):
        assert there(world, NOON + timedelta(hours=hours)) == nobody
    add(world, CallingRules(place=TELLAPUR, center_id=TELLAPUR, week=EVENING))
    assert there(world) == {TELLAPUR: [], GACHIBOWLI: [OTHER]}
    assert there(world, NOON + timedelta(hours=9)) == {TELLAPUR: [MEMBER], GACHIBOWLI: []}
    assert there(world, among=[]) == nobody


def test_own_hours_count_instead_of_the_centers(world: World) -> None:
    add(world, Presence(user_id=MEMBER, week=EVENING))
    assert there(world)[TELLAPUR] == []
    late = NOON + timedelta(hours=9)
    assert there(world, late)[TELLAPUR] == [MEMBER]
    # A holiday of the center is everyone's.
    day = date(2026, 11, 30)
    add(world, Holiday(center_id=TELLAPUR, first_day=day, last_day=day, label="Repairs"))
    assert there(world, late)[TELLAPUR] == []
    assert there(world)[GACHIBOWLI] == [OTHER]
    assert there(world, late + timedelta(days=1))[TELLAPUR] == [MEMBER]


def test_away_and_leave_end_by_themselves(world: World) -> None:
    hour = timedelta(hours=1)
    add(world, Presence(user_id=MEMBER, away_since=NOON, away_until=NOON + hour))
    assert there(world, NOON - hour)[TELLAPUR] == [MEMBER]
    assert there(world)[TELLAPUR] == []
    assert there(world, NOON + hour)[TELLAPUR] == [MEMBER]
    day = date(2026, 12, 1)
    add(world, Leave(user_id=OTHER, first_day=day, last_day=day))
    assert there(world)[GACHIBOWLI] == [OTHER]
    assert there(world, NOON + timedelta(days=1))[GACHIBOWLI] == []
    assert there(world, NOON + timedelta(days=2))[GACHIBOWLI] == [OTHER]
    with world.db.read() as session:
        assert presence.is_present(session, TEAM_LEAD, TELLAPUR, NOON, STANDARD)
        assert presence.is_present(session, OTHER, GACHIBOWLI, NOON, STANDARD)
        assert not presence.is_present(session, OTHER, TELLAPUR, NOON, STANDARD)


clocks = st.sampled_from(["08:00", "11:00", "13:00", "17:00", "21:00"])
days = st.lists(clocks, max_size=4, unique=True).map(
    lambda some: [list(pair) for pair in zip(sorted(some)[::2], sorted(some)[1::2], strict=False)]
)
weeks = st.none() | st.lists(days, min_size=7, max_size=7)
moments = st.none() | st.integers(-30, 30).map(lambda hours: NOON + timedelta(hours=hours))
spans = st.lists(st.tuples(st.integers(-2, 2), st.integers(0, 2)), max_size=2)


def is_within(week: Any, at: datetime) -> bool:
    here = at.astimezone(ZONE)
    week = week or [[["10:00", "20:00"]]] * 7
    hours = [[time.fromisoformat(clock) for clock in pair] for pair in week[here.weekday()]]
    return any(opens <= here.time() < closes for opens, closes in hours)


@pytest.mark.slow
def test_nobody_is_present_who_is_not(world: World, database: str) -> None:
    """All of the rule at once, as the documents have it, against what the queries find."""

    @settings(max_examples=runs.on(database, 60), deadline=None)
    @given(
        role=st.sampled_from([*Role, "trainer"]), disabled=st.booleans(), linked=st.booleans(),
        own=weeks, of_center=weeks, since=moments, until=moments, leave=spans, holidays=spans,
        at=moments.map(lambda at: at or NOON), with_leads=st.booleans(),
    )  # fmt: skip
    def check(
        role: str, disabled: bool, linked: bool, own: Any, of_center: Any, since: datetime | None,
        until: datetime | None, leave: list[tuple[int, int]], holidays: list[tuple[int, int]],
        at: datetime, with_leads: bool,
    ) -> None:  # fmt: skip
        first = NOON.astimezone(ZONE).date()
        ranges = {
            name: [(first + timedelta(one), first + timedelta(one + more)) for one, more in some]
            for name, some in (("leave", leave), ("holidays", holidays))
        }
        with world.db.write() as session:
            for table in (Leave, Holiday, Presence, CallingRules):
                session.connection().execute(delete(table))
            user = session.get_one(User, MEMBER)
            user.role, user.disabled = role, disabled
            mine = col(UserCenterLink.user_id) == MEMBER
            session.connection().execute(delete(UserCenterLink).where(mine))
            if linked:
                session.add(UserCenterLink(user_id=MEMBER, center_id=TELLAPUR))
            session.add(Presence(user_id=MEMBER, week=own, away_since=since, away_until=until))
            session.add(CallingRules(place=TELLAPUR, center_id=TELLAPUR, week=of_center))
            for one, last in ranges["leave"]:
                session.add(Leave(user_id=MEMBER, first_day=one, last_day=last))
            for one, last in ranges["holidays"]:
                session.add(Holiday(first_day=one, last_day=last, label="x", center_id=TELLAPUR))
        day = at.astimezone(ZONE).date()
        is_away = since is not None and since <= at and (until is None or at < until)
        works = (role == Role.TEAM_LEAD and with_leads) or (role == Role.TEAM_MEMBER and linked)
        is_off = any(one <= day <= last for some in ranges.values() for one, last in some)
        expected = (
            works and not disabled and not is_away and not is_off
            and is_within(own or of_center, at)
        )  # fmt: skip
        found = there(world, at, with_team_leads=with_leads)
        assert (MEMBER in found[TELLAPUR]) == expected
        assert MEMBER not in found[GACHIBOWLI] or role == Role.TEAM_LEAD
        with world.db.read() as session:
            for center_id, people in found.items():
                may = select(col(User.id)).where(owners.able(center_id))
                assert {*people} <= {*session.scalars(may)}

    check()


def test_centers_are_read_together(world: World) -> None:
    with world.db.write() as session:
        added = [Center(display_name=f"C{n}", meta_tag_name=f"C{n}", city="H") for n in range(20)]
        session.add_all(added)
        session.flush()
        ids = [one.id or 0 for one in added]
        session.add_all(UserCenterLink(user_id=MEMBER, center_id=id) for id in ids[:10])
    with world.db.read() as session:
        found = presence.present(session, ids, NOON, STANDARD)
        assert presence.present(session, [], NOON, STANDARD) == {}
    assert found == {id: [MEMBER] if id in ids[:10] else [] for id in ids}
