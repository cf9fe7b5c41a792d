"""What is sent as one file does the same as the modules of which it is made."""

import re

import pytest

from backend.api import linking, page
from tests.web.app import MODULES, imports, source
from tests.web.javascript import tokens

ENTRY = "app.js"
JOINED = page.joined()
OTHERS = [one for one in MODULES if one not in JOINED and one != ENTRY]
PART = re.compile(
    r"^const (?P<object>\$\w+) = \(\(\) => \{ // (?P<name>\S+)\n"
    r"(?P<body>.*?)^return \{ (?P<exports>[^}]*) \};\n\}\)\(\);\n",
    re.MULTILINE | re.DOTALL,
)
# A name in a module, in which module it is, and what it is called there.
Binding = tuple[str, str, str]


def sent(module: str) -> str:
    return page._find(module).content.decode()


def parts() -> dict[str, re.Match[str]]:
    return {found["name"]: found for found in PART.finditer(sent(ENTRY))}


def objects() -> dict[str, str]:
    """Return the module that each object is of."""
    outside = re.findall(r'^import \* as (\$\w+) from "\./(.+)";$', sent(ENTRY), re.MULTILINE)
    return {**dict(outside), **{found["object"]: name for name, found in parts().items()}}


def split(code: list[str]) -> tuple[list[str], list[str]]:
    """Return the tokens of what a module imports, and the others."""
    at = 0
    while code[at : at + 1] in (["import"], ["\n"]) or is_taken(code[at:]):
        at = code.index(";", at) + 1 if code[at] != "\n" else at + 1
    return code[:at], [one for one in code[at:] if one != "\n"]


def is_taken(code: list[str]) -> bool:
    """Return whether the tokens begin with `const { … } = $object;`."""
    if code[:2] != ["const", "{"]:
        return False
    end = code.index("}")
    return code[end + 1] == "=" and code[end + 2].startswith("$")


def bindings(module: str, head: list[str]) -> set[Binding]:
    """Return what the imports at the top of a module mean."""
    text = " ".join(head)
    found: set[Binding] = set()
    known = objects()
    for names, address in re.findall(r'import \{ ([^}]*) \} from "(.+?)" ;', text):
        target = linking._path(module, address)
        if target == ENTRY:
            # The object that the file exports under its own name.
            assert names.startswith("$")
            assert names in known
            continue
        found |= {(own, target, name) for name, own in pairs(names, "as")}
    for names, taken in re.findall(r"const \{ ([^}]*) \} = (\$\w+) ;", text):
        found |= {(own, known[taken], name) for name, own in pairs(names, ":")}
    return found


def pairs(names: str, sign: str) -> list[tuple[str, str]]:
    """Return the name there and here, of each of `a, b as c`."""
    listed = [one.split(f" {sign} ") for one in names.replace("\n", "").split(",") if one.strip()]
    return [(one[0].strip(), one[-1].strip()) for one in listed]


@pytest.mark.parametrize("module", OTHERS)
def test_a_module_of_its_own_takes_the_same_names_from_the_same_modules(module: str) -> None:
    head, rest = split(tokens(source(module)))
    sent_head, sent_rest = split(tokens(sent(module)))

    assert sent_rest == rest
    assert bindings(module, sent_head) == bindings(module, head)


@pytest.mark.parametrize("module", JOINED)
def test_a_joined_module_is_the_same_program(module: str) -> None:
    head, rest = split(tokens(source(module)))
    found = parts()[module]
    sent_head, sent_rest = split(tokens(found["body"]))

    assert bindings(ENTRY, sent_head) == bindings(module, head)
    exported = [rest[at + 1 :] for at, one in enumerate(rest) if one == "export"]
    names = {
        ("default" if code[0] == "default" else name_in(code), name_in(code)) for code in exported
    }
    assert {*pairs(found["exports"].replace(":", " :"), ":")} == names
    assert addressed(ENTRY, sent_rest) == addressed(module, without_exports(rest))


KINDS = {"default", "async", "function", "const", "class"}


def name_in(code: list[str]) -> str:
    return next(one for one in code if one not in KINDS)


def without_exports(code: list[str]) -> list[str]:
    return [
        one
        for at, one in enumerate(code)
        if one != "export" and (one, code[at - 1]) != ("default", "export")
    ]


def addressed(module: str, code: list[str]) -> list[str]:
    """Return tokens with the paths of the modules that are imported later."""
    return [
        linking._path(module, one.strip('"')) if code[at - 2 : at] == ["import", "("] else one
        for at, one in enumerate(code)
    ]


def test_the_entry_point_is_the_same_program() -> None:
    head, rest = split(tokens(source(ENTRY)))
    after = sent(ENTRY)[max(found.end() for found in parts().values()) :]
    sent_head, sent_rest = split(tokens(after))

    assert bindings(ENTRY, sent_head) == bindings(ENTRY, head)
    exported = ", ".join(found["object"] for found in parts().values())
    assert sent_rest == [*rest, *[o for o in tokens(f"export {{ {exported} }};") if o != "\n"]]


def test_each_module_runs_after_those_that_it_imports() -> None:
    assert sorted(parts()) == sorted(JOINED)
    assert [*parts()] == [*JOINED]
    known: set[str] = set()
    for module in JOINED:
        assert imports(module) & {*JOINED} <= known, module
        known.add(module)


@pytest.mark.parametrize("module", MODULES)
def test_modules_are_written_in_the_forms_that_are_understood(module: str) -> None:
    code = tokens(source(module))
    # Objects of modules have names that begin so.
    assert not [one for one in code if re.match(r"\$\w", one)]
    head, rest = split(code)
    assert "*" not in head
    assert all(rest[at + 1] in ("(", ".", ":") for at, one in enumerate(rest) if one == "import")
    for at, one in enumerate(rest):
        if one == "export" and module in JOINED:
            # Of a variable the others would have the value that it had at first.
            assert rest[at + 1] in KINDS, rest[at : at + 4]


@pytest.mark.parametrize("module", JOINED)
def test_what_depends_on_its_own_file_is_not_joined(module: str) -> None:
    code = page._code(module)
    assert "import.meta" not in code
    assert "import(`" not in code
    # At the top of a module, which a function that isn't asynchronous can't have.
    assert not re.search(r"^(?:const .*|\w+ = )?\(?await\b", source(module), re.MULTILINE)


def test_objects_have_different_names() -> None:
    assert len({linking._object(one) for one in MODULES}) == len(MODULES)
