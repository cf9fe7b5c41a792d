"""Strategies for messy cells, each with the truth next to it.

A known value is written in one of the ways in which people and programs write it, or spoil it. A
truth of None means that nobody can tell the value any more.
"""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple
from unicodedata import normalize
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from benchmarks.messy import LOST, READABLE

ZONE = ZoneInfo("Asia/Kolkata")
EXCEL = date(1899, 12, 30)
NAMES = ("Naira", "Ved", "Zoë", "José", "O’Brien", "D'Souza", "Li", "मीरा", "शर्मा", "మీనా")
CENTERS = ("Tellapur", "Gachibowli", "Kompally", "Miyapur")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
UNSEEN = st.text("\u200b\u200e\u202a\u202c\ufeff", max_size=2)
SPACES = st.text(" \u00a0\t\n", min_size=1, max_size=3)


class Cell(NamedTuple):
    """A cell and what it means; `other` is a value that may come with it."""

    text: str
    truth: str | None
    other: str | None = None


@st.composite
def phones(draw: st.DrawFn) -> Cell:
    """A mobile number of India."""
    mobile = st.from_regex(r"(98480|97480|96480|70130)[0-9]{4}[1-9]", fullmatch=True)
    number, other = draw(mobile), draw(mobile)
    way = draw(st.sampled_from(READABLE + LOST))
    before = draw(st.sampled_from(["", " ", "\u200b", "Mother ", "WhatsApp: ", "call "]))
    text = way(number, other)
    if before.strip() and (way in LOST or not text[0].isdigit()):
        before = ""
    return Cell(before + text, f"+91{number}" if way in READABLE else None, f"+91{other}")


@st.composite
def names(draw: st.DrawFn) -> Cell:
    """A name of one to three words, with spaces and characters that nobody sees."""
    words = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3))
    text = draw(UNSEEN)
    for at, word in enumerate(words):
        form: Literal["NFC", "NFD"] = draw(st.sampled_from(["NFC", "NFD"]))
        text += (draw(SPACES) if at else "") + normalize(form, word) + draw(UNSEEN)
    return Cell(text, normalize("NFC", " ".join(words)))


@st.composite
def ages(draw: st.DrawFn) -> Cell:
    """A range of ages, as it is typed or as Excel spoils it."""
    low = draw(st.integers(3, 11))
    high = draw(st.integers(low + 1, 12))
    typed = (f"{low}-{high}", f"{low} to {high}", f"U-{high}", f"Under {high}", f"{high}")
    day = date(2025, high, low)
    spoiled = (
        f"{low:02}-{MONTHS[high - 1]}", f"{high}-{MONTHS[low - 1]}", f"{MONTHS[low - 1]}-{high:02}",
        f"{day}", f"{day} 00:00:00", f"{low:02}/{high:02}/2025", f"{(day - EXCEL).days}",
    )  # fmt: skip
    text = draw(st.sampled_from(typed + spoiled))
    return Cell(text, text if text in typed else None)


@st.composite
def centers(draw: st.DrawFn) -> Cell:
    """A center in a form that means it, or with a letter missing."""
    name = draw(st.sampled_from(CENTERS))
    dash = draw(st.sampled_from([" ", "  ", "-", "_", " – ", "\u00a0", "\n"]))
    text = draw(UNSEEN) + f"TOFA{dash}{name}" + draw(UNSEEN)
    cased = draw(st.sampled_from([text.upper(), text.lower(), text.title(), text.strip()]))
    text = draw(st.sampled_from(["{}", " {} ", "({})", "{}.", "'{}"])).format(cased)
    if draw(st.integers(0, 9)):
        return Cell(text, name)
    at = draw(st.integers(0, len(name) - 1))
    return Cell(f"TOFA {name[:at]}{name[at + 1 :]}", None)


@st.composite
def emails(draw: st.DrawFn) -> Cell:
    """An address, as it is typed beside others or comes with something around it."""
    name = st.from_regex("[a-z][a-z0-9.+_-]{0,10}[a-z0-9]", fullmatch=True)
    address, other = f"{draw(name)}@x.example", f"{draw(name)}@y.example"
    text = draw(st.sampled_from([
        "{0}", " {0} ", "{0}, {1}", "{0} / {1}", "{0};{1}", "{0}/{1}", "{0}\n{1}", "{0} & {1}",
        "Asha Rao <{0}>", "Asha <{0}>, Ved <{1}>", "mailto:{0}", "mailto:{0}?subject=Trial",
        "Email: {0}", "{0} (mother)", "Mother: {0} Father: {1}", "x@, {0}", "<{0}>;",
    ]))  # fmt: skip
    return Cell(text.format(address, other), address, other if "{1}" in text else None)


