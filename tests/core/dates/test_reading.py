"""Dates in the styles of people and programs become the same moment, or none."""

# ruff: noqa: RUF001  digits and words of other scripts

from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core import dates
from backend.core.dates import DAY_FIRST, MONTH_FIRST, YEAR_FIRST

KOLKATA = ZoneInfo("Asia/Kolkata")
BERLIN = ZoneInfo("Europe/Berlin")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-05", "2026-11-05"),
        ("2026/11/05", "2026-11-05"),
        ("2026.11.5", "2026-11-05"),
        ("20261105", "2026-11-05"),
        ("05112026", "2026-11-05"),
        ("05/11/2026", "2026-11-05"),
        ("5.11.2026", "2026-11-05"),
        ("05-11-26", "2026-11-05"),
        ("5 11 2026", "2026-11-05"),
        ("05-Nov-26", "2026-11-05"),
        ("5/NOV/2026", "2026-11-05"),
        ("Nov 5, 2026", "2026-11-05"),
        ("November 5th, 2026", "2026-11-05"),
        ("5th of November 2026", "2026-11-05"),
        ("5Nov2026", "2026-11-05"),
        ("5 Nov '26", "2026-11-05"),
        ("Sept 5, 2026", "2026-09-05"),
        ("2026-Nov-05", "2026-11-05"),
        ("Thursday, November 5, 2026", "2026-11-05"),
        ("Thu 05/11/2026", "2026-11-05"),
        # Only the 10th of May is a Sunday.
        ("Sun 05/10/2026", "2026-05-10"),
        ("12/25/2026", "2026-12-25"),
        ("31/12/99", "1999-12-31"),
        ("99/12/31", "1999-12-31"),
        ("05/11/12", "2012-11-05"),
        ("\u200e05/11/2026\u200f", "2026-11-05"),
        ("05\u00a0November\u202f2026", "2026-11-05"),
        ("०५/११/२०२६", "2026-11-05"),
        ("౦౫/౧౧/౨౦౨౬", "2026-11-05"),
        ("٠٥/١١/٢٠٢٦", "2026-11-05"),
        ("5 नवंबर 2026", "2026-11-05"),
        ("५ नवम्बर २०२६", "2026-11-05"),
        ("5 फ़रवरी 2026", "2026-02-05"),
        ("5 फरवरी 2026", "2026-02-05"),
        ("5 నవంబర్ 2026", "2026-11-05"),
        ("5 de noviembre de 2026", "2026-11-05"),
        ("5. November 2026", "2026-11-05"),
        ("le 5 août 2026", "2026-08-05"),
        ("5 aout 2026", "2026-08-05"),
        ("1º de março de 2026", "2026-03-01"),
        ("5 нояб. 2026 г.", "2026-11-05"),
        ("5 พ.ย. 2026", "2026-11-05"),
        ("2026年11月5日", "2026-11-05"),
        ("2026년 11월 5일", "2026-11-05"),
        # "mar." is a Tuesday or the month of March.
        ("mar. 10 nov. 2026", "2026-11-10"),
        ("10 mar. 2026", "2026-03-10"),
        ("46331", "2026-11-05"),
        ("46331.0", "2026-11-05"),
    ],
)
def test_days(text: str, day: str) -> None:
    assert dates.read(text, DAY_FIRST, KOLKATA) == date.fromisoformat(day)
    assert dates.read(f"  {text}\t", DAY_FIRST, KOLKATA) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-05T10:30:00Z", "2026-11-05T10:30"),
        ("20261105T103000Z", "2026-11-05T10:30"),
        ("2026-08-20T08:49:14+0000", "2026-08-20T08:49:14"),
        ("2026-11-05T16:00:00.250+05:30", "2026-11-05T10:30:00.250"),
        ("2026-11-05T16:00+05:30[Asia/Kolkata]", "2026-11-05T10:30"),
        ("2026-11-05 10:30:00 UTC", "2026-11-05T10:30"),
        ("2026-11-05 16:00", "2026-11-05T10:30"),
        ("2026-11-05 04:00 PM", "2026-11-05T10:30"),
        ("2026/11/05 16:00:00", "2026-11-05T10:30"),
        ("2026:11:05 16:00:00", "2026-11-05T10:30"),
        ("20261105160000", "2026-11-05T10:30"),
        ("202611051600", "2026-11-05T10:30"),
        ("05/11/2026 16:00", "2026-11-05T10:30"),
        ("05/11/26, 4:00 pm", "2026-11-05T10:30"),
        ("05/11/2026 4:00PM", "2026-11-05T10:30"),
        ("05/11/2026 04:00:00 p.m.", "2026-11-05T10:30"),
        ("5 Nov 2026 4pm", "2026-11-05T10:30"),
        ("Nov 5, 2026 at 4:00 PM", "2026-11-05T10:30"),
        ("16:00 05/11/2026", "2026-11-05T10:30"),
        ("4:00 PM, 5 Nov 2026", "2026-11-05T10:30"),
        ("5.11.2026 16.00", "2026-11-05T10:30"),
        ("05.11.26 16.00", "2026-11-05T10:30"),
        ("05-NOV-26 04.00.00.000000 PM", "2026-11-05T10:30"),
        ("5 nov. 2026, 4:00 p. m.", "2026-11-05T10:30"),
        ("5 novembre 2026 à 16h00", "2026-11-05T10:30"),
        ("5.11.2026 16:00 Uhr", "2026-11-05T10:30"),
        ("2026年11月5日 下午4:00", "2026-11-05T10:30"),
        ("2026년 11월 5일 오후 4:00", "2026-11-05T10:30"),
        ("05/11/2026 12:00 am", "2026-11-04T18:30"),
        ("05/11/2026 12:00 pm", "2026-11-05T06:30"),
        ("05/11/2026 24:00", "2026-11-05T18:30"),
        ("Thu, 05 Nov 2026 16:00:00 +0530", "2026-11-05T10:30"),
        ("Thu, 5 Nov 2026 05:30:00 EST", "2026-11-05T10:30"),
        ("Thu Nov 05 2026 16:00:00 GMT+0530 (India Standard Time)", "2026-11-05T10:30"),
        ("Thu Nov 5 16:00:00 IST 2026", "2026-11-05T10:30"),
        ("Thu Nov  5 16:00:00 2026", "2026-11-05T10:30"),
        ("05/11/2026 16:00 GMT+5:30", "2026-11-05T10:30"),
        ("05/11/2026 16:00 (GMT+05:30)", "2026-11-05T10:30"),
        ("05/11/2026 4:00 PM IST", "2026-11-05T10:30"),
        ("05/11/2026 16:00 PM", "2026-11-05T10:30"),
        ("Nov 5, 2026 16:00:00 pm", "2026-11-05T10:30"),
        ("06/11/2026 00:30 AM", "2026-11-05T19:00"),
        ("05\\11\\2026 16:00", "2026-11-05T10:30"),
        ("5 नवंबर 2026, शाम 4:00", "2026-11-05T10:30"),
        ("5-11-2026 సాయంత్రం 4:00", "2026-11-05T10:30"),
        ("2026-11-05T16:00:00[Asia/Kolkata]", "2026-11-05T10:30"),
        ("2026-11-05 10:30:00 Etc/UTC", "2026-11-05T10:30"),
        ("05/11/2026 16:00 India Standard Time", "2026-11-05T10:30"),
        ("05/11/2026 10:30 GMT", "2026-11-05T10:30"),
        ("05/11/2026 05:30 -0500", "2026-11-05T10:30"),
        ("46331.6666666667", "2026-11-05T10:30"),
        ("46331,6666666667", "2026-11-05T10:30"),
        ("1793874600", "2026-11-05T10:30"),
        ("1793874600000", "2026-11-05T10:30"),
        ("1793874600.25", "2026-11-05T10:30:00.250"),
    ],
)
def test_moments(text: str, moment: str) -> None:
    assert dates.read(text, DAY_FIRST, KOLKATA) == utc(moment)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "today", "tomorrow", "soon", "NaN", "1e5", "U9", "U11", "Block 5", "5", "2026",
        "November 2026", "5 November", "5/11", "11/2026", "3:19 AM", "15.30", "98480 12345",
        "+917013010001", "7013010001 4pm", "31/02/2026", "02/30/2026", "13/13/2026", "00/01/2026",
        "2026-13-05", "05/11/2026 13:00 AM", "05/11/2026 00:30 PM", "2026-11-05 23:00 am",
        "05/11/2026 25:00",
        "05/11/2026 10:60", "05/11/0000", "31/12/2200", "1899-12-31", "0001-01-01",
        "2026-W49-6", "2026W496", "9999-12-31T23:59:59-23:59", "05/11/2026 10:30 +2500",
        "05/11/2026 10:30 XYZ", "Fri 05 Nov 2026", "5 Nov Dec 2026", "5 listopad 2026",
        "05/11/2026 06/11/2026", "123456", "1234567", "5/11/26/2026", "05/11/2026 PM",
        "x" * 200, "1" * 30,
        # What Excel shows of a clock with fractions, which isn't the 30th of December 2003.
        "30:12.3", "05:11.25", "5:11:26.5",
    ],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    assert dates.read(text, DAY_FIRST, KOLKATA) is None


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        (46331, date(2026, 11, 5)),
        (46331.6666666667, utc("2026-11-05T10:30")),
        (20261105, date(2026, 11, 5)),
        (1793874600, utc("2026-11-05T10:30")),
        (date(2026, 11, 5), date(2026, 11, 5)),
        (datetime(2026, 11, 5, 16), utc("2026-11-05T10:30")),  # noqa: DTZ001  as Excel has it
        (True, None),
        (None, None),
        (clock(10), None),
        (timedelta(1), None),
        (date(1, 1, 1), None),
        (date(2962, 12, 5), None),
        (datetime(9999, 12, 31), None),  # noqa: DTZ001  as Excel has it
        (float("nan"), None),
        (float("inf"), None),
        (-46331, None),
    ],
)
def test_cells(cell: object, read: object) -> None:
    assert dates.read_cell(cell, DAY_FIRST, KOLKATA) == read


