"""The commands and configurations of docs/hosting.md, word for word."""

import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/hosting.md").read_text(encoding="utf-8")
# Where the page has its programs, and where its servers listen.
BIN = ".venv/bin/"
PORT = "8000"


def blocks(heading: str) -> Iterator[str]:
    """Yield the blocks of code in a section of the page."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", PAGE, re.M | re.S)
    assert found, f"docs/hosting.md has no section {heading}"
    yield from re.findall(r"^```\w+\n(.*?)^```", found[1], re.M | re.S)


def commands() -> dict[str, str]:
    """Return the command lines that start a server, each by its section and number."""
    found: dict[str, str] = {}
    for heading in re.findall(r"^### (.+)$", PAGE, re.M):
        lines = [line for block in blocks(heading) for line in block.split("\n")]
        starts = [line[2:] for line in lines if line.startswith(f"$ {BIN}")]
        for number, line in enumerate(starts, 1):
            found[heading if len(starts) == 1 else f"{heading} {number}"] = line
    return found


def command(line: str, port: int) -> list[str]:
    """Return a command line of the page with another port, and the programs of this Python."""
    here = f"{Path(sys.executable).parent}/"
    return [re.sub(rf"\b{PORT}$", str(port), part) for part in shlex.split(line.replace(BIN, here))]


def block(heading: str, language: str, number: int = 0) -> str:
    """Return a block of code in a section of the page, by its language and number."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", PAGE, re.M | re.S)
    assert found, f"docs/hosting.md has no section {heading}"
    texts: list[str] = re.findall(rf"^```{language}\n(.*?)^```", found[1], re.M | re.S)
    return texts[number]
