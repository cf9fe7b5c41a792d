"""Reads tables whose columns are aligned with spaces, as terminals and old programs print them.

The columns are those that two or more spaces separate in each line, or else in the header, if the
rows below have a space in each of the same places.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from backend.core.sheets.errors import UnreadableFile

# How many lines are looked at, and how many of them above the header may be titles.
_LINES, _TITLES = 200, 10
_SPACES = re.compile(r"[ \u00a0]{2,}|[ \u00a0]*\t[ \u00a0]*")
_PIECE = re.compile(r"\S+(?:[ \u00a0]\S+)*")
# A line below the header: `-----  -----`, `=====`.
_RULE = re.compile(r"[-=_+* ]*[-=_]{3}[-=_+* ]*")


@dataclass(frozen=True, slots=True)
class Aligned:
    """How lines are cut: by their spaces into `width` cells, or at these places."""

    width: int
    cuts: tuple[int, ...] = ()

    def split(self, line: str, number: int) -> list[str]:
        """Return the cells of a line. Raises UnreadableFile for one that doesn't fit."""
        line = line.rstrip("\r\n")
        if not line.strip() or _RULE.fullmatch(line.strip()):
            return []
        cells = _SPACES.split(line.strip())
        if self.cuts:
            line = line.expandtabs()
            if all(_is_free(line, cut) for cut in self.cuts):
                places = (0, *self.cuts, len(line))
                return [line[start:end].strip() for start, end in pairwise(places)]
        # Alone, it is a title or a note.
        if len(cells) != 1 and (self.cuts or len(cells) != self.width):
            raise UnreadableFile(_does_not_fit(number))
        return cells


def find(sample: str, *, whole: bool) -> Aligned | None:
    """Return how a text's lines are aligned; None if it is no such table.

    If the sample isn't the `whole` text, its last line may be cut off. Raises UnreadableFile for a
    text that looks like one, but in which a row has its cells in other places.
    """
    lines = sample.splitlines()
    if not whole:
        lines = lines[:-1]
    told = [
        (number, line.expandtabs())
        for number, line in enumerate(lines[:_LINES], 1)
        if line.strip() and not _RULE.fullmatch(line.strip())
    ]
    for _ in range(_TITLES):
        if told and len(_SPACES.split(told[0][1].strip())) == 1:
            told.pop(0)
    if len(told) < 2:
        return None
    widths = [len(_SPACES.split(line.strip())) for _, line in told]
    if set(widths) == {widths[0]}:
        return Aligned(widths[0])
    if sum(width > 1 for width in widths) * 2 <= len(widths) or widths[0] < max(widths):
        return None
    rows = [line for _, line in told]
    if cuts := _cuts(rows):
        return Aligned(widths[0], cuts)
    odd = next(at for at in range(len(rows)) if not _cuts(rows[: at + 1]))
    raise UnreadableFile(_does_not_fit(told[odd][0]))


def _cuts(lines: Sequence[str]) -> tuple[int, ...]:
    """Return a place between each two names of the header that is free in all lines, or nothing.

    A column mostly begins where its name does. Numbers that end where it ends may begin before.
    """
    names = list(_PIECE.finditer(lines[0]))
    cuts = []
    for one, following in pairwise(names):
        free = [
            at
            for at in range(one.end(), following.start())
            if all(_is_free(line, at) for line in lines)
        ]
        # What is between two free places has no name.
        is_one = bool(free) and free[-1] - free[0] < len(free)
        if not is_one and following.start() - 1 not in free:
            return ()
        cuts.append(free[-1])
    return tuple(cuts)


def _is_free(line: str, at: int) -> bool:
    """Return whether a place is between two cells: a space alone is between two words."""
    if not line[at : at + 1].strip():
        return not line[at + 1 : at + 2].strip() or not line[max(at - 1, 0) : at].strip()
    return False


def _does_not_fit(number: int) -> str:
    return (
        f"The columns of the file are aligned with spaces, and row {number:,} doesn't fit them;"
        " please save it as .xlsx or .csv."
    )
