r"""Finds out how a CSV file quotes: `'a, b'`, and `"a \"b\" c"`, as MySQL and scripts write it."""

import re
from dataclasses import dataclass

# A header in which each name has single quotes around it.
_SINGLE = re.compile(r"\s*'[^'\r\n]*'(?:\s*([,;\t|])\s*'[^'\r\n]*')+\s*")
# A quotation mark behind a backslash that can't end its cell, and isn't doubled.
_ESCAPED = re.compile(rb"\\\"(?=[^\",;\t|\r\n])")
_BACKSLASH = b"\\"


@dataclass(frozen=True, slots=True)
class Quoting:
    """The character around cells, whether a backslash comes before it within one, and NULLs.

    `delimiter` is what separates the cells, if the quotes show it. `has_nulls` is whether cells may
    be `\\N`, which is a blank one in databases.
    """

    quote: str = '"'
    is_escaped: bool = False
    has_nulls: bool = False
    delimiter: str | None = None

    def doubled(self, text: str) -> str:
        """Return a text in which quotes within a cell are doubled, as the csv module reads them."""
        return text.replace(f"\\{self.quote}", self.quote * 2) if self.is_escaped else text


PLAIN = Quoting()


def quoting_of(content: bytes, sample: str) -> Quoting:
    """Return how a file quotes its cells; `sample` is its start."""
    header = next((line for line in sample.splitlines() if line.strip()), "")
    found = _SINGLE.fullmatch(header) if header.lstrip()[:1] == "'" else None
    if found is None and _BACKSLASH not in content:
        return PLAIN
    return Quoting(
        "'" if found else '"',
        b"\\'" in content if found else _ESCAPED.search(content) is not None,
        b"\\N" in content,
        found[1] if found else None,
    )
