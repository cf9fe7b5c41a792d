"""The order of each date column of a file, and what is believed of its dates."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from backend.core.dates import MONTH_FIRST, YEAR_FIRST, Order
from backend.core.imports.columns import Columns
from backend.core.imports.date_columns import UNLIKELY_DATE, UNREADABLE_DATE, DateColumns
from backend.core.reasons import Reason, ReasonCode
from backend.core.sheets import Cell

KOLKATA = ZoneInfo("Asia/Kolkata")
NOW = datetime(2026, 11, 28, 10, tzinfo=UTC)
HEADER = Columns(
    ("When", "Born", "Call", "Name"),
    {0: "created_time", 1: "birth_date", 2: "next_followup_date", 3: "player_name"},
)


def columns(*rows: tuple[Cell, ...], chosen: Order | None = None) -> DateColumns:
    made = DateColumns(HEADER, KOLKATA, chosen, NOW)
    for cells in rows:
        made.look(cells)
    made.settle()
    return made


def test_each_column_has_an_order_of_its_own() -> None:
    found = columns(
        ("10/08/2026 3:19am", "03/04/2015", "01/12/2026", "x"),
        ("10/17/2026 5:22am", "25/12/2014", None, "x"),
    )
    assert found.created(0, "10/08/2026 3:19am") == (
        datetime(2026, 10, 7, 21, 49, tzinfo=UTC), None
    )  # fmt: skip
    assert found.day(1, "03/04/2015") == (date(2015, 4, 3), None)
    assert found.moment(2, "01/12/2026") == (datetime(2026, 11, 30, 18, 30, tzinfo=UTC), None)
    assert [
        (one["column"], one["order"], one["basis"], one["read_as"]) for one in found.told()
    ] == [
        ("When", "month_first", "values", "2026-10-08"),
        ("Born", "day_first", "values", "2015-04-03"),
        ("Call", "day_first", "convention", "2026-12-01"),
    ]


def test_a_chosen_order_is_that_of_all_columns() -> None:
    found = columns(("05/12/2025", "25/12/2014", None, "x"), chosen=MONTH_FIRST)
    assert found.created(0, "05/12/2025")[0] == datetime(2025, 5, 11, 18, 30, tzinfo=UTC)
    assert found.day(1, "25/12/2014") == (date(2014, 12, 25), None)
    assert {one["basis"] for one in found.told()} == {"choice"}
    short = columns(("26/11/05", None, None, "x"), chosen=YEAR_FIRST)
    assert short.created(0, "26/11/05")[0] == datetime(2026, 11, 4, 18, 30, tzinfo=UTC)


def test_a_column_in_both_orders_is_told() -> None:
    found = columns(*(
        (text, None, None, "x") for text in ("25/10/2026", "10/26/2026", "05/10/2026", "07/07/2026")
    ))  # fmt: skip
    doubt = Reason(ReasonCode.AMBIGUOUS_DATE, {"column": "When"})
    assert found.created(0, "05/10/2026") == (datetime(2026, 10, 4, 18, 30, tzinfo=UTC), doubt)
    for text in ("25/10/2026", "10/26/2026", "07/07/2026", "2026-10-05", datetime(2026, 5, 10)):  # noqa: DTZ001
        assert found.created(0, text)[1] is None
    (told, *_) = found.told()
    assert (told["basis"], told["against"]) == ("mixed", ["25/10/2026", "10/26/2026"])


def test_dates_that_a_spreadsheet_program_has_swapped_are_doubts() -> None:
    swapped = date(2026, 5, 10)
    found = columns(("25/10/2026", None, None, "x"), (swapped, None, None, "x"))
    doubt = Reason(ReasonCode.AMBIGUOUS_DATE, {"column": "When"})
    assert found.created(0, swapped) == (datetime(2026, 5, 9, 18, 30, tzinfo=UTC), doubt)
    assert found.created(0, "25/10/2026")[1] is None


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("soon", UNREADABLE_DATE),
        ("30/11/2026", UNLIKELY_DATE),
        ("2026-11-29T10:00:01Z", UNLIKELY_DATE),
        ("2026-11-29T10:00:00Z", None),
        ("31/12/1999", UNLIKELY_DATE),
        ("1970-01-01T00:00:00Z", UNLIKELY_DATE),
        ("01/01/2000 05:30", None),
        (date(1900, 1, 1), UNLIKELY_DATE),
        (datetime(2027, 1, 1), UNLIKELY_DATE),  # noqa: DTZ001  as Excel has it
        (46331, None),
        (46700, UNLIKELY_DATE),
    ],
)
def test_a_time_in_the_future_or_long_ago_is_not_believed(cell: Cell, why: Reason | None) -> None:
    at, said = columns((cell, None, None, "x")).created(0, cell)
    assert said == why
    assert (at is None) == (why is not None)


@pytest.mark.parametrize("text", ["soon", "2026-11-29", "1/1/1899"])
def test_no_one_is_born_tomorrow(text: str) -> None:
    assert columns(("x", text, None, "x")).day(1, text) == (None, None)


def test_a_next_call_may_be_in_the_future() -> None:
    assert columns(("x", None, "25/12/2030", "x")).moment(2, "25/12/2030")[0] is not None


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("05/12/2026 evening", "00:00"),
        ("call after 05/12/2026", "00:00"),
        ("Follow up: 5 Dec 2026, 5-6 pm", "17:00"),
        ("05/12/2026 (5:30 to 6:30pm)", "17:30"),
        ("05/12/2026 after 5 pm", "17:00"),
        # The day is missing
        ("tomorrow evening", None),
        ("not before the exams", None),
    ],
)
def test_a_note_of_the_next_call(text: str, clock: str | None) -> None:
    found, doubt = columns(("x", None, text, "x")).moment(2, text)
    told = found and f"{found.astimezone(KOLKATA):%Y-%m-%d %H:%M}"
    assert (told, doubt) == (clock and f"2026-12-05 {clock}", None)
    assert columns((text, None, None, "x")).created(0, text) == (None, UNREADABLE_DATE)


def test_whether_rows_are_read_again() -> None:
    for texts, again in (
        (("05/10/2026", "2026-10-05"), False),
        (("25/10/2026",), False),
        (("10/25/2026",), True),
        (("25/10/2026", "10/25/2026"), False),
        (("25/10/2026", "10/25/2026", "05/10/2026"), True),
    ):
        made = DateColumns(HEADER, KOLKATA, now=NOW)
        for text in texts:
            made.look((text, None, None, "x"))
        assert made.settle() is again
        assert made.settle() is False


@pytest.mark.parametrize(
    ("name", "offset"),
    [
        ("Submit Date (UTC)", 0),
        ("created_at_utc", 0),
        ("createdAtUTC", 0),
        ("Timestamp GMT", 0),
        ("Time (GMT+5:30)", 330),
        ("Created (UTC-05:00)", -300),
        ("Created (IST)", 330),
        ("Created (SGT)", 480),
        ("Created", 330),
        ("Outcome", 330),
        ("Date (old)", 330),
    ],
)
def test_the_name_of_a_column_may_say_its_zone(name: str, offset: int) -> None:
    header = Columns((name,), {0: "created_time"})
    made = DateColumns(header, KOLKATA, now=NOW)
    at = datetime(2026, 11, 5, 16, tzinfo=UTC) - timedelta(minutes=offset)
    assert made.created(0, "2026-11-05 16:00") == (at, None)
    assert made.created(0, "2026-11-05T16:00Z") == (datetime(2026, 11, 5, 16, tzinfo=UTC), None)


ASSUMED = "assumed_year"


@pytest.mark.parametrize(
    ("text", "created", "next_call"),
    [
        ("5 Dec", "2025-12-05 00:00", "2026-12-05 00:00"),
        ("Dec 5", "2025-12-05 00:00", "2026-12-05 00:00"),
        ("5th December", "2025-12-05 00:00", "2026-12-05 00:00"),
        ("05/12", "2025-12-05 00:00", "2026-12-05 00:00"),
        ("5-Dec", "2025-12-05 00:00", "2026-12-05 00:00"),
        ("05-12", "2025-12-05 00:00", "2026-12-05 00:00"),
        ("5 Dec 4:30 pm", "2025-12-05 16:30", "2026-12-05 16:30"),
        ("05/12 16:30", "2025-12-05 16:30", "2026-12-05 16:30"),
        ("१५ नवंबर", "2026-11-15 00:00", "2026-11-15 00:00"),
        ("20 Nov", "2026-11-20 00:00", "2026-11-20 00:00"),
        ("28/11", "2026-11-28 00:00", "2026-11-28 00:00"),
        ("1 March", "2026-03-01 00:00", "2027-03-01 00:00"),
        ("Sat 5 Dec", None, "2026-12-05 00:00"),
        ("Fri 5 Dec", "2025-12-05 00:00", None),
    ],
)
def test_a_date_without_a_year(text: str, created: str | None, next_call: str | None) -> None:
    """An enquiry came in on the last such day; the next call is on the next, or overdue."""
    found = columns((text, text, text, "x"))
    for at, said, read in ((0, created, found.created), (2, next_call, found.moment)):
        moment, doubt = read(at, text)
        assert (moment and f"{moment.astimezone(KOLKATA):%Y-%m-%d %H:%M}") == said
        told = {"column": HEADER.names[at], "date": said and said[:10]}
        if said is not None:
            assert doubt == Reason(ReasonCode.ASSUMED_YEAR, told)
    assert found.day(1, text) == (None, None)


def test_a_note_of_a_next_call_without_a_year() -> None:
    text = "call on 5 Dec, 5-6 pm"
    moment, doubt = columns(("x", None, text, "x")).moment(2, text)
    assert moment == datetime(2026, 12, 5, 11, 30, tzinfo=UTC)
    assert doubt == Reason(ReasonCode.ASSUMED_YEAR, {"column": "Call", "date": "2026-12-05"})


@pytest.mark.parametrize(
    "text",
    ["5.12", "5-7", "Dec-26", "Dec 2026", "31 Feb", "31/02", "5", "Dec", "U9 5/12",
     "4 pm", "13/13", "1/2/3/4", "10-12 pm", "29 Feb"],
)  # fmt: skip
def test_what_may_be_something_else_is_not_believed(text: str) -> None:
    found = columns((text, None, text, "x"))
    assert found.created(0, text) == (None, UNREADABLE_DATE)
    assert found.moment(2, text) == (None, None)


def test_dates_without_a_year_have_the_order_of_their_column() -> None:
    found = columns(("11/25", None, "10/11", "x"), ("10/11", None, None, "x"))
    assert found.created(0, "10/11")[0] == datetime(2026, 10, 10, 18, 30, tzinfo=UTC)
    assert [(one["column"], one["order"], one["read_as"]) for one in found.told()] == [
        ("When", "month_first", "2026-10-11"), ("Born", "day_first", None),
        ("Call", "day_first", "2026-11-10"),
    ]  # fmt: skip
    mixed = columns(("11/25", None, None, "x"), ("25/11/2025", None, None, "x"))
    assert mixed.created(0, "10/11")[1] == Reason(
        ReasonCode.ASSUMED_YEAR, {"column": "When", "date": "2025-11-10"}
    )


def test_a_date_without_a_year_is_near_the_others_of_its_column() -> None:
    rows = [("23/10/2024", None, "20/12/2024", "x"), ("05/12", None, "5 Jan", "x")]
    found = columns(*rows)
    assert found.created(0, "05/12")[0] == datetime(2024, 12, 4, 18, 30, tzinfo=UTC)
    assert found.moment(2, "5 Jan")[0] == datetime(2025, 1, 4, 18, 30, tzinfo=UTC)
    # An upload reads the rows once, and once more if it has learned something on the way.
    read = DateColumns(HEADER, KOLKATA, now=NOW)
    assert read.created(0, "05/12")[0] == datetime(2025, 12, 4, 18, 30, tzinfo=UTC)
    read.created(0, "23/10/2024")
    assert read.settle()
    assert read.created(0, "05/12")[0] == datetime(2024, 12, 4, 18, 30, tzinfo=UTC)
    assert not read.settle()
