"""Takes the text of a date apart: its clock, its zone, its words, and the numbers that are left.

What the numbers mean is decided by `calendar`, with the order of the column. A word that isn't
known makes the text no date: `U9` or `Block 5` must never become one.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import time
from functools import lru_cache

from backend.core.dates.calendar import YEARS
from backend.core.dates.parts import Parts
from backend.core.dates.words import FILLERS, HALVES, MONTHS, OFFSETS, WEEKDAYS

LONGEST = 80
CACHED = 4096

_HALF = r"(?:\s*([ap])(?:\.?\s?m)?\b\.?)?"
_COLONS = re.compile(
    r"(?<![\d:+])(\d{1,2})[:h](\d{2})(?::(\d{2})(?:[.,:](\d{1,9}))?)?(?![\d:])" + _HALF
)
_HOUR = re.compile(r"(?<![\d.:/-])(\d{1,2})()()()\s*([ap])\.?\s?m\b\.?")
# Dots separate the parts of a date, too: a clock with dots stands alone, beside a whole date.
_DOTS = re.compile(
    r"(?<!\S)(\d{1,2})\.(\d{2})(?:\.(\d{2})(?:\.(\d{1,9}))?)?(?![\d.])" + _HALF + r"(?=[\s,]|$)"
)
_SIGNED = r"([+-])(\d{1,2})(?::?(\d{2}))?(?![\d/.:-])"
_OFFSET = re.compile(r"\s*(?:gmt|utc|z)?\s?" + _SIGNED)
_NAMED_OFFSET = re.compile(r"\b(?:gmt|utc)\s?" + _SIGNED)
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_INDIA = re.compile(r"\bindian? standard time\b|\basia/(?:kolkata|calcutta)\b")
# Only `2026:11:05` has colons between the numbers of a date. Excel shows `30:12.3` of a clock.
# `1+1+1` is a sum.
_NO_DATE = re.compile(r"(?<!\d)\d{1,3}:\d|\W*\d{1,2}\+\d")
_TOKEN = re.compile(r"\d+|[^\s\d/\\,:;()\[\]+_|-]+")
_IN_WORDS = str.maketrans("", "", ".'\u2019\u093c")


# Two numbers that are a day and a month: `5-7` may be hours, and `5.12` a number.
_DAY_AND_MONTH = re.compile(r"(?<![\d/-])(?:\d{1,2} ?/ ?\d{1,2}|\d{2}-\d{2})(?![\d/-])")
# Excel shows a month and its year so: `Dec-26`.
_MONTH_AND_YEAR = re.compile(r"\W*[^\W\d]+[-'\u2019] ?\d{2}\W*")


@lru_cache(CACHED)
def parts_of(text: str, *, is_yearless: bool = False) -> Parts | None:
    """Take a text apart; None if it is no date. It has no spaces around it.

    With `is_yearless`, it is a date that only lacks its year: `5 Dec`, `05/12 4 pm`.
    """
    if len(text) > LONGEST:
        return None
    text = _simple(text)
    if "standard" in text or "asia/" in text:
        text = _INDIA.sub("ist", text)
    text = text.replace("etc/utc", "utc")
    for pattern in (_COLONS, _HOUR, _DOTS):
        # The last one: a date with dots comes before its clock.
        for clock in reversed(list(pattern.finditer(text))):
            if parts := _around(text, clock, is_yearless):
                return parts
    return _around(text, None, is_yearless)


def _simple(text: str) -> str:
    """Return a text in lower case, with ASCII digits and dashes, and no invisible characters."""
    if text.isascii():
        return text.lower()
    return "".join(map(_simple_character, unicodedata.normalize("NFKC", text))).casefold()


def _simple_character(character: str) -> str:
    kind = unicodedata.category(character)
    if kind == "Nd":
        return str(unicodedata.decimal(character))
    return {"Cf": "", "Pd": "-", "Zs": " "}.get(kind, "-" if character == "\u2212" else character)


def _around(text: str, clock: re.Match[str] | None, is_yearless: bool) -> Parts | None:
    """Return what a text says whose clock was found; None if the rest is no whole date."""
    offset = None
    if clock is not None:
        after = text[clock.end() :]
        if found := _OFFSET.match(after):
            offset, after = _minutes(found), after[found.end() :]
        text = f"{text[: clock.start()]} {after}"
    if offset is None and (found := _NAMED_OFFSET.search(text)):
        offset, text = _minutes(found), f"{text[: found.start()]} {text[found.end() :]}"
    if offset is not None:
        # Programs put the name of the zone behind it.
        text = _BRACKETS.sub(" ", text)
    said = _said(text.strip(), is_yearless)
    if said is None:
        return None
    is_next_day, time_of_day = False, None
    if clock is not None:
        is_second_half = clock[5] == "p" if clock[5] else said.is_second_half
        is_next_day = clock[1] == "24" and is_second_half is None
        time_of_day = _time(clock, is_second_half)
        if time_of_day is None:
            return None
    elif said.is_second_half is not None or said.zone or offset is not None:
        return None
    return Parts(
        tuple(said.numbers), said.month, said.before, said.weekdays, time_of_day, is_next_day,
        said.zone, offset,
    )  # fmt: skip


@lru_cache(CACHED)
def _said(text: str, is_yearless: bool) -> "_Said | None":
    """Return what a date without its clock says: a column has the same days again and again."""
    said = _Said()
    if _NO_DATE.match(text):
        return None
    if not all(said.take(token) for token in _TOKEN.findall(text)):
        return None
    if not is_yearless:
        return said if said.is_whole() else None
    return said if said.lacks_year(text) else None


def _minutes(found: re.Match[str]) -> int:
    """Return an offset in minutes east of Greenwich."""
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    return -minutes if found[1] == "-" else minutes


def _time(clock: re.Match[str], is_second_half: bool | None) -> time | None:
    """Return the time of a clock; None if there is no such time. 24:00 is midnight."""
    hour, minute, second = (int(clock[at] or 0) for at in (1, 2, 3))
    if is_second_half is not None:
        if hour > 12 or hour == 0:
            # Programs put the half of the day behind a clock of 24 hours: `16:00 PM`, `00:30 AM`.
            if (hour > 12) is not is_second_half:
                return None
        else:
            hour = hour % 12 + 12 * is_second_half
    elif hour == 24 and minute == second == 0:
        hour = 0
    try:
        return time(hour, minute, second, int((clock[4] or "0")[:6].ljust(6, "0")))
    except ValueError:
        return None


def _split(numbers: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the three numbers of `20261205` or `05122026`, and any others as they are."""
    if [digits for _, digits in numbers] != [8]:
        return numbers
    number = numbers[0][0]
    if number // 10_000 in YEARS:
        return [(number // 10_000, 4), (number // 100 % 100, 2), (number % 100, 2)]
    return [(number // 1_000_000, 2), (number // 10_000 % 100, 2), (number % 10_000, 4)]


@dataclass(slots=True)
class _Said:
    """What the words and numbers of a text say, one after the other."""

    numbers: list[tuple[int, int]] = field(default_factory=list)
    month: int | None = None
    before: int = 0
    weekdays: frozenset[int] = frozenset()
    is_second_half: bool | None = None
    zone: str | None = None
    # A name that is a month in one language and a weekday in another: "mar" is March or Tuesday.
    doubtful: str | None = None

    def take(self, token: str) -> bool:
        """Take in the next token; return whether it can be part of a date."""
        if token.isdigit():
            self.numbers.append((int(token), len(token)))
            return True
        word = token.translate(_IN_WORDS)
        if not word.isascii():
            word = unicodedata.normalize("NFC", word)
        return not word or word in FILLERS or self._take_word(word)

    def is_whole(self) -> bool:
        """Return whether there is a day, a month and a year, and nothing more."""
        self._settle()
        self.numbers = _split(self.numbers)
        sizes = [digits for _, digits in self.numbers]
        if len(sizes) != (3 if self.month is None else 2):
            return False
        ends = {sizes[0], sizes[-1]}
        return all(size <= 2 for size in sizes[1:-1]) and (
            ends <= {1, 2, 4} and (ends <= {1, 2} or sizes.count(4) == 1)
        )

    def lacks_year(self, text: str) -> bool:
        """Return whether there is a day and a month, and nothing more."""
        self._settle()
        if any(digits > 2 for _, digits in self.numbers):
            return False
        if self.month is None:
            return len(self.numbers) == 2 and _DAY_AND_MONTH.search(text) is not None
        return len(self.numbers) == 1 and not _MONTH_AND_YEAR.fullmatch(text)

    def _settle(self) -> None:
        """Decide what a doubtful name is, once all are known."""
        if self.doubtful is not None:
            if self.month is None:
                self._set_month(self.doubtful)
            else:
                self.weekdays = WEEKDAYS[self.doubtful]

    def _take_word(self, word: str) -> bool:
        if word in MONTHS and word in WEEKDAYS and self.doubtful is None:
            self.doubtful = word
            self.before = len(self.numbers)
        elif word in MONTHS:
            return self._set_month(word)
        elif word in WEEKDAYS and not self.weekdays:
            self.weekdays = WEEKDAYS[word]
        elif word in HALVES and self.is_second_half is None:
            self.is_second_half = HALVES[word]
        elif word in OFFSETS and self.zone is None:
            self.zone = word
        else:
            return False
        return True

    def _set_month(self, word: str) -> bool:
        if self.month is not None:
            return False
        self.month = MONTHS[word]
        if word != self.doubtful:
            self.before = len(self.numbers)
        return True
