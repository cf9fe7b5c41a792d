"""Our own text is in plain English: without the phrases that the glossary bans."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GLOSSARY = ROOT / "docs" / "glossary.md"
HEAD = "| don't write | write |"
# The folders with our code and documentation, and what they contain that isn't ours.
FOLDERS = ("backend", "benchmarks", "docs", "examples", "tests")
NOT_OURS = ("vendor", "samples", "__pycache__", "node_modules")
# They quote sentences that earlier versions stored.
OLD_SENTENCES = (
    "backend/migrations/note_codes.py",
    "backend/migrations/versions/0008_reason_codes.py",
    "tests/core/reasons/test_two_columns.py",
    "tests/core/lifecycle/test_reason_codes.py",
)
SUFFIXES = {".py", ".md", ".js", ".css", ".html", ".ts", ".toml", ".mako"}
# Words that a function's docstring can't begin with: it begins with a verb.
NOT_VERBS = frozenset(re.findall(r"\w+", """
    a after all also an and any as at before both by each either else even every for from here how
    if in it its like more most neither no nobody none not nothing of on once one only otherwise
    people perhaps so some such that the their then there these this those to two until up what
    whatever when where whether which while who whose why with without
"""))  # fmt: skip
# Verbs that end like those of the third person.
ENDS_IN_S = frozenset({"address", "compress", "cross", "dismiss", "focus", "guess", "pass", "press",
                       "process"})  # fmt: skip


def _files() -> list[Path]:
    found = [
        path
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.suffix in SUFFIXES
        and not set(path.relative_to(ROOT).parts) & {*NOT_OURS}
        and path.relative_to(ROOT).as_posix() not in OLD_SENTENCES
    ]
    return sorted([*found, *ROOT.glob("*.md"), *ROOT.glob("*.py"), ROOT / "pyproject.toml"])


FILES = _files()


def banned() -> list[str]:
    """Return the phrases of the glossary's table, in lower case."""
    _, _, table = GLOSSARY.read_text(encoding="utf-8").partition(HEAD)
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", table, re.MULTILINE)
    return [phrase.strip().casefold() for row in rows[1:] for phrase in row.split("·")]


def _pattern(phrases: list[str]) -> re.Pattern[str]:
    """Return a pattern for the phrases, also across the lines of a comment or docstring."""
    each = (r"\s+(?:(?:#|//|\*)\s*)?".join(map(re.escape, one.split())) for one in phrases)
    return re.compile(rf"(?<!\w)(?:{'|'.join(each)})(?!\w)", re.IGNORECASE)


BANNED = _pattern(banned())


def our_text(path: Path) -> str:
    """Return a file's text for people, with all else blanked out so that lines keep their numbers.

    Of Python that is its comments and strings, of this project's changelog what isn't released yet.
    """
    text = path.read_text(encoding="utf-8").replace("’", "'")
    if not BANNED.search(text):
        return ""  # Most files: to tell text from code takes as long again.
    if path == GLOSSARY:
        return text.partition(HEAD)[0]
    if path.name == "CHANGELOG.md":
        return re.split(r"^## \[\d", text, flags=re.MULTILINE)[0]
    return _comments_and_strings(text) if path.suffix == ".py" else text


def _comments_and_strings(code: str) -> str:
    lines = [list(" " * len(line)) for line in code.splitlines()]
    source = code.splitlines()
    texts = {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", None)}
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type not in texts:
            continue
        (first, start), (last, end) = token.start, token.end
        for number in range(first, last + 1):
            line = source[number - 1]
            begin = start if number == first else 0
            stop = end if number == last else len(line)
            lines[number - 1][begin:stop] = line[begin:stop]
    return "\n".join(map("".join, lines))


def _is_property(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any("property" in ast.unparse(decorator) for decorator in node.decorator_list)


def _hits(text: str) -> Iterator[tuple[int, str]]:
    for match in BANNED.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, " ".join(match[0].split())


def test_the_table_is_read() -> None:
    assert len(banned()) > 80
    one, two = (next(each for each in banned() if each.count(" ") == spaces) for spaces in (0, 3))
    text = f"a line\nmore {one.upper()}\n# {'  '.join(two.split())}\n{one}xyz"
    assert list(_hits(text)) == [(2, one.upper()), (3, two)]


def test_no_banned_phrases() -> None:
    assert [
        f"{path.relative_to(ROOT)}:{line}: {phrase}"
        for path in FILES
        for line, phrase in _hits(our_text(path))
    ] == []


def test_docstrings_of_functions_begin_with_a_verb() -> None:
    paths = [path for path in FILES if path.suffix == ".py" and "backend" in path.parts]
    assert [line for path in paths for line in _no_verbs(path)] == []


def _no_verbs(path: Path) -> list[str]:
    wrong = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or _is_property(node):
            continue
        words = (ast.get_docstring(node) or "").casefold().split()
        word = words[0].strip(".,:`'\"") if words else "return"
        if word in NOT_VERBS or (word.endswith("s") and word not in ENDS_IN_S):
            wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}: {' '.join(words[:6])} …")
    return wrong
