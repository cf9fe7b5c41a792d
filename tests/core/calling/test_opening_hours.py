"""Opening hours as values: any week, any holidays, any zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from backend.core.calling.opening_hours import MOST_DAYS, OpeningHours, Span

ZONES = ["Asia/Kolkata", "Europe/Berlin", "America/St_Johns", "Pacific/Apia"]
QUARTERS = st.integers(0, 95).map(lambda one: time(one // 4, one % 4 * 15))
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@st.composite
def days_of_week(draw: st.DrawFn) -> tuple[Span, ...]:
    clocks = sorted(draw(st.sets(QUARTERS, max_size=6)))
    return tuple(Span(*pair) for pair in zip(clocks[::2], clocks[1::2], strict=False))


@st.composite
def calendars(draw: st.DrawFn) -> OpeningHours:
    week = tuple(draw(st.lists(days_of_week(), min_size=7, max_size=7)))
    first = draw(st.lists(DAYS, max_size=3))
    holidays = [(one, one + timedelta(days=draw(st.integers(0, 30)))) for one in first]
    return OpeningHours(ZoneInfo(draw(st.sampled_from(ZONES))), week, holidays)


def is_open(hours: OpeningHours, at: datetime) -> bool:
    here = at.astimezone(hours.zone)
    is_closed = any(first <= here.date() <= last for first, last in hours.holidays)
    spans = hours.week[here.weekday()]
    return not is_closed and any(one.opens <= here.time() <= one.closes for one in spans)


@given(calendars(), st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)))  # noqa: DTZ001
def test_the_next_open_moment_is_the_first_one(hours: OpeningHours, wall: datetime) -> None:
    at = wall.replace(microsecond=0, tzinfo=UTC)
    found = hours.next_open(at)
    assert found >= at
    if not any(hours.week):
        assert found == at
        return
    assert is_open(hours, found)
    # No earlier moment is open: all hours begin and end at quarters of an hour.
    step, earlier = timedelta(minutes=15), at
    while earlier < found and earlier < at + timedelta(days=3):
        assert not is_open(hours, earlier)
        earlier += step


@given(calendars(), DAYS, QUARTERS)
def test_a_time_of_the_next_open_day(hours: OpeningHours, since: date, clock: time) -> None:
    found = hours.next_day(since, clock)
    day = found.astimezone(hours.zone).date()
    assert day >= since
    openings = list(hours.openings(since))
    if openings:
        assert openings[0].day == day
        assert any(one.begins <= found <= one.ends for one in openings if one.day == day)
    assert all(since <= one.day < since + timedelta(days=MOST_DAYS) for one in openings)


def open_time(hours: OpeningHours, since: datetime, until: datetime) -> timedelta:
    """Return how much of the hours lies between two moments."""
    total = timedelta()
    for one in hours.openings(since.astimezone(hours.zone).date()):
        begins, ends = max(one.begins, since), min(one.ends, until)
        total += max(ends - begins, timedelta())
        if one.begins > until:
            break
    return total


@given(
    calendars(),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001
    st.integers(1, 6_000),
)
def test_a_clock_stops_outside_the_hours(hours: OpeningHours, wall: datetime, minutes: int) -> None:
    at = wall.replace(microsecond=0, tzinfo=UTC)
    end = hours.after(at, minutes)
    if end is None:
        days = list(hours.openings(at.astimezone(hours.zone).date()))
        last = days[-1].ends if days else at
        assert open_time(hours, at, last) < timedelta(minutes=minutes)
        return
    assert open_time(hours, at, end) == timedelta(minutes=minutes)
    # It ends within the hours, and no earlier.
    assert is_open(hours, end)
    assert open_time(hours, at, end - timedelta(seconds=1)) < timedelta(minutes=minutes)
    begins = hours.first_at_work(at)
    assert begins is not None
    assert at <= begins < end
    assert open_time(hours, at, begins) == timedelta()
