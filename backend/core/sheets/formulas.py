"""Keeps spreadsheet programs from running text as a formula, and reads formulas that are texts.

In a CSV file a cell that starts with one of `RISKY` gets an apostrophe in front (OWASP, "CSV
Injection"; ASVS 5.0, 1.2.10). So does a cell that already looks like that, so that `restore`
returns every text as it was.
"""

import re

# OWASP's list: what starts a formula, what some programs skip before one, and the full-width
# forms of the first four.
RISKY = "=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20"

# How else than with `="` a formula begins that is only a text.
TEXT_STARTS = ('= "', "=(", "=T(", "=CONC", "=t(", "=conc")

_TEXT = r'"(?:[^"]|"")*"'
_ONLY_TEXT = re.compile(
    # Spaces can be at one place each: a long row of them is read once.
    rf"=\s*(?:(?:T|CONCAT(?:ENATE)?)\s*)?(?:(?P<open>\()\s*)?"
    rf"(?P<texts>{_TEXT}(?:\s*[&,;]\s*{_TEXT})*)(?(open)\s*\))\s*",
    re.IGNORECASE,
)
_EACH_TEXT = re.compile(_TEXT)

_RISKY = frozenset(RISKY)
_LIKE_NEUTRALISED = re.compile(f"'+[{re.escape(RISKY)}]")


def is_risky(text: str) -> bool:
    """Return whether a program that guesses the type of a cell might run it as a formula."""
    return text[:1] in _RISKY


def neutralise(text: str) -> str:
    """Return a text for a file whose cells have no type, such as CSV."""
    return f"'{text}" if is_risky(text) else escape(text)


def escape(text: str) -> str:
    """Return a text for a file with typed cells, such as XLSX; `restore` undoes this, too."""
    # Nearly no cell begins like that, and a file has millions.
    return f"'{text}" if text[:1] == "'" and _LIKE_NEUTRALISED.match(text) else text


def restore(text: str) -> str:
    """Return the text that `neutralise` or `escape` was given."""
    return text[1:] if _LIKE_NEUTRALISED.match(text) else text


def text_of(cell: str) -> str:
    """Return the text of a formula that is only a text, and any other cell as it is.

    Programs write one so that Excel takes digits for a text: `="0123"`, `=T("0123")`, `="a"&"b"`.
    """
    found = _ONLY_TEXT.fullmatch(cell)
    if found is None:
        return cell
    texts = [one[1:-1].replace('""', '"') for one in _EACH_TEXT.findall(found["texts"])]
    return "".join(texts)
