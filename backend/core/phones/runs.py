"""Find the numbers in runs of digits."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from backend.core.phones import countries, numbering

# What people put between the digits of one number.
_TIGHT = r" \-.()\[\]{}_~'"
_RUN = re.compile(rf"(?:(\+)[{_TIGHT}]*)?(\d(?:[{_TIGHT}]*\d)*)")
_EXTENSION = re.compile(
    rf"""
    [ ,;.(/-]{{0,3}}(?:
        (?:e?xtn?|extension|extensi[oó]n|anexo|ramal|interno|int|poste|доб|;ext=)
        (?:[ .]{{0,2}}no\b)?[ .:=\#-]{{0,4}}
      | x\ ?|\#\ ?|(?<=\ )\#|,,\ ?
    )
    (\d{{1,7}})(?!\d)(?![{_TIGHT}]*\d)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_WORD = re.compile(r" ?[^\W\d_]")
# The fewest letters of a country's name.
_SHORTEST_NAME = 2
# Where what is said of a number ends, and what is said of the next one begins.
_DIVIDERS = re.compile(r"[,;/\n&|)]")
# The most groups of digits of a run that can be several numbers, the fewest digits of each then.
_MOST_GROUPS, _FEWEST = 16, 7
# The longest part of a number that stands for a second one: `7013010011/12`.
_LONGEST_END = 5
# A label's digits and a number in one piece.
_GROUPS_OF_ONE = 2
# The most digits, and groups, that may belong to a word beside a number.
_LABEL, _MOST_LABELS = 6, 3
# The digits of a PIN code, which some type beside their number.
_PIN = 6


class Gap(IntEnum):
    """What is before a run of digits, from the weakest to what no number goes across."""

    NOTHING = 0
    DIVIDER = 1
    END = 2
    WORDS = 3


@dataclass(slots=True)
class Run:
    """Digits that may be one number or more, and what they were found to be."""

    groups: Sequence[str]
    has_plus: bool
    gap: Gap
    slash: bool = False
    plus_divides: bool = False
    is_behind_letter: bool = False
    is_before_words: bool = False
    extension: str | None = None
    country: str | None = None
    numbers: tuple[str, ...] = ()

    @property
    def has_words(self) -> bool:
        """Whether there is a word directly before or behind the run."""
        return self.gap is Gap.WORDS or self.is_before_words

    @property
    def digits(self) -> str:
        """All digits of the run."""
        return "".join(self.groups)


def find(text: str, most: int) -> list[Run]:
    """Return the runs of digits in a text without noise, at most so many."""
    runs: list[Run] = []
    end = 0
    while len(runs) < most and (match := _RUN.search(text, end)):
        between = text[end : match.start()]
        groups = re.findall(r"\d+", match[2])
        run = Run(groups, bool(match[1]), _gap(between), slash=between.strip() == "/")
        run.plus_divides = run.has_plus and bool(runs) and not between.strip()
        run.is_behind_letter = text[max(match.start() - 1, 0) : match.start()].isalpha()
        end = match.end()
        if extension := _EXTENSION.match(text, end):
            run.extension, end = extension[1], extension.end()
        run.is_before_words = _WORD.match(text, end) is not None
        _name_countries(between, runs[-1] if runs else None, run)
        runs.append(run)
    if runs:
        runs[-1].country = runs[-1].country or countries.find(text[end:])
    return runs


def _name_countries(between: str, last: Run | None, run: Run) -> None:
    """Note the countries that are named in what is between two runs, or before the first one."""
    if len(between) < _SHORTEST_NAME:
        return
    if last is not None and (divider := _DIVIDERS.search(between)):
        last.country = last.country or countries.find(between[: divider.start()])
        between = between[divider.start() :]
    run.country = countries.find(between)


def _gap(between: str) -> Gap:
    if not between.strip(" -.()[]{}_~'\""):
        return Gap.NOTHING
    if not between.strip(" -.()[]{}_~'\",/:\\\n"):
        return Gap.DIVIDER
    return Gap.WORDS if re.search(r"[^\W\d_]|\0", between) else Gap.END


def whole(digits: str, has_plus: bool, region: str) -> str | None:
    """Return the one number that all of the digits are, or None. A lost plus isn't made up."""
    if not has_plus:
        return numbering.national(digits, region)
    if digits.startswith("0") and not digits.startswith("00"):
        return numbering.national(digits, region)
    return numbering.international(digits)


def read(run: Run, region: str) -> tuple[str, ...]:
    """Return the numbers of a run, none if it can't be read, or if it can be read in two ways."""
    groups = run.groups
    if run.country and not run.has_plus and (number := numbering.of_named(run.digits, run.country)):
        return (number,)
    if number := whole(run.digits, run.has_plus, region):
        return (number,)
    if run.plus_divides and (number := whole(run.digits, False, region)):
        # `7013010001 + 7013010002`
        return (number,)
    guess = None if run.has_plus else numbering.without_plus(run.digits, region)
    if len(groups) == 1:
        return (guess,) if guess else ()
    beside = _beside_words(run, region)
    if guess and not (beside and min(len(groups[0]), len(groups[-1])) == 1):
        return (guess,)
    if guess:
        # "Mother 1 70130 10001" counts her numbers, and so does "M1-7013010001". "1 7013010001" can
        # be American as well.
        is_count = run.is_behind_letter or len(groups) > _GROUPS_OF_ONE
        return beside if run.gap is Gap.WORDS and is_count else ()
    found = split(groups, run.has_plus, region) or (beside if run.has_words else ())
    return found or _beside_pin(run, region)


def _beside_words(run: Run, region: str) -> tuple[str, ...]:
    """Return the number beside digits that may belong to a word: `Flat 302 7013010001`.

    Those digits are few, and on the side of the run where a word can be.
    """
    groups, found = run.groups, set[str]()
    if run.has_plus:
        return ()
    for at in range(1, min(len(groups), _MOST_LABELS + 1)):
        before, behind = groups[:at], groups[at:]
        # A group that long is the start of a whole number, not of one's middle.
        if len("".join(before)) <= _LABEL and len(behind[0]) >= _LONGEST_END:
            found.add(whole("".join(behind), False, region) or "")
        before, behind = groups[:-at], groups[-at:]
        is_label = run.is_before_words and len("".join(behind)) <= _LABEL
        if is_label and len(before[0]) >= _LONGEST_END:
            found.add(whole("".join(before), False, region) or "")
    found.discard("")
    return (found.pop(),) if len(found) == 1 else ()


def _beside_pin(run: Run, region: str) -> tuple[str, ...]:
    """Return the number beside a PIN code: together they have more digits than any number."""
    if run.has_plus or len(run.digits) <= numbering.LONGEST:
        return ()
    groups = run.groups
    rests = [groups[1:]] if len(groups[0]) == _PIN else []
    rests += [groups[:-1]] if len(groups[-1]) == _PIN else []
    found = {number for rest in rests if (number := whole("".join(rest), False, region))}
    return (found.pop(),) if len(found) == 1 else ()


def split(groups: Sequence[str], has_plus: bool, region: str) -> tuple[str, ...]:
    """Return the numbers that the groups are together, with none left over.

    Nothing if they are none, or if as few numbers can be found in two ways.
    """
    if len(groups) > _MOST_GROUPS:
        return ()
    # For each number of groups from the start: all ways to read them in as few numbers as possible.
    best: list[list[tuple[str, ...]]] = [[()]]
    for end in range(1, len(groups) + 1):
        ways: list[tuple[str, ...]] = []
        for start in range(end - 1, -1, -1):
            digits = "".join(groups[start:end])
            if len(digits) > numbering.LONGEST + 4:
                break
            if not best[start] or len(digits) < _FEWEST:
                continue
            if number := whole(digits, has_plus and start == 0, region):
                ways += [(*way, number) for way in best[start]]
        fewest = min(map(len, ways), default=0)
        best.append([way for way in ways if len(way) == fewest][:2])
    return best[-1][0] if len(best[-1]) == 1 else ()


def next_in_series(number: str, end: str) -> str | None:
    """Return the second number of `7013010011/12`: the first one's neighbour, or None.

    Only the very next number: other digits there can be an age, a flat or an extension.
    """
    if len(end) > _LONGEST_END:
        return None
    other = number[: -len(end)] + end
    return numbering.international(other[1:]) if int(other) == int(number) + 1 else None


def of_same_area(number: str, digits: str) -> str | None:
    """Return the second number of `040-23456789, 23456790`, which has the first one's area code."""
    area = numbering.area_of(number)
    if area is None or len(number) - len(area) != len(digits):
        return None
    return numbering.international(area[1:] + digits)
