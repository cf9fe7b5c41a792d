"""A module fits in a head: most have a screen or two, and the longest some six."""

import statistics
from pathlib import Path

BACKEND = Path(__file__).parents[1] / "backend"
# In lines.
MEDIAN, LONGEST = 100, 350
# All tables, which are read together.
MAY_BE_LONGER = {BACKEND / "models.py"}


def test_modules_are_short() -> None:
    lines = {
        path: len(path.read_text(encoding="utf-8").splitlines()) for path in BACKEND.rglob("*.py")
    }
    assert statistics.median(lines.values()) <= MEDIAN
    longer = {path for path, count in lines.items() if count > LONGEST}
    assert longer == MAY_BE_LONGER