# Ticks, by what they say.
YES = ("Yes", "yes", "Y", "TRUE", "1", "✓", "✔️", " Yes ", "हाँ")
NO = ("No", "n", "FALSE", "0", "❌", "-", "", "नहीं")


@st.composite
def ticks(draw: st.DrawFn) -> list[Cell]:
    """A called, a trial and a joined column, of which the furthest that is ticked counts."""
    said = [draw(st.booleans()) for _ in range(3)]
    texts = [draw(st.sampled_from(YES if one else NO)) for one in said]
    names = ("Called", "Trial Scheduled", "Joined")
    status = next((name for name, one in list(zip(names, said, strict=True))[::-1] if one), "New")
    return [Cell(text, status) for text in texts]


# Ways to write a moment, and whether they have its clock: neutral ones, and those with an order.
Way = tuple[Callable[[datetime], str], bool]
NEUTRAL: tuple[Way, ...] = (
    (lambda at: f"{at:%Y-%m-%d %H:%M}", True),
    (lambda at: f"{at:%Y/%m/%d %I:%M %p}", True),
    (lambda at: f"{at.replace(tzinfo=ZONE).isoformat()}", True),
    (lambda at: f"{at.replace(tzinfo=ZONE).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", True),
    (lambda at: f"{at.day} {MONTHS[at.month - 1]} {at.year}, {at:%I:%M%p}".lower(), True),
    (lambda at: f"{MONTHS[at.month - 1]} {at.day}, {at.year}", False),
    (lambda at: f"{at.day:02}-{MONTHS[at.month - 1]}-{at.year}", False),
    (lambda at: f"{at:%Y%m%d}", False),
    (lambda at: f"{(at.date() - EXCEL).days}", False),
    (lambda at: f"{int(at.replace(tzinfo=ZONE).timestamp())}", True),
    (lambda at: f"{int(at.replace(tzinfo=ZONE).timestamp())}000", True),
)
DAY_FIRST: tuple[Way, ...] = (
    (lambda at: f"{at:%d/%m/%Y}", False),
    (lambda at: f"{at:%d/%m/%Y %H:%M}", True),
    (lambda at: f"{at.day}/{at.month}/{at:%y}", False),
    (lambda at: f"{at:%d-%m-%Y %I:%M %p}", True),
    (lambda at: f"{at:%d.%m.%Y %H.%M}", True),
)
MONTH_FIRST: tuple[Way, ...] = (
    (lambda at: f"{at:%m/%d/%Y}", False),
    (lambda at: f"{at:%m/%d/%Y %H:%M}", True),
    (lambda at: f"{at.month}/{at.day}/{at:%y}", False),
    (lambda at: f"{at.month}/{at.day}/{at.year} {at:%I:%M%p}".lower(), True),
)
# What is left of a clock or a date that a spreadsheet has shown badly.
SPOILED = ("########", "30:12.3", "1.76234E+12", "0000-00-00", "00:00.0", "#VALUE!")
MOMENTS = st.datetimes(datetime(2001, 1, 2), datetime(2025, 10, 30))  # noqa: DTZ001  wall clocks


@st.composite
def columns_of_dates(draw: st.DrawFn) -> list[Cell]:
    """A column of dates by one person, who writes the day first or the month first."""
    ordered = draw(st.sampled_from([DAY_FIRST, MONTH_FIRST]))
    column = []
    for moment in draw(st.lists(MOMENTS, min_size=1, max_size=12)):
        at = moment.replace(second=0, microsecond=0)
        write, has_clock = draw(st.sampled_from(draw(st.sampled_from([ordered, NEUTRAL]))))
        shown = at if has_clock else at - timedelta(hours=at.hour, minutes=at.minute)
        column.append(Cell(write(at), f"{shown:%Y-%m-%d %H:%M}"))
    column += [Cell(text, None) for text in draw(st.lists(st.sampled_from(SPOILED), max_size=2))]
    chance = random.Random(len(column))
    chance.shuffle(column)
    return column
