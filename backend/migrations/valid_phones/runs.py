"""Find the numbers in runs of digits."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from backend.migrations.valid_phones import numbering

# What people put between the digits of one number.
_TIGHT = r" \-.()\[\]{}_~'"
_RUN = re.compile(rf"(?:(\+)[{_TIGHT}]*)?(\d(?:[{_TIGHT}]*\d)*)")
_EXTENSION = re.compile(
    rf"""
    [ ,;.(/-]{{0,3}}(?:
        (?:e?xtn?|extension|extensi[oó]n|anexo|ramal|interno|int|poste|доб|;ext=)[ .:=\#-]{{0,4}}
      | x\ ?|\#\ ?|(?<=\ )\#|,,\ ?
    )
    (\d{{1,7}})(?!\d)(?![{_TIGHT}]*\d)
    """,
    re.VERBOSE | re.IGNORECASE,
)
# The most groups of digits of a run that can be several numbers, the fewest digits of each then.
_MOST_GROUPS, _FEWEST = 16, 7
# The longest part of a number that stands for a second one: `7013010011/12`.
_LONGEST_END = 5
# A label's digits and a number in one piece.
_GROUPS_OF_ONE = 2


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
    extension: str | None = None
    numbers: tuple[str, ...] = ()

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
        end = match.end()
        if extension := _EXTENSION.match(text, end):
            run.extension, end = extension[1], extension.end()
        runs.append(run)
    return runs


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
    if number := whole(run.digits, run.has_plus, region):
        return (number,)
    guess = None if run.has_plus else numbering.without_plus(run.digits, region)
    if len(groups) == 1:
        return (guess,) if guess else ()
    rest = _behind_first(run, region)
    is_label = run.gap is Gap.WORDS
    if guess and not (rest and len(groups[0]) == 1):
        return (guess,)
    if guess:
        # "Mother 1 70130 10001" counts her numbers. "1 7013010001" can be American as well.
        return (rest,) if rest and is_label and len(groups) > _GROUPS_OF_ONE else ()
    if several := split(groups, run.has_plus, region):
        return several
    return (rest,) if rest and is_label else ()


def _behind_first(run: Run, region: str) -> str | None:
    """Return the number behind digits that may belong to a word: `Flat 302 7013010001`."""
    first, *others = run.groups
    # A group that long is the start of a whole number, not of one's middle.
    if run.has_plus or len(first) not in (1, 2, 3, 4, 6) or len(others[0]) < _LONGEST_END:
        return None
    return whole("".join(others), False, region)


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
