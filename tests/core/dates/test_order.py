"""The order of day and month is decided for a column, by its values."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core import dates
from backend.core.dates import DAY_FIRST, MONTH_FIRST, YEAR_FIRST, Basis, Decision, Order

UTC_ZONE = ZoneInfo("UTC")


@pytest.mark.parametrize(
    ("texts", "order", "basis"),
    [
        ([], DAY_FIRST, Basis.CLEAR),
        (["2026-11-05", "2026-11-20"], DAY_FIRST, Basis.CLEAR),
        (["5 Nov 2026", "", "soon", "46331"], DAY_FIRST, Basis.CLEAR),
        (["25/12/2026"], DAY_FIRST, Basis.CLEAR),
        (["12/25/2026"], MONTH_FIRST, Basis.CLEAR),
        (["05/12/2026", "25/12/2026"], DAY_FIRST, Basis.VALUES),
        (["10/08/2026 3:19am", "10/17/2026 5:22am"], MONTH_FIRST, Basis.VALUES),
        (["05/12/2026", "12/25/26"], MONTH_FIRST, Basis.VALUES),
        (["05/12/26", "12/25/2026"], MONTH_FIRST, Basis.VALUES),
        (["05/12/2026", "7/8/26"], DAY_FIRST, Basis.CONVENTION),
        (["05/12/2026", "06/12/2026"], DAY_FIRST, Basis.CONVENTION),
        (["07/07/2026"], DAY_FIRST, Basis.CLEAR),
        # Only the 10th of May is a Sunday.
        (["05/12/2026", "Sun 05/10/2026"], MONTH_FIRST, Basis.VALUES),
        # The 31st of February isn't evidence for anything.
        (["05/12/2026", "31/02/2026"], DAY_FIRST, Basis.CONVENTION),
        (["99/12/31"], YEAR_FIRST, Basis.CLEAR),
        (["05/12/26", "25/12/26", "13/12/26"], DAY_FIRST, Basis.VALUES),
        # The years 2020, 2028 and 2030, or days of November 2026?
        (["26-11-20", "26-11-28", "26-11-30"], DAY_FIRST, Basis.CONVENTION),
        (["25/12/2026", "12/25/2026"], DAY_FIRST, Basis.MIXED),
        (["25/12/2026", "12/25/2026", "12/26/2026"], MONTH_FIRST, Basis.MIXED),
    ],
)  # fmt: skip
def test_decisions(texts: Sequence[str], order: Order, basis: Basis) -> None:
    decided = dates.decide(texts)
    assert (decided.order, decided.basis) == (order, basis)


def test_a_decision_names_its_texts() -> None:
    assert dates.decide(["07/07/2026", "05/12/2026", "06/12/2026"]).example == "05/12/2026"
    assert dates.decide(["05/12/2026", "25/12/2026", "12/31/2026"]) == Decision(
        DAY_FIRST, Basis.MIXED, "05/12/2026", ("25/12/2026", "12/31/2026")
    )


def test_a_choice_counts_more_than_the_values() -> None:
    decided = dates.decide(["05/12/2026", "25/12/2026"], chosen=MONTH_FIRST)
    assert decided == Decision(MONTH_FIRST, Basis.CHOICE, "05/12/2026")


def test_another_convention() -> None:
    assert dates.decide(["05/12/2026"], MONTH_FIRST).order is MONTH_FIRST
    assert dates.decide(["25/12/2026", "12/25/2026"], MONTH_FIRST).order is MONTH_FIRST


@given(
    st.lists(st.dates(date(2000, 1, 1), date(2049, 12, 31)), min_size=1),
    st.sampled_from([(DAY_FIRST, "%d/%m/%Y"), (MONTH_FIRST, "%m/%d/%Y %I:%M%p")]),
)
def test_a_column_is_read_as_it_was_written_or_told(
    days: list[date], written: tuple[Order, str]
) -> None:
    order, style = written
    texts = [day.strftime(style) for day in days]
    decided = dates.decide(texts)
    if any(day.day > 12 for day in days):
        assert decided.order is order
        assert decided.basis in (Basis.CLEAR, Basis.VALUES)
    elif any(day.day != day.month for day in days):
        assert (decided.order, decided.basis) == (DAY_FIRST, Basis.CONVENTION)
    if decided.order is order:
        for text, day in zip(texts, days, strict=True):
            read = dates.read(text, decided.order, UTC_ZONE)
            assert (read.date() if isinstance(read, datetime) else read) == day


def test_days_and_months_that_a_spreadsheet_program_has_swapped() -> None:
    column = dates.Column(UTC_ZONE)
    cells = (
        "25/10/2026",
        date(2026, 5, 10),
        datetime(2026, 6, 10, 9),  # noqa: DTZ001  as Excel has it
        "13/10/2026",
        date(2026, 7, 7),
    )
    for cell in cells:
        column.read(cell)
    assert column.evidence.decide() == Decision(
        DAY_FIRST, Basis.MIXED, None, ("2026-05-10", "25/10/2026")
    )
    assert [column.is_open(cell) for cell in cells] == [False, True, True, False, False]
    # One date after the 12th, or one text before the 13th, and nothing was swapped.
    for other in (date(2026, 5, 13), "05/10/2026"):
        column = dates.Column(UTC_ZONE)
        for cell in (*cells, other):
            column.read(cell)
        assert column.evidence.decide().basis is not Basis.MIXED


def test_what_is_open() -> None:
    column = dates.Column(UTC_ZONE)
    open_texts = [text for text in ("05/12/2026", "25/12/2026", "07/07/2026", "2026-12-05", "x")
                  if column.is_open(text)]  # fmt: skip
    assert open_texts == ["05/12/2026"]
    assert not column.is_open(46331)


def test_likely_times() -> None:
    now = datetime(2026, 11, 28, 10, tzinfo=UTC)
    assert dates.is_likely(now + timedelta(days=1), now)
    assert not dates.is_likely(now + timedelta(days=1, seconds=1), now)
    assert dates.is_likely(datetime(2000, 1, 1, tzinfo=UTC), now)
    assert not dates.is_likely(datetime(1999, 12, 31, 23, 59, tzinfo=UTC), now)
