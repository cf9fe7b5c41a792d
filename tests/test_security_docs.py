"""`docs/security.md` is true: each test that it names exists, each row of ASVS is in it, and what
each role sees is what the routes answer.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter
from typing_extensions import is_typeddict

from backend.api.operation import Access
from backend.api.routes import OPERATIONS
from backend.models import Role

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
# The rows of ASVS 5.0 at level 1 and 2: of each section the last one that is at these levels, and
# those below it that are at level 3.
ROWS = {
    "V1.1": 2, "V1.2": 9, "V1.3": 11, "V1.4": 3, "V1.5": 2,
    "V2.1": 3, "V2.2": 3, "V2.3": 4, "V2.4": 1,
    "V3.2": 2, "V3.3": 4, "V3.4": 6, "V3.5": 5, "V3.7": 2,
    "V4.1": 3, "V4.2": 1, "V4.3": 2, "V4.4": 4,
    "V5.1": 1, "V5.2": 3, "V5.3": 2, "V5.4": 3,
    "V6.1": 3, "V6.2": 12, "V6.3": 4, "V6.4": 4, "V6.5": 5, "V6.6": 3, "V6.8": 4,
    "V7.1": 3, "V7.2": 4, "V7.3": 2, "V7.4": 5, "V7.5": 2, "V7.6": 2,
    "V8.1": 2, "V8.2": 3, "V8.3": 1, "V8.4": 1,
    "V9.1": 3, "V9.2": 4,
    "V10.1": 2, "V10.2": 2, "V10.3": 4, "V10.4": 11, "V10.5": 5, "V10.6": 2, "V10.7": 3,
    "V11.1": 2, "V11.2": 3, "V11.3": 3, "V11.4": 4, "V11.5": 1, "V11.6": 1,
    "V12.1": 3, "V12.2": 2, "V12.3": 4,
    "V13.1": 1, "V13.2": 5, "V13.3": 2, "V13.4": 5,
    "V14.1": 2, "V14.2": 4, "V14.3": 3,
    "V15.1": 3, "V15.2": 3, "V15.3": 7,
    "V16.1": 1, "V16.2": 5, "V16.3": 4, "V16.4": 3, "V16.5": 3,
    "V17.1": 1, "V17.2": 4, "V17.3": 2,
}  # fmt: skip
LEADS, EDITORS = "team_lead", "team_lead, team_member"
EVERYONE = f"{EDITORS}, observer"


def section(heading: str) -> str:
    """Return what the page says below a heading."""
    _, found, rest = PAGE.partition(f"\n## {heading}\n")
    assert found, heading
    return rest.partition("\n## ")[0]


def asvs() -> list[tuple[str, str, str, str]]:
    """Return the rows of the table: the number, met or not, how, and what keeps it."""
    return re.findall(
        r"^\| (V[\d.]+) \| (met|\*\*not met\*\*) \| ([^|]+) \| ([^|]*) \|$",
        section("ASVS 5.0, level 2"),
        re.M,
    )


def elsewhere() -> list[str]:
    """Return the rows that don't apply, or that only the host decides."""
    text = section("ASVS 5.0, level 2").partition("### Rows that aren't counted")[2]
    return re.findall(r"V\d+\.\d+\.\d+", text)


def test_each_row_is_there_once() -> None:
    expected = [f"{name}.{number}" for name, last in ROWS.items() for number in range(1, last + 1)]
    listed = [row[0] for row in asvs()]
    assert sorted([*listed, *elsewhere()]) == sorted(expected)
    order = [tuple(map(int, row[1:].split("."))) for row in listed]
    assert order == sorted(order)


def test_the_rows_are_counted() -> None:
    rows = asvs()
    met = sum(state == "met" for _, state, *_ in rows)
    left = f"{len(elsewhere())} aren't counted"
    assert f"Of 253 rows, {len(rows)} apply. {met} of them are met; {left}" in PAGE
    assert met / len(rows) >= 0.95


def test_each_row_that_is_met_names_what_keeps_it() -> None:
    for number, state, how, kept_by in asvs():
        assert how.strip(), number
        assert kept_by.strip() or state != "met", number


def test_each_test_that_is_named_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)
    assert len(named) > 100
    for file, function in named:
        path = ROOT / file
        assert path.exists(), file
        if function:
            text = path.read_text(encoding="utf-8")
            assert re.search(rf"^(?:async )?def {function}\(", text, re.M), f"{file}::{function}"


def test_what_each_role_sees_is_what_the_routes_answer() -> None:
    listed = re.findall(
        r"^\| `(\w+)` \| ([\w, `]+) \| ([\w, ]+) \|$", section("What each role sees and does"), re.M
    )
    assert [tuple(one) for one in listed] == list(seen())


def seen() -> Iterator[tuple[str, str, str]]:
    """Yield each object that a route answers with: its name, its fields, and who gets it."""
    who: dict[type, list[Access]] = {}
    for operation in OPERATIONS:
        if operation.documented:
            for model in models(operation.answer):
                who.setdefault(model, []).append(operation.access)
    for model, accesses in sorted(
        who.items(), key=lambda item: (item[0].__name__, item[0].__module__)
    ):
        fields = ", ".join(f"`{name}`" for name in get_type_hints(model))
        yield model.__name__, fields, roles(accesses)


def models(answer: Any) -> set[type]:
    """Return the objects in an answer, also those within others."""
    found: set[type] = set()
    todo = [answer]
    while todo:
        one = todo.pop()
        if is_typeddict(one):
            if one in found:
                continue
            TypeAdapter(one)  # that it is a model at all
            found.add(one)
            todo += get_type_hints(one).values()
        todo += get_args(one)
    return found


def roles(accesses: list[Access]) -> str:
    if not all(one.signed_in for one in accesses):
        return "anyone"
    allowed = {role for one in accesses for role in one.roles or set(Role)}
    return ", ".join(
        role for role in (Role.TEAM_LEAD, Role.TEAM_MEMBER, Role.OBSERVER) if role in allowed
    )


if __name__ == "__main__":
    # `python -m tests.test_security_docs` prints the table of roles, to be put into the page.
    for name, fields, who in seen():
        sys.stdout.write(f"| `{name}` | {fields} | {who} |\n")