@pytest.mark.parametrize(
    ("zone", "name", "moment"),
    [
        ("Asia/Kolkata", "IST", "2026-07-05T10:30"),
        ("Asia/Jerusalem", "IST", "2026-07-05T14:00"),
        ("Europe/Dublin", "IST", "2026-07-05T15:00"),
        ("Asia/Dubai", "IST", "2026-07-05T10:30"),
        ("America/Chicago", "CST", "2026-07-05T22:00"),
        ("Asia/Shanghai", "CST", "2026-07-05T08:00"),
        ("Asia/Kolkata", "CST", "2026-07-05T22:00"),
        ("Asia/Kolkata", "GMT", "2026-07-05T16:00"),
        ("Australia/Sydney", "AEST", "2026-07-05T06:00"),
    ],
)
def test_a_name_of_several_zones_means_that_of_the_settings(
    zone: str, name: str, moment: str
) -> None:
    assert dates.read(f"05/07/2026 16:00 {name}", DAY_FIRST, ZoneInfo(zone)) == utc(moment)


def test_hours_in_which_clocks_change() -> None:
    assert dates.read("29/03/2026 02:30", DAY_FIRST, BERLIN) == utc("2026-03-29T01:30")
    assert dates.read("25/10/2026 02:30", DAY_FIRST, BERLIN) == utc("2026-10-25T00:30")


