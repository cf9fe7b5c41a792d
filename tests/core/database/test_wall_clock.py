"""Times of the legacy list, as the clocks on the walls of any zone show them."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, text

from backend.core.database import wall_clock
from backend.core.leads import legacy_json
from backend.models import Lead
from tests.world import EPOCH, World

NAMES = sorted(available_timezones() - {"localtime"})
ZONES = st.one_of(
    st.sampled_from(
        (
            *("Asia/Kolkata", "America/New_York", "Europe/London", "Australia/Lord_Howe"),
            *("Africa/El_Aaiun", "Antarctica/Troll", "Pacific/Apia", "America/St_Johns"),
            *("Asia/Pyongyang", "America/Caracas", "Europe/Dublin", "America/Vancouver"),
        )
    ),
    st.sampled_from(NAMES),
).map(ZoneInfo)
SOON_AFTER = st.timedeltas(timedelta(hours=-2), timedelta(hours=2))
SECONDS = st.integers(-2, 2).map(lambda seconds: timedelta(seconds=seconds))
ANY_TIME = st.datetimes(timezones=st.just(UTC))
OUR_YEARS = datetime(2009, 12, 30), datetime(2040, 1, 3)  # noqa: DTZ001  bounds have no zone
OUR_TIME = st.datetimes(*OUR_YEARS, timezones=st.just(UTC))


@st.composite
def moments(draw: st.DrawFn, zone: ZoneInfo) -> datetime:
    """A time of any year, one of ours, or one beside a change of the clocks."""
    change = st.sampled_from([moment for moment, _ in wall_clock.changes(zone)])
    beside = st.builds(lambda moment, by: moment + by, change, SECONDS | SOON_AFTER)
    moment = draw(st.one_of(ANY_TIME, OUR_TIME, beside))
    return moment.replace(microsecond=0) if draw(st.booleans()) else moment


def on_the_wall(moment: datetime, zone: ZoneInfo) -> str:
    with suppress(OverflowError):  # outside the calendar there: it stays in UTC
        moment = moment.astimezone(zone)
    return moment.replace(tzinfo=None).isoformat()


def put(world: World, times: list[tuple[datetime, datetime | None]]) -> None:
    with world.db.write() as session:
        session.connection().execute(delete(Lead))
        session.add_all(Lead(created_time=one, next_followup_date=other) for one, other in times)


def shown(world: World, zone: ZoneInfo) -> list[dict[str, Any]]:
    with world.db.read() as session:
        count, _, written = legacy_json.read(session, [], 1_000, zone)
    leads: list[dict[str, Any]] = orjson.loads(b"[" + written + b"]")
    assert orjson.dumps(leads)[1:-1] == written
    assert len(leads) == count
    return leads


@st.composite
def zones_and_times(draw: st.DrawFn) -> tuple[ZoneInfo, list[tuple[datetime, datetime | None]]]:
    zone = draw(ZONES)
    pair = st.tuples(moments(zone), st.none() | moments(zone))
    return zone, draw(st.lists(pair, min_size=1, max_size=20))


KOLKATA = ZoneInfo("Asia/Kolkata")
LOCAL_MEAN_TIME = datetime(1850, 1, 1, 0, 0, 0, 5, tzinfo=UTC)


@settings(max_examples=60)
@example((KOLKATA, [(datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC))]))
@example((ZoneInfo("America/New_York"), [(datetime.min.replace(tzinfo=UTC), None)]))
@example((KOLKATA, [(LOCAL_MEAN_TIME, datetime(1942, 9, 1, tzinfo=UTC))]))
@given(zones_and_times())
@pytest.mark.slow
def test_the_clock_is_that_of_the_zone(
    world: World, given: tuple[ZoneInfo, list[tuple[datetime, datetime | None]]]
) -> None:
    zone, times = given
    put(world, times)
    assert [(lead["created_time"], lead["next_followup_date"]) for lead in shown(world, zone)] == [
        (on_the_wall(one, zone), other and on_the_wall(other, zone)) for one, other in times
    ]


@pytest.mark.parametrize(
    ("zone", "moment", "text"),
    [
        ("Asia/Kolkata", "2026-12-04T18:30:00", "2026-12-05T00:00:00"),
        ("Asia/Kolkata", "2026-12-04T18:30:00.000001", "2026-12-05T00:00:00.000001"),
        ("Asia/Kolkata", "2026-12-04T18:30:00.999999", "2026-12-05T00:00:00.999999"),
        ("Asia/Kolkata", "2026-12-04T18:30:00.120000", "2026-12-05T00:00:00.120000"),
        # The clocks were eight seconds off those of today's time.
        ("Asia/Kolkata", "1850-01-01T00:00:00", "1850-01-01T05:53:28"),
        ("America/New_York", "2026-11-01T05:59:59", "2026-11-01T01:59:59"),
        ("America/New_York", "2026-11-01T06:00:00", "2026-11-01T01:00:00"),
        ("Australia/Lord_Howe", "2026-04-04T14:59:59", "2026-04-05T01:59:59"),
        ("Australia/Lord_Howe", "2026-04-04T15:00:00", "2026-04-05T01:30:00"),
        ("Pacific/Apia", "2011-12-30T09:59:59", "2011-12-29T23:59:59"),
        ("Pacific/Apia", "2011-12-30T10:00:00", "2011-12-31T00:00:00"),
        ("America/New_York", "2100-07-01T12:00:00", "2100-07-01T08:00:00"),
        ("Asia/Kolkata", "9999-12-31T20:00:00", "9999-12-31T20:00:00"),
    ],
)  # fmt: skip
def test_a_time(world: World, zone: str, moment: str, text: str) -> None:
    put(world, [(datetime.fromisoformat(moment).replace(tzinfo=UTC), EPOCH)])
    assert shown(world, ZoneInfo(zone))[0]["created_time"] == text


@given(ZONES)
def test_what_holds_between_two_changes_holds_all_the_time(zone: ZoneInfo) -> None:
    known = wall_clock.changes(zone)
    ends = [moment for moment, _ in known[1:]] + [wall_clock.END]
    for (start, offset), end in zip(known, ends, strict=True):
        for share in range(8):
            moment = start + (end - start - timedelta(seconds=1)) * share / 7
            told = moment.astimezone(zone).utcoffset()
            assert told == timedelta(seconds=offset)


# Values that another program may have written to SQLite's column, and their output.
ODD = {
    "2026-12-04 18:30:00": "2026-12-05T00:00:00",
    "2026-12-04T18:30:00": "2026-12-05T00:00:00",
    "2026-12-04T18:30:00Z": "2026-12-05T00:00:00",
    "2026-12-04 20:30:00+02:00": "2026-12-05T00:00:00",
    "2026-12-04 18:30:00.5": "2026-12-05T00:00:00.500000",
    "2026-12-05": "2026-12-05",
    "05/12/2026": "05/12/2026",
    "2026-13-05 00:00:00.000000": "2026-13-05 00:00:00.000000",
    "2026-12-04 25:30:00.123456": "2026-12-04 25:30:00.123456",
    "tomorrow": "tomorrow",
    "now": "now",
    "": "",
    "Z": "Z",
    'a "quote" Z': 'a "quote" Z',
    "12:30:00": "12:30:00",
    1764873000: "1764873000",
    2460000.5: "2460000.5",
    b"\xff\xfe": "\ufffd\ufffd",
    b"2026-12-04 18:30:00.000000": "2026-12-05T00:00:00",
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", ["created_time", "next_followup_date"])
def test_texts_that_are_no_times_stay_as_they_are(world: World, name: str) -> None:
    put(world, [(EPOCH, EPOCH) for _ in ODD])
    with world.db.write() as session:
        ids = session.scalars(text("SELECT id FROM lead ORDER BY id")).all()
        for id, value in zip(ids, ODD, strict=True):
            update = text(f"UPDATE lead SET {name} = :value WHERE id = :id")
            session.connection().execute(update, {"value": value, "id": id})
    leads = shown(world, KOLKATA)
    assert dict(zip(map(str, ODD), (lead[name] for lead in leads), strict=True)) == {
        str(value): told for value, told in ODD.items()
    }
    other = {"created_time", "next_followup_date"} - {name}
    assert {lead[field] for lead in leads for field in other} == {"2026-11-02T10:00:00"}


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_times_off_the_calendar_stay_in_utc(world: World) -> None:
    odd = {
        "infinity": "infinity",
        "-infinity": "-infinity",
        "12026-01-01 00:00:00+00": "12026-01-01T00:00:00",
        "0044-03-15 00:00:00+00 BC": "0044-03-15T00:00:00 BC",
    }
    put(world, [(EPOCH, None) for _ in odd])
    with world.db.write() as session:
        ids = session.scalars(text("SELECT id FROM lead ORDER BY id")).all()
        for id, value in zip(ids, odd, strict=True):
            update = text("UPDATE lead SET next_followup_date = :value WHERE id = :id")
            session.connection().execute(update, {"value": value, "id": id})
    with world.db.read() as session:
        # The style of a connection changes nothing.
        session.connection().execute(text("SET LOCAL datestyle = 'SQL, DMY'"))
        _, _, written = legacy_json.read(session, [], 10, KOLKATA)
    leads = orjson.loads(b"[" + written + b"]")
    assert [lead["next_followup_date"] for lead in leads] == list(odd.values())
