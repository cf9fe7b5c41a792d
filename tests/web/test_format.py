"""The format that holds even where Node, and so Prettier, is missing."""

from pathlib import Path

import pytest

from tests.web.app import WEB

FILES = sorted(
    path
    for folder in ("app", "docs", "types")
    for path in (WEB / folder).rglob("*")
    if path.suffix in {".js", ".ts", ".css", ".html"}
)
LONGEST = 100


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(WEB).as_posix())
def test_lines_fit(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [one for one in lines if len(one) > LONGEST or one != one.rstrip()] == []