@pytest.mark.parametrize(
    ("order", "text", "day"),
    [
        (DAY_FIRST, "05/11/2026", "2026-11-05"),
        (MONTH_FIRST, "05/11/2026", "2026-05-11"),
        (YEAR_FIRST, "05/11/2026", "2026-11-05"),
        (DAY_FIRST, "06/11/05", "2005-11-06"),
        (MONTH_FIRST, "06/11/05", "2005-06-11"),
        (YEAR_FIRST, "06/11/05", "2006-11-05"),
        (YEAR_FIRST, "26-Nov-05", "2026-11-05"),
        (YEAR_FIRST, "Nov 26, 05", "2005-11-26"),
        (MONTH_FIRST, "25/12/2026", "2026-12-25"),
        (MONTH_FIRST, "2026-11-05", "2026-11-05"),
        (MONTH_FIRST, "2026/11/05", "2026-11-05"),
        (MONTH_FIRST, "05112026", "2026-05-11"),
        (MONTH_FIRST, "5 Nov 2026", "2026-11-05"),
    ],
)
def test_the_order_decides_only_what_is_open(order: dates.Order, text: str, day: str) -> None:
    assert dates.read(text, order, KOLKATA) == date.fromisoformat(day)


# Each style as a format of `strftime`, with the order that it is written in.
STYLES = {
    "%d/%m/%Y": DAY_FIRST,
    "%m/%d/%Y": MONTH_FIRST,
    "%d-%m-%y": DAY_FIRST,
    "%m/%d/%y": MONTH_FIRST,
    "%y/%m/%d": YEAR_FIRST,
    "%d.%m.%Y": DAY_FIRST,
    "%Y/%m/%d": DAY_FIRST,
    "%Y%m%d": MONTH_FIRST,
    "%d%m%Y": DAY_FIRST,
    "%d %b %Y": MONTH_FIRST,
    "%d-%b-%y": MONTH_FIRST,
    "%B %d, %Y": DAY_FIRST,
    "%a, %d %b %Y": MONTH_FIRST,
    "%A %m/%d/%Y": MONTH_FIRST,
}
CLOCKS = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M%p", "%I:%M:%S %p", "%H.%M")
DAYS = st.dates(date(1950, 1, 1), date(2049, 12, 31))


