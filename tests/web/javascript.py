"""Read the tokens of a module, as far as is needed to see that two texts are the same program."""

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<comment>//[^\n]*|/\*.*?\*/)"
    r"""|(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
    r"|(?P<word>[\w$#]+)"
    r"|(?P<sign>=>|\?\.|\?\?=?|[<>=!]==?|&&|\|\||\+\+|--|\*\*|\.\.\.|[^\s\w])",
    re.DOTALL,
)
_REGEX = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/\w*")
# A part of a template: up to where it ends, or where a `${` interrupts it.
_PART = re.compile(r"((?:\\.|[^`\\$]|\$(?!\{))*)(`|\$\{)", re.DOTALL)
# After these, a slash divides.
_VALUES = re.compile(r"[\w$)\]}\"'`]\Z")
_KEYWORDS = {"return", "typeof", "case", "in", "of", "void", "delete", "await", "yield", "do"}
_INDENTED = re.compile(r"\n\s+")


def tokens(code: str) -> list[str]:
    """Return the tokens without comments; `\\n` for the breaks of lines between two of them.

    Where a line within a template begins isn't told: neither HTML nor our texts depend on it.
    """
    found: list[str] = []
    for one in _read(code):
        if one != "\n" or (found and found[-1] != "\n"):
            found.append(one)
    return found[:-1] if found[-1:] == ["\n"] else found


def templates(code: str) -> list[str]:
    """Return the templates with more than one line: each with the name of its tag in front."""
    read = tokens(code)
    return [
        (read[at - 1] if at else "") + one
        for at, one in enumerate(read)
        if one.startswith("`") and "\n" in one
    ]


def _read(code: str) -> Iterator[str]:
    at, before = 0, ""
    # For each template that is open, how many braces are open in its `${`.
    open_: list[int] = []
    while at < len(code):
        if code[at] == "`" or (code[at] == "}" and open_ and open_[-1] == 0):
            if code[at] == "}":
                open_.pop()
            part = _PART.match(code, at + 1)
            assert part is not None, code[at : at + 60]
            at, before = part.end(), "`" if part[2] == "`" else "{"
            if part[2] == "${":
                open_.append(0)
            yield _INDENTED.sub("\n", part[0] if code[part.start() - 1] == "}" else f"`{part[0]}")
            continue
        found = _regex(code, at, before) or _TOKEN.match(code, at)
        assert found is not None, code[at : at + 60]
        at, text = found.end(), found[0]
        kind = found.lastgroup
        if kind in ("space", "comment"):
            if "\n" in text:
                yield "\n"
            continue
        if open_ and kind == "sign":
            open_[-1] += {"{": 1, "}": -1}.get(text, 0)
        before = text
        yield text


def _regex(code: str, at: int, before: str) -> re.Match[str] | None:
    if code[at] != "/" or code.startswith(("//", "/*"), at):
        return None
    divides = _VALUES.search(before) is not None and before not in _KEYWORDS
    return None if divides else _REGEX.match(code, at)
