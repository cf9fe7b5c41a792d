"""Figures with their bounds, timing two functions in turn, and the table to print."""

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement.

    With a `floor` in the same unit, `bound` limits the `ratio`. Without a floor, it limits `ours`,
    in its unit. A figure without a bound is informational.
    """

    what: str
    ours: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    bound: float | None = None

    @property
    def over(self) -> bool:
        """Return whether the bound is exceeded."""
        measured = self.ours if self.ratio is None else self.ratio
        return self.bound is not None and measured > self.bound


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure: the databases, the servers, and the share of the full sizes.

    The bounds apply to the full sizes. A small share only shows that everything still runs.
    """

    databases: Sequence[str]
    servers: Sequence[str]
    share: float = 1.0

    def size(self, full: int) -> int:
        return max(1, round(full * self.share))

    def rounds(self, full: int) -> int:
        return full if self.share == 1 else 1


class Race:
    """Times ours and the floor in turn, so that other load on the machine slows both.

    Both times are means, and the ratio is that of the totals: a median or a best time would hide
    costs that occur only every few calls, such as a full garbage collection.
    """

    def __init__(self) -> None:
        self._rounds: list[tuple[float, float]] = []

    def add(self, ours: float, floor: float) -> None:
        """Add one round, in seconds."""
        self._rounds.append((ours, floor))

    def run(self, rounds: int, ours: Callable[[], object], floor: Callable[[], object]) -> None:
        for _ in range(rounds):
            self.add(seconds(ours), seconds(floor))

    def figure(self, what: str, bound: float | None) -> Figure:
        ours, floor = (statistics.fmean(times) for times in zip(*self._rounds, strict=True))
        return Figure(what, ours * 1e3, "ms", floor * 1e3, ours / floor, bound)


def seconds(call: Callable[[], object]) -> float:
    """Return how long a call takes, in seconds."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def table(title: str, figures: Iterable[Figure]) -> str:
    """Return the figures as a Markdown table with aligned columns."""
    cells = [(title, "ours", "floor", "ratio", "bound", "")]
    for figure in figures:
        ratio, unit = figure.ratio, figure.unit
        bound = "" if figure.bound is None else f"{figure.bound:g}"
        cells.append(
            (
                figure.what,
                _amount(figure.ours, unit),
                "" if figure.floor is None else _amount(figure.floor, unit),
                "" if ratio is None else f"{ratio:.2f}",
                f"{bound}×" if bound and ratio is not None else f"{bound} {unit}" if bound else "",
                "" if figure.bound is None else "over" if figure.over else "ok",
            )
        )
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in cells
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def _amount(value: float, unit: str) -> str:
    digits = 0 if float(value).is_integer() or abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:.{digits}f} {unit}"
