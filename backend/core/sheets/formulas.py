"""Text in spreadsheets that a spreadsheet program must not take for a formula.

In a CSV file a cell that starts with one of `RISKY` gets an apostrophe in front (OWASP, "CSV
Injection"; ASVS 5.0, 1.2.10). So does a cell that would look as if it had got one, and thereby
`restore` gives back every text as it was.
"""

import re

# OWASP's list: what starts a formula, what some programs skip before one, and the full-width
# forms of the first four.
RISKY = "=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20"

_RISKY = re.compile(f"[{re.escape(RISKY)}]")
_LIKE_NEUTRALISED = re.compile(f"'+[{re.escape(RISKY)}]")


def is_risky(text: str) -> bool:
    """Whether a program that guesses what a cell is might take it for a formula."""
    return _RISKY.match(text) is not None


def neutralise(text: str) -> str:
    """For a file whose cells have no type, such as CSV."""
    return f"'{text}" if is_risky(text) else escape(text)


def escape(text: str) -> str:
    """For a file that says of a cell that it is text, such as XLSX: `restore` undoes this too."""
    return f"'{text}" if _LIKE_NEUTRALISED.match(text) else text


def restore(text: str) -> str:
    """The text that `neutralise` or `escape` was given."""
    return text[1:] if _LIKE_NEUTRALISED.match(text) else text