@given(DAYS, st.sampled_from(sorted(STYLES)))
def test_every_style_gives_its_day(day: date, style: str) -> None:
    assert dates.read(day.strftime(style), STYLES[style], KOLKATA) == day


@given(
    st.datetimes(datetime(1970, 1, 1), datetime(2049, 12, 30), timezones=st.just(KOLKATA)),  # noqa: DTZ001  bounds
    st.sampled_from(sorted(STYLES)),
    st.sampled_from(CLOCKS),
)
def test_every_style_gives_its_moment(at: datetime, style: str, of_day: str) -> None:
    at = at.replace(microsecond=0, second=at.second if "%S" in of_day else 0)
    for written in (f"{style} {of_day}", f"{style}, {of_day}", f"{of_day} {style}"):
        if of_day == "%H.%M" and "." in style:
            written = f"{style} {of_day}"
        assert dates.read(at.strftime(written), STYLES[style], KOLKATA) == at.astimezone(UTC)


@given(st.datetimes(datetime(1930, 1, 1), datetime(2150, 1, 1)))  # noqa: DTZ001  bounds
def test_serials_and_unix_times_give_their_moment(at: datetime) -> None:
    at = at.replace(microsecond=0, tzinfo=KOLKATA)
    days = (at.replace(tzinfo=None) - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001
    read = dates.read_cell(days, DAY_FIRST, KOLKATA)
    assert read == (at.date() if days.is_integer() else at.astimezone(UTC))
    if 2001 < at.year < 2100:
        seconds = int(at.timestamp())
        for text in (str(seconds), f"{seconds}000", f"{seconds}.0"):
            assert dates.read(text, DAY_FIRST, KOLKATA) == at.astimezone(UTC)


@given(st.text(max_size=40) | st.text("0123456789/-:. apmTZ+", max_size=25))
def test_any_text_is_a_day_a_moment_or_nothing(text: str) -> None:
    for order in dates.Order:
        read = dates.read(text, order, KOLKATA)
        if isinstance(read, datetime):
            assert read.tzinfo is UTC
